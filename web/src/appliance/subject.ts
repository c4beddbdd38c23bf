import type { SubjectFields } from '../../../src/making/encode/name-fields.ts';

/** What people fill in of a subject; the common name is the appliance's host name. */
export type SubjectDraft = Readonly<Record<SubjectField, string>>;
export type SubjectField = Exclude<keyof SubjectFields, 'commonName'>;

const FIELDS: Readonly<Record<string, SubjectField>> = {
  C: 'country',
  ST: 'state',
  L: 'locality',
  O: 'organization',
  OU: 'organizationalUnit',
  emailAddress: 'emailAddress',
};

const EMPTY: SubjectDraft = {
  country: '',
  state: '',
  locality: '',
  organization: '',
  organizationalUnit: '',
  emailAddress: '',
};

/** The parts of `C=US, O=Contoso\, Inc, CN=…` that a form has fields for. */
export function subjectDraft(name: string | undefined): SubjectDraft {
  const parts = (name ?? '').split(/(?<!\\), /);
  const found = parts.flatMap((part): [SubjectField, string][] => {
    const [type = '', value = ''] = part.split(/=(.*)/s);
    const field = FIELDS[type];
    return field === undefined ? [] : [[field, value.replaceAll(/\\(.)/g, '$1')]];
  });
  return { ...EMPTY, ...Object.fromEntries(found) };
}

/** Without what was left empty. */
export function subjectOf(draft: SubjectDraft): Omit<SubjectFields, 'commonName'> {
  const given = Object.entries(draft).flatMap(([field, value]) =>
    value.trim() === '' ? [] : [[field, value.trim()] as const],
  );
  const { country, organization, organizationalUnit } = draft;
  return { country, organization, organizationalUnit, ...Object.fromEntries(given) };
}

/** One name a line, or with commas or blanks between. */
export const namesOf = (text: string): string[] => text.split(/[\s,;]+/).filter((name) => name !== '');
