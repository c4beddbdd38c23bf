import { askForNewOne } from '../../advice.ts';
import { defineRule, refused, vendor } from '../../define.ts';
import { demandAttribute } from '../../subject-attribute.ts';

export const crtSubjectOrgUnit = defineRule({
  id: 'crt-subject-org-unit',
  origin: 'defender-iot',
  title: 'Organisational unit in the subject',
  source: vendor('CRT file requirements'),
  quote: "Subject (OU) Org Unit: The organization's unit name, such as Contoso Labs",
  reading:
    'Public CAs may not put OU into certificates since September 2022 (CA/Browser Forum Baseline Requirements, ballot SC47): a ' +
    'certificate with OU has to come from a private CA.',
  required: 'OU with the name of the unit, e.g. Contoso Labs',
  explanation:
    'Passes: OU is there and not blank.\n\nRefused: no OU, or only white space in it.\n\nPublic CAs have not been allowed to issue OU since September 2022: use the private CA of your organisation.',
  applianceSays: 6,
  needs: 'certificate',
  gives: ['pass', 'refused'],
  check(subject) {
    const outcome = demandAttribute(subject, UNIT);
    if (outcome.status === 'pass') return outcome;
    return refused(outcome, {
      fix: () =>
        `Use your private CA: public CAs may not issue OU since September 2022. ${askForNewOne(subject.certificate)}`,
    });
  },
});

const UNIT = { type: 'OU', name: 'organisational unit', field: 'organizationalUnitName' } as const;
