import type { APPLIANCE_SAYS, Location, Source, Status } from '../base/finding.ts';
import type { Crypto } from '../base/ports.ts';
import type { DerError } from '../der/errors.ts';
import type { OpenedBundle } from '../files/bundle.ts';
import type { PathFacts } from '../path/path-facts.ts';
import type { RevocationFacts } from '../revocation/chain-status.ts';
import type { Certificate } from '../x509/certificate.ts';

/** What is asked of the bundle beyond the bundle itself. */
export interface Circumstances {
  /** Seconds since 1970, whole. */
  readonly at: number;
  /** The appliance's host name, where known. */
  readonly hostname?: string;
  readonly role?: 'sensor' | 'ha';
  /** Whether the organisation validates against a CRL; undefined: nobody said. */
  readonly crl?: 'on' | 'off';
  /** Anchors of `--trust`; undefined: none configured. */
  readonly trust?: readonly Certificate[];
  /** The other appliances, where there is an inventory; undefined: a bundle by itself. */
  readonly fleet?: Fleet;
  /** What CRLs say about the certificate and those above it; undefined unless `crl` is `on`. */
  readonly revocation?: RevocationFacts;
  /** Whether a path leads from the certificate to a trust anchor; undefined: nobody searched. */
  readonly path?: PathFacts;
  readonly crypto: Crypto;
  /** Handed in for an appliance: what its upload form demands must be there. */
  readonly upload?: boolean;
  /** Many certificates are judged: how to put one right is said in the rule's own words, not made anew for each. */
  readonly brief?: boolean;
}

/** What another appliance has or had in common with the bundle. */
export interface FleetMatch {
  /** As people call it. */
  readonly appliance: string;
  /** It is in use now; false: it was once. */
  readonly active: boolean;
  /** It is the very appliance that the bundle is for. */
  readonly same: boolean;
}

/** The inventory as the rules on uniqueness see it. */
export interface Fleet {
  /** Appliances and bundles of the same run with this CN, in lower case and without a final dot. */
  withCommonName(cn: string): readonly FleetMatch[];
  /** By the SHA-256 of the certificate's DER, lower-case hex. */
  withCertificate(sha256: string): readonly FleetMatch[];
  /** By the SHA-256 of the DER SubjectPublicKeyInfo, lower-case hex. */
  withKey(sha256: string): readonly FleetMatch[];
}

/** What a rule with `needs: 'certificate'` looks at. */
export interface Subject {
  /** The certificate judged. */
  readonly certificate: Certificate;
  /** The block of the .crt that it came from. */
  readonly block: number | undefined;
  /** Undefined when certificates are judged one by one without key and chain. */
  readonly bundle: OpenedBundle | undefined;
  readonly circumstances: Circumstances;
  /** Of this rule in the profile in force. */
  readonly settings: Readonly<Record<string, unknown>>;
}

/** `needs: 'bundle'`: a certificate that could be read, and the files around it. */
export interface BundleSubject extends Subject {
  readonly bundle: OpenedBundle;
}

/** `needs: 'files'`: the files, whether or not a certificate could be read out of them. */
export interface FilesSubject extends Omit<Subject, 'certificate' | 'bundle'> {
  readonly certificate: Certificate | undefined;
  readonly bundle: OpenedBundle;
}

/** `needs: 'encoding'`: the bytes of the certificate, readable (`certificate`) or not (`error`). */
export interface EncodingSubject extends Omit<Subject, 'certificate'> {
  readonly certificate: Certificate | undefined;
  /** Why there is no `certificate`; undefined too where no certificate came at all. */
  readonly error: DerError | undefined;
}

/** Text that is only made when somebody reads it: bulk runs drop passes unread. */
export type Lazy<T> = T | (() => T);

/** What an outcome says in words; what it leaves out comes from the rule's own texts. */
export interface Words {
  readonly found?: Lazy<string | undefined>;
  readonly required?: Lazy<string>;
  readonly message?: Lazy<string>;
  readonly fix?: Lazy<string>;
  /** Default: the certificate judged, whole, for rules that need one; else none. */
  readonly location?: Lazy<Location>;
  readonly applianceSays?: keyof typeof APPLIANCE_SAYS | null;
  readonly clientsSay?: string;
}

/** One thing a rule says. */
export interface Outcome extends Words {
  readonly status: Status;
}

export type Outcomes = Outcome | readonly Outcome[];

/** Whose demand it is: the folder of the rule's file. */
export type Origin = 'defender-iot' | 'rfc5280' | 'certgate';

export interface RuleTexts {
  /** The file name, too. Never renamed: reports and pipelines rely on it. */
  readonly id: string;
  readonly origin: Origin;
  /** What it demands in a few words, e.g. `Valid already`. */
  readonly title: string;
  readonly source: Source;
  /** The sentence of the source. */
  readonly quote: string;
  /** How we read it where it is vague, and why. */
  readonly reading?: string;
  /** `required` of every finding that does not say it better. */
  readonly required: string;
  /** What passes, what fails and why it matters; for `certgate rules ID`. Markdown. */
  readonly explanation: string;
  /** `fix` of every problem that does not say it better. */
  readonly fix?: string;
  /** What the appliance would have said to a refusal; null: nothing, it would take it. */
  readonly applianceSays: keyof typeof APPLIANCE_SAYS | null;
  /** Too dear for bulk runs. */
  readonly costly?: true;
  /** Which statuses it can give, for the generated page; `not-checked` after malformed extensions is understood. */
  readonly gives: readonly Status[];
  /** The settings that profiles may change, with their defaults. */
  readonly defaults?: Readonly<Record<string, unknown>>;
}

/**
 * A rule judges one requirement. What it needs decides what it sees and when it runs:
 * `certificate` and `encoding` on a certificate alone (`--each` included), `bundle` and `files` only with the files.
 */
export type Rule = RuleTexts &
  (
    | { readonly needs: 'certificate'; check(subject: Subject): Outcomes }
    | { readonly needs: 'encoding'; check(subject: EncodingSubject): Outcomes }
    | { readonly needs: 'bundle'; check(subject: BundleSubject): Outcomes }
    | { readonly needs: 'files'; check(subject: FilesSubject): Outcomes }
  );
