import type { Location, Source, Status } from '../base/finding.ts';
import type { Element } from '../der/element.ts';
import type { Origin, Outcome, Rule, Words } from './rule.ts';

/**
 * Declares a rule; the type of what `check` sees follows from `needs`. All rules become objects of one shape, whatever
 * they leave out: running them is then one kind of work, not thirty.
 */
export const defineRule = (rule: Rule): Rule =>
  ({
    id: rule.id,
    origin: rule.origin,
    title: rule.title,
    source: rule.source,
    quote: rule.quote,
    reading: rule.reading,
    required: rule.required,
    explanation: rule.explanation,
    fix: rule.fix,
    applianceSays: rule.applianceSays,
    costly: rule.costly,
    gives: rule.gives,
    defaults: rule.defaults,
    needs: rule.needs,
    check: rule.check,
  }) as Rule;

const NOTHING_TO_ADD: Outcome = { status: 'pass' };

/** Passes cost nothing unless somebody asks for the words, which are then made by the given functions. */
export const pass = (words?: Words): Outcome => (words === undefined ? NOTHING_TO_ADD : outcome(words, 'pass'));
export const notApplicable = (message: string): Outcome => ({ status: 'not-applicable', message });
export const notChecked = (message: string, words?: Words): Outcome => ({ ...words, status: 'not-checked', message });
/** Problems. What several outcomes of a rule share stands in `words`, what one of them says otherwise in `more`. */
export const warning = (words: Words, more?: Words): Outcome => outcome(words, 'warning', more);
export const unsupported = (words: Words, more?: Words): Outcome => outcome(words, 'unsupported', more);
export const refused = (words: Words, more?: Words): Outcome => outcome(words, 'refused', more);

/**
 * Every outcome has the same shape, whatever a rule has to say, and none is spread out of another: a bulk run makes and
 * reads millions of them, and objects of many shapes would cost it more than all reading of certificates.
 */
function outcome(words: Words, status: Status, more: Words = NO_WORDS): Outcome {
  return {
    status,
    found: more.found ?? words.found,
    required: more.required ?? words.required,
    message: more.message ?? words.message,
    fix: more.fix ?? words.fix,
    location: more.location ?? words.location,
    applianceSays: more.applianceSays === undefined ? words.applianceSays : more.applianceSays,
    clientsSay: more.clientsSay ?? words.clientsSay,
  } as Outcome;
}

const NO_WORDS: Words = {};

// Of which there are few; a certificate made for it must not fill the memory.
const MOST_TEXTS = 64;

/**
 * A text that depends on a value with few of them, made once for each: a bulk run says the same thing a million times, and
 * what is the same text need not be written out, or compared, letter by letter.
 */
export function recurring<V>(make: (value: V) => string): (value: V) => string {
  const texts = new Map<V, string>();
  return (value) => {
    let text = texts.get(value);
    if (text === undefined) {
      text = make(value);
      if (texts.size < MOST_TEXTS) texts.set(value, text);
    }
    return text;
  };
}

/** Where in the judged certificate: the field as its standard calls it, and its bytes. */
export function inCertificate(block: number | undefined, path: string, element?: Element): Location {
  if (element === undefined) return block === undefined ? { file: 'crt', path } : { file: 'crt', block, path };
  const { offset, length } = element;
  return block === undefined ? { file: 'crt', path, offset, length } : { file: 'crt', block, path, offset, length };
}

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
