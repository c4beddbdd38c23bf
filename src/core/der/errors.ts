/** Every way in which bytes can fail to be the DER that was expected. */
export type DerErrorCode =
  | 'truncated'
  | 'length-beyond-parent'
  | 'indefinite-length'
  | 'non-minimal-length'
  | 'length-too-large'
  | 'high-tag-number'
  | 'missing-element'
  | 'unexpected-tag'
  | 'trailing-bytes'
  | 'bad-boolean'
  | 'bad-integer'
  | 'bad-null'
  | 'bad-oid'
  | 'bad-bit-string'
  | 'bad-string'
  | 'bad-time'
  | 'bad-value'
  | 'empty'
  | 'too-many';

/** The one thing the reader throws: what is wrong, and at which byte. */
export class DerError extends Error {
  override readonly name = 'DerError';
  readonly code: DerErrorCode;
  /** Byte offset into the array that is being read. */
  readonly offset: number;

  constructor(code: DerErrorCode, offset: number, message: string) {
    super(`${message} (byte ${offset})`);
    this.code = code;
    this.offset = offset;
  }
}
