import { tagName } from '../../der/tags.ts';
import type { Attribute, Name } from '../name.ts';
import { attempt, type Field, field } from './field.ts';

/** Attribute types as RFC 5280 and X.520 name them in a path, and as people read them. */
const ATTRIBUTES: Readonly<Record<string, readonly [path: string, label: string]>> = {
  CN: ['commonName', 'Common name (CN)'],
  C: ['countryName', 'Country (C)'],
  L: ['localityName', 'Locality (L)'],
  ST: ['stateOrProvinceName', 'State or province (ST)'],
  street: ['streetAddress', 'Street'],
  O: ['organizationName', 'Organization (O)'],
  OU: ['organizationalUnitName', 'Organizational unit (OU)'],
  DC: ['domainComponent', 'Domain component (DC)'],
  UID: ['userId', 'User id (UID)'],
  SN: ['surname', 'Surname'],
  GN: ['givenName', 'Given name'],
  title: ['title', 'Title'],
  pseudonym: ['pseudonym', 'Pseudonym'],
  serialNumber: ['serialNumber', 'Serial number (serialNumber)'],
  dnQualifier: ['dnQualifier', 'DN qualifier'],
  emailAddress: ['emailAddress', 'E-mail address'],
};

export const EMPTY_NAME = '(empty)';

export function nameField(label: string, path: string, name: Name): Field {
  return attempt(label, path, name.element, () => {
    const children = name.attributes.map((attribute) => attributeField(path, attribute));
    return field(label, path, name.element, {
      value: name.isEmpty ? EMPTY_NAME : printable(name.toString()),
      children,
    });
  });
}

function attributeField(path: string, attribute: Attribute): Field {
  const { shortName, value } = attribute;
  const [name, label] = ATTRIBUTES[shortName] ?? [shortName, shortName];
  return field(label, `${path}.${name}`, attribute.element, {
    value: printable(attribute.text),
    children: [field('Encoded as', `${path}.${name}.value`, value, tagName(value.tag))],
  });
}

/** Text for a screen: control characters, which could steer a terminal, are spelled out. */
export const printable = (text: string): string =>
  // eslint-disable-next-line no-control-regex -- they are what is looked for
  text.replace(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
