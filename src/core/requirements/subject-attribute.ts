import { ATTRIBUTE, type Attribute } from '../x509/name.ts';
import { askForNewOne } from './advice.ts';
import { inCertificate, pass, recurring, refused } from './define.ts';
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
  return refused({
    found: blank === undefined ? noneOf(type) : `a blank ${type}`,
    location: inCertificate(block, pathOf(demanded.field), blank?.element ?? certificate.subject.element),
    message: (blank === undefined ? missing : isBlankText)(demanded),
    fix: () => askForNewOne(certificate),
  });
}

const noneOf = recurring((type: string) => `no ${type}`);
const pathOf = recurring((field: string) => `tbsCertificate.subject.${field}`);
const missing = recurring(({ type, name }: DemandedAttribute) => `The subject has no ${type} (${name}).`);
const isBlankText = recurring(({ type, name }: DemandedAttribute) => `The subject's ${type} (${name}) is blank.`);

const isBlank = ({ text }: Attribute): boolean => text.trim() === '';
