export type AccessErrorCode =
  | 'wrong-credentials'
  | 'locked-out'
  | 'not-signed-in'
  | 'csrf'
  | 'forbidden'
  | 'setup-needed'
  | 'setup-done'
  | 'setup-link-invalid'
  | 'weak-password'
  | 'name-taken'
  | 'no-such-user'
  | 'no-such-token'
  | 'last-admin'
  | 'changed-meanwhile'
  | 'idempotency-key-reused'
  | 'still-running';

/** Somebody may not do what he asked for; the message says why and what helps, and gives nothing away. */
export class AccessError extends Error {
  override readonly name = 'AccessError';
  readonly code: AccessErrorCode;
  /** When it is worth trying again. */
  readonly retryAfterSeconds: number | undefined;
  constructor(code: AccessErrorCode, message: string, retryAfterSeconds?: number) {
    super(message);
    this.code = code;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}
