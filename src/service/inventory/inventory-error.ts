export type InventoryErrorCode =
  | 'not-found'
  | 'name-taken'
  | 'changed-meanwhile'
  | 'invalid'
  | 'certificate-in-use'
  | 'key-in-use'
  | 'common-name-in-use'
  | 'confirmation-needed'
  | 'reason-needed'
  | 'nothing-to-activate'
  | 'nothing-to-roll-back'
  | 'nothing-to-confirm'
  | 'no-passphrase-kept'
  | 'retired'
  | 'built-in'
  | 'in-use'
  | 'already-there'
  | 'crl-refused'
  | 'crl-older'
  | 'activation-refused';

/** What was asked for cannot be done as things stand; the message says why and what helps. */
export class InventoryError extends Error {
  override readonly name = 'InventoryError';
  readonly code: InventoryErrorCode;
  /** Who stands in the way, where somebody does. */
  readonly holder: string | undefined;
  constructor(code: InventoryErrorCode, message: string, holder?: string) {
    super(message);
    this.code = code;
    this.holder = holder;
  }
}
