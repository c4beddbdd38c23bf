import { isStringTag, readString } from '../../der/strings.ts';
import { CSR_ATTRIBUTE, type CertificationRequest, type CsrAttribute } from '../csr.ts';
import { shortName } from './certificate.ts';
import { extensionFields } from './extensions.ts';
import { attempt, type Description, type Field, field, hex } from './field.ts';
import { publicKeyField, signatureFields } from './key.ts';
import { nameField, printable } from './name.ts';

const INFO = 'certificationRequestInfo';

/** Every field of a certification request in the order of its encoding. Never throws. */
export function describeCsr(request: CertificationRequest): Description {
  const fields = [
    field('Version', `${INFO}.version`, request.version, '1'),
    nameField('Subject', `${INFO}.subject`, request.subject),
    publicKeyField(`${INFO}.subjectPKInfo`, request.subjectPublicKeyInfo),
    ...request.attributes.map((attribute) => attributeField(request, attribute)),
    ...signatureFields(request),
  ];
  return { kind: 'csr', title: `Certificate request for ${shortName(request.subject)}`, fields };
}

function attributeField(request: CertificationRequest, attribute: CsrAttribute): Field {
  const { oid, element, values } = attribute;
  const name = Object.entries(CSR_ATTRIBUTE).find(([, value]) => value === oid)?.[0] ?? oid;
  const path = `${INFO}.attributes.${name}`;
  if (oid === CSR_ATTRIBUTE.extensionRequest || oid === CSR_ATTRIBUTE.certExtensions) {
    return attempt('Requested extensions', path, element, () =>
      field('Requested extensions', path, element, { children: extensionFields(path, request.extensions) }),
    );
  }
  // A secret of the requester and the CA: never shown, only that it is there.
  if (oid === CSR_ATTRIBUTE.challengePassword) return field('Challenge password', path, element, 'present, not shown');
  const label = oid === CSR_ATTRIBUTE.unstructuredName ? 'Unstructured name' : `Attribute ${oid}`;
  return attempt(label, path, element, () => {
    const texts = values.map((value) =>
      isStringTag(value.tag) ? printable(readString(value, name)) : hex(value.der()),
    );
    return field(label, path, element, texts.join(', '));
  });
}
