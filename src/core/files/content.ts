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

export type BlockFaultCode =
  /** Characters that are no Base64, or characters missing. */
  | 'bad-base64'
  /** A space between characters of one line: OpenSSL skips it, so alone it does no harm. */
  | 'inner-space'
  /** A line break spelled as backslash and n, as in JSON: nothing is lost, but no program reads it. */
  | 'written-newline'
  /** An empty line between the lines of Base64: OpenSSL finds nothing, most other readers do not mind. */
  | 'blank-line'
  | 'no-end-line'
  /** BEGIN and END say different things, or the label something else than the content. */
  | 'label-mismatch'
  | 'empty-block'
  | 'bad-headers'
  /** The BEGIN or END line is indented or shares its line with other text: OpenSSL does not see it. */
  | 'not-at-line-start';

/** Damage inside one block: where people look (line, column, counted from 1) and where programs look (offset). */
export interface BlockFault {
  readonly code: BlockFaultCode;
  /** Into the file. */
  readonly offset: number;
  readonly line: number;
  readonly column: number;
  /** A half sentence in plain words, without the place: `"|" is no Base64 character`. */
  readonly message: string;
}

export interface Block {
  /** Counted from 0 within the file. */
  readonly index: number;
  readonly kind: BlockKind;
  /** The word(s) between BEGIN and the dashes; undefined for DER. */
  readonly label: string | undefined;
  /** With its article, for messages: `an encrypted private key (PKCS#8)`. */
  readonly description: string;
  /** Into the file: of the BEGIN line, or 0 for DER. */
  readonly offset: number;
  readonly length: number;
  readonly line: number;
  /** RFC 1421 headers (`Proc-Type`, `DEK-Info`). */
  readonly headers: ReadonlyMap<string, string>;
  /** The decoded bytes; after a `bad-base64` fault, what is left when the offending characters are dropped. */
  readonly der: Uint8Array;
  /** Of a certificate with damaged Base64: each line decoded by itself, so that one damaged line does not shift the others. */
  readonly realigned?: Uint8Array;
  readonly privateKeyForm?: PrivateKeyForm;
  readonly faults: readonly BlockFault[];
}

/** What was odd about the file as a whole and was put right in reading it. */
export interface Repairs {
  readonly bom: boolean;
  readonly utf16: boolean;
  readonly crlf: boolean;
  /** Lines end with a lone CR: OpenSSL sees one endless line and reads nothing. */
  readonly loneCr: boolean;
  readonly bagAttributes: boolean;
  readonly strayText: boolean;
}

/** What a file is, said before anybody judges it. */
export interface FileContent {
  /** `pem` and `der` hold blocks, so does `base64-without-header`; the rest is named so that a message can say what came instead. */
  readonly form:
    | 'pem'
    | 'der'
    | 'base64-without-header'
    | 'empty'
    | 'html'
    | 'json'
    | 'xml'
    | 'zip'
    | 'jks'
    | 'text'
    | 'binary'
    | 'too-large';
  /** With its article, for messages: `an HTML page`, `a certificate signing request (CSR) in PEM`. */
  readonly description: string;
  readonly blocks: readonly Block[];
  /** The file holds more blocks than the budget allows; the rest was not read. */
  readonly moreBlocks: boolean;
  readonly repairs: Repairs;
  /** Bytes after the end of a DER object. */
  readonly trailingBytes: number;
  readonly size: number;
  /** Why a file that looks like DER could not be read as such. */
  readonly error?: DerError;
}
