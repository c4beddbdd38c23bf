import { ATTRIBUTE } from '../../core/x509/name.ts';
import { directoryString, ia5String, oid, printableString, sequence, setOf } from './der.ts';

/** The subject that the appliance's documentation asks for; the fields it requires are not optional. */
export interface SubjectFields {
  readonly country: string;
  readonly state?: string;
  readonly locality?: string;
  readonly organization: string;
  readonly organizationalUnit: string;
  readonly commonName: string;
  readonly emailAddress?: string;
}

/** One attribute of a name: its type as a dotted identifier, and its text. */
export type AttributeText = readonly [type: string, text: string];

/** The order of the vendor's sample certificate. */
export const VENDOR_ORDER: readonly string[] = [
  ATTRIBUTE.C,
  ATTRIBUTE.ST,
  ATTRIBUTE.L,
  ATTRIBUTE.O,
  ATTRIBUTE.OU,
  ATTRIBUTE.CN,
  ATTRIBUTE.EMAIL_ADDRESS,
];

/** In the vendor's order: C, ST, L, O, OU, CN, emailAddress. */
export function subjectAttributes(fields: SubjectFields): AttributeText[] {
  const all: readonly (readonly [string, string | undefined])[] = [
    [ATTRIBUTE.C, fields.country],
    [ATTRIBUTE.ST, fields.state],
    [ATTRIBUTE.L, fields.locality],
    [ATTRIBUTE.O, fields.organization],
    [ATTRIBUTE.OU, fields.organizationalUnit],
    [ATTRIBUTE.CN, fields.commonName],
    [ATTRIBUTE.EMAIL_ADDRESS, fields.emailAddress],
  ];
  return all.filter((entry): entry is AttributeText => entry[1] !== undefined && entry[1] !== '');
}

/** A DER Name, one attribute an RDN, in the order given. */
export const encodeName = (attributes: readonly AttributeText[]): Uint8Array =>
  sequence(...attributes.map(([type, text]) => setOf(sequence(oid(type), encodeValue(type, text)))));

function encodeValue(type: string, text: string): Uint8Array {
  // RFC 5280 appendix A: countryName is a PrintableString, emailAddress and domainComponent are IA5Strings.
  if (type === ATTRIBUTE.C || type === ATTRIBUTE.SERIAL_NUMBER) return printableString(text);
  if (type === ATTRIBUTE.EMAIL_ADDRESS || type === ATTRIBUTE.DC) return ia5String(text);
  return directoryString(text);
}
