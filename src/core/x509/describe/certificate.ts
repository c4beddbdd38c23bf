import { Element } from '../../der/element.ts';
import { tagName } from '../../der/tags.ts';
import { formatTime } from '../../der/time.ts';
import { readBigInteger } from '../../der/values.ts';
import type { Certificate } from '../certificate.ts';
import { ATTRIBUTE, type Name } from '../name.ts';
import type { Time } from '../time.ts';
import { extensionFields } from './extensions.ts';
import { type Description, type Field, field, hex } from './field.ts';
import { algorithmField, publicKeyField, signatureFields } from './key.ts';
import { EMPTY_NAME, nameField, printable } from './name.ts';

/** Every field of a certificate in the order of its encoding. Never throws: what cannot be read says so itself. */
export function describeCertificate(certificate: Certificate): Description {
  const tbs = 'tbsCertificate';
  const { versionElement, version, issuer, subject, extensions } = certificate;
  const fields: Field[] = [
    versionElement === undefined
      ? field('Version', `${tbs}.version`, nowhere(certificate.serialNumber), '1, by leaving it out')
      : field('Version', `${tbs}.version`, versionElement, `${version}`),
    serialField('Serial number', `${tbs}.serialNumber`, certificate.serialNumber),
    algorithmField('Signature algorithm, inside', `${tbs}.signature`, certificate.innerSignatureAlgorithm),
    nameField('Issuer', `${tbs}.issuer`, issuer),
    timeField('Valid from', `${tbs}.validity.notBefore`, certificate.notBefore),
    timeField('Valid to', `${tbs}.validity.notAfter`, certificate.notAfter),
    nameField('Subject', `${tbs}.subject`, subject),
    publicKeyField(`${tbs}.subjectPublicKeyInfo`, certificate.subjectPublicKeyInfo),
    ...extensionFields(`${tbs}.extensions`, extensions),
    ...signatureFields(certificate),
  ];
  return { kind: 'certificate', title: `Certificate for ${shortName(subject)}`, fields };
}

// Where a field that is left out would stand.
const nowhere = ({ bytes, tag, offset }: Element): Element => new Element(bytes, tag, offset, offset, offset);

/** The common name, else the whole name. */
export function shortName(name: Name): string {
  try {
    const [commonName] = name.all(ATTRIBUTE.CN);
    return printable(commonName?.text ?? (name.isEmpty ? EMPTY_NAME : name.toString()));
  } catch {
    return 'a name that cannot be read';
  }
}

// Beyond this the decimal form serves nobody.
const LONGEST_DECIMAL = 64;

/** Hexadecimal as people compare it, decimal beside it. */
export function serialField(label: string, path: string, serial: Element): Field {
  const octets = serial.content();
  const children =
    serial.contentLength > LONGEST_DECIMAL
      ? []
      : [field('In decimal', path, serial, `${readBigInteger(serial, label)}`)];
  return field(label, path, serial, { value: hex(octets), children });
}

export function timeField(label: string, path: string, time: Time): Field {
  return field(label, path, time.element, {
    value: formatTime(time.seconds),
    children: [field('Encoded as', path, time.element, tagName(time.element.tag))],
  });
}
