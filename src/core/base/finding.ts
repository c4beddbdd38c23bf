/**
 * What a rule found, and what a run of rules adds up to. These shapes are the JSON of every report; they are relied on
 * from outside and only ever grow.
 */

/** In the order in which a report lists them: what decides the verdict comes first. */
export const STATUSES = [
  'refused',
  'checker-failed',
  'unsupported',
  'warning',
  'not-checked',
  'pass',
  'not-applicable',
] as const;

export type Status = (typeof STATUSES)[number];

export type Verdict = 'accepted' | 'unsupported' | 'refused';

/** Where a report's trust came from: configured anchors, the chain's own root (as on the appliance), or nowhere. */
export type Trust = 'anchors' | 'own-chain' | 'none';

export interface Location {
  /** `crt`, `key`, `chain`, `passphrase`, or a path or URL. */
  readonly file: string;
  /** Which PEM block of the file, counted from 0. */
  readonly block?: number;
  /** The field in the terms of its standard, e.g. `tbsCertificate.subject.commonName`. */
  readonly path?: string;
  /** Bytes, in the block's DER, or in the file where there is no block. */
  readonly offset?: number;
  readonly length?: number;
}

/** The sentence a rule rests on. */
export interface Source {
  readonly document: string;
  readonly section: string;
}

export interface Finding {
  readonly rule: string;
  readonly status: Status;
  readonly location?: Location;
  /** The offending (or accepted) value itself. Never key material, never a passphrase. */
  readonly found?: string;
  readonly required?: string;
  readonly message: string;
  /** What to do, with a command that works where a command helps. */
  readonly fix?: string;
  /** What the real appliance's console would have shown; absent where it would have taken the bundle. */
  readonly applianceSays?: string;
  /** What browsers and other TLS clients would show. */
  readonly clientsSay?: string;
  readonly source?: Source;
}

export interface Report {
  /** The name under which the bundle was handed in. */
  readonly bundle: string;
  /** The id of the profile. */
  readonly profile: string;
  /** The time judged for, ISO 8601 in UTC. */
  readonly at: string;
  readonly trust: Trust;
  readonly verdict: Verdict;
  /** False when a rule could not be checked; `notChecked` names those rules. */
  readonly complete: boolean;
  readonly notChecked: readonly string[];
  /** Vendor rules that the profile judges more leniently than the vendor does. */
  readonly lowered?: readonly string[];
  readonly findings: readonly Finding[];
}

/** The console's whole vocabulary of upload errors, quoted. */
export const APPLIANCE_SAYS = {
  1: 'Passphrase does not match to the key',
  2: "Cannot validate chain of trust. The provided Certificate and Root CA don't match.",
  3: "This SSL certificate has expired and isn't considered valid.",
  4: "This certificate has been revoked by the CRL and can't be trusted for a secure connection",
  5: 'The CRL (Certificate Revocation List) location is not reachable. Verify the URL can be accessed from this appliance',
  6: 'Certificate validation failed',
} as const;

export function verdictOf(findings: readonly Finding[]): Verdict {
  let verdict: Verdict = 'accepted';
  for (const { status } of findings) {
    if (status === 'refused' || status === 'checker-failed') return 'refused';
    if (status === 'unsupported') verdict = 'unsupported';
  }
  return verdict;
}
