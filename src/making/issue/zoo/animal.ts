import type { Status, Verdict } from '../../../core/base/finding.ts';

/** `refused crt-valid-to`. */
export type Expectation = `${Status} ${string}`;

/** How an animal is to be looked at; what a command line would say. Paths are relative to its folder. */
export interface Asking {
  /** Stands in the animal's `passphrase.txt`. */
  readonly passphrase?: string;
  readonly hostname?: string;
  /** Default `off`. */
  readonly crl?: 'on' | 'off';
  readonly crlFiles?: readonly string[];
}

/** A bundle that is wrong in one way. */
export interface Animal {
  /** Its folder. */
  readonly name: string;
  /** The rule that it is there for; undefined for those that are in order. */
  readonly rule: string | undefined;
  /** One or two sentences: what is wrong, and how that comes about. */
  readonly why: string;
  readonly files: Readonly<Record<string, string | Uint8Array>>;
  readonly asking?: Asking;
  readonly verdict: Verdict;
  /** The first finding of the report; undefined where there is none but what passes. */
  readonly leads: Expectation | undefined;
  /** Every other finding that is neither a pass nor not applicable, each once. */
  readonly also?: readonly Expectation[];
  /** Where another rule leads: why that cannot be otherwise. */
  readonly ledByAnother?: string;
}

/** `crt`, `key` and `chain` under the names that one folder's bundle has. */
export interface BundleParts {
  readonly crt?: string | Uint8Array;
  readonly key?: string | Uint8Array;
  readonly chain?: string | Uint8Array;
}

/** What nobody can say where the certificate cannot be read. */
export const UNREAD: readonly Expectation[] = [
  'not-checked key-matches-crt',
  'not-checked crt-signature-algorithm',
  'not-checked crt-signature-hash',
  'not-checked crt-valid-from',
  'not-checked crt-valid-to',
  'not-checked crt-public-key',
  'not-checked crt-crl-distribution-point',
  'not-checked crt-subject-cn',
  'not-checked crt-subject-country',
  'not-checked crt-subject-organization',
  'not-checked crt-subject-org-unit',
  'not-checked crt-wildcard',
  'not-checked crt-subject-alt-name',
  'not-checked crt-key-usage',
  'not-checked crt-not-ca',
  'not-checked crt-self-signed',
  'not-checked crt-expires-soon',
  'not-checked key-weak',
  'not-checked chain-matches-crt',
  'not-checked trust-path',
  'not-checked revocation-status',
  'not-checked crl-reachable',
  'not-checked crl-current',
  'not-checked fleet-unique-cn',
  'not-checked fleet-unique-certificate',
  'not-checked fleet-unique-key',
];
