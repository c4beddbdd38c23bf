import type { DerError } from '../der/errors.ts';

/** What a PEM block or a DER file holds. */
export type BlockKind =
  | 'certificate'
  | 'trusted-certificate'
  | 'csr'
  | 'crl'
  | 'private-key'
  | 'encrypted-private-key'
  | 'openssh-private-key'
  | 'public-key'
  | 'pkcs7'
  | 'pkcs12'
  | 'parameters'
  | 'unknown';

export type PrivateKeyForm = 'pkcs1' | 'pkcs8' | 'sec1' | 'dsa' | 'openssh';

/** Damage inside one block: where people look (line, column, counted from 1) and where programs look (offset). */
export interface BlockFault {
  readonly code: 'bad-base64' | 'no-end-line' | 'label-mismatch' | 'empty-block' | 'bad-headers';
  /** Into the file. */
  readonly offset: number;
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

export interface Block {
  /** Counted from 0 within the file. */
  readonly index: number;
  readonly kind: BlockKind;
  /** The word(s) between BEGIN and the dashes; undefined for DER. */
  readonly label: string | undefined;
  /** Into the file: of the BEGIN line, or 0 for DER. */
  readonly offset: number;
  readonly length: number;
  readonly line: number;
  /** RFC 1421 headers (`Proc-Type`, `DEK-Info`). */
  readonly headers: ReadonlyMap<string, string>;
  /** The decoded bytes; after a `bad-base64` fault, what is left when the offending characters are dropped. */
  readonly der: Uint8Array;
  readonly privateKeyForm?: PrivateKeyForm;
  readonly faults: readonly BlockFault[];
}

/** What was odd about the file as a whole and was put right in reading it. */
export interface Repairs {
  readonly bom: boolean;
  readonly utf16: boolean;
  readonly crlf: boolean;
  readonly bagAttributes: boolean;
  readonly strayText: boolean;
}

/** What a file is, said before anybody judges it. */
export interface FileContent {
  /** `pem` and `der` hold blocks; the rest is named so that a message can say what came instead. */
  readonly form: 'pem' | 'der' | 'base64-without-header' | 'empty' | 'html' | 'json' | 'xml' | 'zip' | 'jks' | 'text' | 'binary' | 'too-large';
  readonly blocks: readonly Block[];
  readonly repairs: Repairs;
  /** Bytes after the end of a DER object. */
  readonly trailingBytes: number;
  readonly size: number;
  /** Why a file that looks like DER could not be read as such. */
  readonly error?: DerError;
}
