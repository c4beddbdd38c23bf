import { ATTRIBUTE, type Attribute } from '../x509/name.ts';
import { askForNewOne } from './advice.ts';
import { inCertificate, pass, refused } from './define.ts';
import type { Outcome, Subject } from './rule.ts';

/** C, O and OU are all demanded alike: present and not blank. */
export interface DemandedAttribute {
  readonly type: 'C' | 'O' | 'OU';
  /** As people say it, e.g. `country`. */
  readonly name: string;
  /** As its standard calls it, e.g. `countryName`. */
  readonly field: string;
}

/** Passes where every attribute of that type says something; else the refusal. */
export function demandAttribute({ certificate, block }: Subject, demanded: DemandedAttribute): Outcome {
  const { type } = demanded;
  const values = certificate.subject.all(ATTRIBUTE[type]);
  const blank = values.find(isBlank);
  if (values.length > 0 && blank === undefined) return pass({ found: () => values.map(({ text }) => text).join(', ') });
  const { name, field } = demanded;
  return refused({
    found: blank === undefined ? `no ${type}` : `a blank ${type}`,
    location: inCertificate(block, `tbsCertificate.subject.${field}`, blank?.element ?? certificate.subject.element),
    message:
      blank === undefined ? `The subject has no ${type} (${name}).` : `The subject's ${type} (${name}) is blank.`,
    fix: () => askForNewOne(certificate),
  });
}

const isBlank = ({ text }: Attribute): boolean => text.trim() === '';
