import type { Location, Source, Status } from '../base/finding.ts';
import type { Element } from '../der/element.ts';
import type { Origin, Outcome, Rule, Words } from './rule.ts';

/** Declares a rule; the type of what `check` sees follows from `needs`. */
export const defineRule = (rule: Rule): Rule => rule;

const NOTHING_TO_ADD: Outcome = { status: 'pass' };

/** Passes cost nothing unless somebody asks for the words, which are then made by the given functions. */
export const pass = (words?: Words): Outcome => (words === undefined ? NOTHING_TO_ADD : outcome(words, 'pass'));
export const notApplicable = (message: string): Outcome => ({ status: 'not-applicable', message });
export const notChecked = (message: string, words?: Words): Outcome => ({ ...words, status: 'not-checked', message });
export const warning = (words: Words): Outcome => outcome(words, 'warning');
export const unsupported = (words: Words): Outcome => outcome(words, 'unsupported');
export const refused = (words: Words): Outcome => outcome(words, 'refused');

/** Every outcome has the same shape, whatever a rule has to say: a bulk run reads millions of them. */
function outcome({ found, required, message, fix, location, applianceSays, clientsSay }: Words, status: Status): Outcome {
  return { status, found, required, message, fix, location, applianceSays, clientsSay } as Outcome;
}

/** Where in the judged certificate: the field as its standard calls it, and its bytes. */
export const inCertificate = (block: number | undefined, path: string, element?: Element): Location => ({
  file: 'crt',
  ...(block !== undefined && { block }),
  path,
  ...(element !== undefined && { offset: element.offset, length: element.length }),
});

/** The vendor's page that the default profile is named after. */
export const VENDOR_DOCUMENT = 'Microsoft Defender for IoT: SSL/TLS certificate requirements for on-premises resources';

export const vendor = (section: string): Source => ({ document: VENDOR_DOCUMENT, section });
export const rfc = (number: number, section: string): Source => ({ document: `RFC ${number}`, section });

/** How a page or a list names an origin. */
export const ORIGIN_NAMES: Readonly<Record<Origin, string>> = {
  'defender-iot': "the appliance vendor's requirements",
  rfc5280: 'the X.509 standard, RFC 5280',
  certgate: 'a rule of Certgate itself, beyond what the vendor asks',
};
