import type { Report } from '../../../src/core/base/finding.ts';
import type { CrlReply } from '../../../src/core/base/ports.ts';
import type { Profile } from '../../../src/core/requirements/profile.ts';
import type { FleetMatch } from '../../../src/core/requirements/rule.ts';
import type { ChainPictureData } from '../report/chain.ts';

/** What the page and its worker say to one another: plain data that can be cloned. */

export type BundlePart = 'crt' | 'key' | 'chain';

/** A file as somebody dropped it. */
export interface NamedFile {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** What the user says it is; absent: its content decides. */
  readonly as?: BundlePart;
}

/** What a file turned out to be, whatever its name says. */
export interface RecognisedFile {
  readonly name: string;
  readonly size: number;
  /** With its article: `a certificate in PEM`, `an HTML page (…)`. */
  readonly description: string;
  /** What it serves as; empty: as nothing, and `note` says why. */
  readonly usedAs: readonly (BundlePart | 'crl')[];
  /** What was odd, or put right, in one or two sentences. */
  readonly note?: string;
  /** What to do, with a command where one helps; it calls the file by its real name. */
  readonly fix?: string;
}

/** All files together: which part of the bundle came from where. */
export interface Recognised {
  readonly files: readonly RecognisedFile[];
  /** What is checked, and would be uploaded: the files as they came, or what was cut out of them. */
  readonly bundle: { readonly [Part in BundlePart]?: Uint8Array };
  /** The names behind the parts. */
  readonly names: { readonly [Part in BundlePart]?: string };
  /** CRLs among the files, as they came. */
  readonly crls: readonly Uint8Array[];
  /** Parts were cut out of a file or put together out of several. */
  readonly rearranged: boolean;
  /** DER of every certificate of the bundle, the leaf first: what a server may be told to look for CRLs. Never a key. */
  readonly certificates: readonly Uint8Array[];
  /** The host name that the certificate carries: its first DNS name, else its CN. */
  readonly hostname?: string;
  /** The key needs a passphrase. */
  readonly encrypted: boolean;
}

/** The bytes that a finding speaks of, with some around them. Never of a key file. */
export interface Evidence {
  /** `der`: bytes of a decoded block. `text`: characters of the file itself. */
  readonly kind: 'der' | 'text';
  readonly file: BundlePart;
  readonly block?: number;
  /** Where `bytes` begins in the block, or in the file. */
  readonly start: number;
  readonly bytes: Uint8Array;
  /** The range meant, counted as `start` is. */
  readonly from: number;
  readonly to: number;
}

/** What the inventory knows of others with the same name, certificate or key. */
export interface FleetFacts {
  readonly commonName: readonly FleetMatch[];
  readonly certificate: readonly FleetMatch[];
  readonly key: readonly FleetMatch[];
}

/** CRLs as the server has them, of `POST /crls/for`. */
export interface ServerCrls {
  readonly held: readonly Uint8Array[];
  readonly replies: readonly (Pick<CrlReply<unknown>, 'url' | 'from' | 'failure'> & {
    readonly crl: Uint8Array | undefined;
  })[];
  /** ISO 8601: the time of the server, which the CRLs are judged for. */
  readonly at: string;
}

export interface CheckCircumstances {
  readonly profile?: string | Profile;
  readonly hostname?: string;
  readonly role?: 'sensor' | 'ha';
  /** ISO 8601; absent: now. */
  readonly at?: string;
  readonly crl?: 'on' | 'off';
  /** CRL files; with them nothing is asked of the server. */
  readonly crls?: readonly Uint8Array[];
  readonly trust?: readonly Uint8Array[];
  readonly fleet?: FleetFacts;
  /** It is for an appliance: what its upload form demands must be there. */
  readonly upload?: boolean;
  readonly name?: string;
}

/** Large things go to the worker once; later requests name them. */
export type Shipped = { readonly ref: number; readonly bytes?: Uint8Array };

/** {@link ServerCrls} on their way. */
export interface ShippedCrls {
  readonly held: readonly Shipped[];
  readonly replies: readonly (Pick<CrlReply<unknown>, 'url' | 'from' | 'failure'> & {
    readonly crl: Shipped | undefined;
  })[];
  readonly at: string;
}

/** A file on its way to the worker; a large one only once. */
export type SentFile = NamedFile | (Omit<NamedFile, 'bytes'> & { readonly shipped: Shipped });

export type WorkerRequest =
  | { readonly id: number; readonly kind: 'recognise'; readonly files: readonly SentFile[] }
  | {
      readonly id: number;
      readonly kind: 'check';
      readonly files: readonly SentFile[];
      readonly passphrase?: string;
      readonly circumstances: Omit<CheckCircumstances, 'crls' | 'at'> & { readonly at: string };
      readonly crls?: readonly Shipped[];
      readonly serverCrls?: ShippedCrls;
    };

export interface CheckAnswer {
  readonly recognised: Recognised;
  /** Undefined where there is no certificate to judge. */
  readonly report: Report | undefined;
  /** For each finding of the report, in its order. */
  readonly evidence: readonly (Evidence | undefined)[];
  readonly chain: ChainPictureData | undefined;
  /** The worker's own time for it. */
  readonly milliseconds: number;
}

export type WorkerAnswer =
  | { readonly id: number; readonly kind: 'recognise'; readonly answer: Recognised }
  | { readonly id: number; readonly kind: 'check'; readonly answer: CheckAnswer }
  /** An option makes no sense (`option`), or we failed. */
  | { readonly id: number; readonly kind: 'failed'; readonly code: CheckFailure['code']; readonly message: string };

/** Why there is no report. The message is for the user. */
export interface CheckFailure {
  readonly code: 'option' | 'too-long' | 'broken';
  readonly message: string;
}
