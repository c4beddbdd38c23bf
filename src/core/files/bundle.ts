import type { DerError } from '../der/errors.ts';
import type { Certificate } from '../x509/certificate.ts';
import type { Block, BlockKind, FileContent } from './content.ts';
import type { Salvaged } from './salvage.ts';

/** A certificate of an uploaded file, read or not. */
export interface FileCertificate {
  readonly file: 'crt' | 'chain';
  readonly block: Block;
  /** Undefined where `error` says why. */
  readonly certificate: Certificate | undefined;
  readonly error: DerError | undefined;
  /** Where there is an error: what can still be made out. */
  readonly salvaged: Salvaged | undefined;
}

export interface CrtFile {
  readonly content: FileContent;
  /** The certificate to judge: the only end-entity one, or the first, or whatever came closest to one. */
  readonly leaf: FileCertificate | undefined;
  /** The others of the same file, exact duplicates of earlier ones dropped. */
  readonly rest: readonly FileCertificate[];
  readonly duplicates: number;
  /** How many different certificates of the file are end-entity certificates (no CA), as far as they can be read. */
  readonly endEntities: number;
}

export interface ChainFile {
  readonly content: FileContent;
  /** In the order of the file, duplicates kept. */
  readonly certificates: readonly FileCertificate[];
  /** Blocks that are no certificates. */
  readonly foreign: readonly BlockKind[];
}

/** Why a private key could not be opened. No message holds anything of the key or the passphrase. */
export interface KeyProblem {
  readonly code:
    | 'passphrase-missing'
    | 'passphrase-wrong'
    /** The cipher or derivation is known, or not even that, and cannot be computed here. */
    | 'cipher-unsupported'
    /** A browser cannot compute it; the server and the command line can. */
    | 'cipher-not-here'
    | 'derivation-over-budget'
    | 'malformed'
    /** A format that holds a private key and that no TLS server reads: OpenSSH. */
    | 'format-unsupported';
  /** One or two sentences. */
  readonly message: string;
}

export interface KeyFile {
  readonly content: FileContent;
  /** The private-key blocks. */
  readonly keys: readonly Block[];
  readonly encrypted: boolean;
  /** E.g. `PBES2 (PBKDF2-HMAC-SHA256, 2048 iterations, AES-256-CBC)`. */
  readonly encryption: string | undefined;
  /** The opened key as DER PKCS#8; `wipeBundle` zeroes it. */
  readonly pkcs8: Uint8Array | undefined;
  /** Its public half as DER SubjectPublicKeyInfo. */
  readonly spki: Uint8Array | undefined;
  readonly problem: KeyProblem | undefined;
}

/** The three files and the passphrase, read but not judged. */
export interface OpenedBundle {
  readonly crt: CrtFile;
  readonly key: KeyFile | undefined;
  /** From the .pem; where none came and the .crt holds CAs too, from there (`chainFromCrt`). */
  readonly chain: ChainFile | undefined;
  readonly chainFromCrt: boolean;
  /** UTF-8; `wipeBundle` zeroes it. */
  readonly passphrase: Uint8Array | undefined;
}
