import { defineRule, vendor } from '../../define.ts';
import { demandAttribute } from '../../subject-attribute.ts';

export const crtSubjectOrganization = defineRule({
  id: 'crt-subject-organization',
  origin: 'defender-iot',
  title: 'Organisation in the subject',
  source: vendor('CRT file requirements'),
  quote: "Subject (O)rganization: The organization's name, such as Contoso Inc.",
  required: "O with the organisation's name, e.g. Contoso Inc.",
  explanation: 'Passes: O is there and not blank.\n\nRefused: no O, or only white space in it.',
  applianceSays: 6,
  needs: 'certificate',
  gives: ['pass', 'refused'],
  check: (subject) => demandAttribute(subject, ORGANIZATION),
});

const ORGANIZATION = { type: 'O', name: 'organisation', field: 'organizationName' } as const;
