import { ATTRIBUTE } from '../x509/name.ts';
import { askForNewOne, type Wish } from './advice.ts';
import { inCertificate, pass, refused } from './define.ts';
import type { Outcome, Subject } from './rule.ts';

/** C, O and OU are all demanded alike: present and not blank. */
export interface DemandedAttribute {
  readonly type: 'C' | 'O' | 'OU';
  /** As people say it, e.g. `country`. */
  readonly name: string;
  /** As its standard calls it, e.g. `countryName`. */
  readonly field: string;
  readonly wish: Wish;
}

/** The text of every attribute of that type, or the refusal where one is missing or blank. */
export function demandAttribute({ certificate, block }: Subject, demanded: DemandedAttribute): Outcome {
  const { type, name, field, wish } = demanded;
  const values = certificate.subject.all(ATTRIBUTE[type]);
  const blank = values.find(({ text }) => text.trim() === '');
  if (values.length > 0 && blank === undefined) return pass({ found: () => values.map(({ text }) => text).join(', ') });
  return refused({
    found: blank === undefined ? `no ${type}` : `a blank ${type}`,
    location: inCertificate(block, `tbsCertificate.subject.${field}`, blank?.element ?? certificate.subject.element),
    message:
      blank === undefined ? `The subject has no ${type} (${name}).` : `The subject's ${type} (${name}) is blank.`,
    fix: () => askForNewOne(certificate, wish),
  });
}
