import type { APPLIANCE_SAYS, Location, Source, Status } from '../base/finding.ts';
import type { Crypto } from '../base/ports.ts';
import type { OpenedBundle } from '../files/bundle.ts';
import type { Certificate } from '../x509/certificate.ts';

/** What is asked of the bundle beyond the bundle itself. */
export interface Circumstances {
  /** Seconds since 1970. */
  readonly at: number;
  /** The appliance's host name, where known. */
  readonly hostname?: string;
  readonly role?: 'sensor' | 'ha';
  /** Whether the organisation validates against a CRL; undefined: nobody said. */
  readonly crl?: 'on' | 'off';
  /** Anchors of `--trust`; undefined: none configured. */
  readonly trust?: readonly Certificate[];
  readonly crypto: Crypto;
}

/** What a rule looks at. */
export interface Subject {
  /** The certificate judged; a rule with `needs: 'certificate'` only runs when it is there. */
  readonly certificate: Certificate;
  /** The block of the .crt that it came from. */
  readonly block: number | undefined;
  /** Undefined when certificates are judged one by one without key and chain. */
  readonly bundle: OpenedBundle | undefined;
  readonly circumstances: Circumstances;
  /** Of this rule in the profile in force. */
  readonly settings: Readonly<Record<string, unknown>>;
}

/** One thing a rule says; what it leaves out comes from the rule's own texts. */
export interface Outcome {
  readonly status: Status;
  readonly found?: string;
  readonly required?: string;
  readonly message?: string;
  readonly fix?: string;
  readonly location?: Location;
  readonly applianceSays?: keyof typeof APPLIANCE_SAYS | null;
  readonly clientsSay?: string;
}

/** Text that is only made when somebody reads it: bulk runs drop passes unread. */
export type Lazy<T> = T | (() => T);

export interface Rule {
  /** The file name, too. Never renamed: reports and pipelines rely on it. */
  readonly id: string;
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
  /** What the appliance would have said to a refusal; null: nothing, it would take it. */
  readonly applianceSays: keyof typeof APPLIANCE_SAYS | null;
  /** `certificate`: runs on the certificate alone, `--each` included. `bundle`: needs key, chain or passphrase. */
  readonly needs: 'certificate' | 'bundle' | 'files';
  /** Too dear for bulk runs. */
  readonly costly?: true;
  /** Which severities it can give, for the generated page. */
  readonly gives: readonly Status[];
  readonly defaults?: Readonly<Record<string, unknown>>;
  check(subject: Subject): Outcome | readonly Outcome[];
}
