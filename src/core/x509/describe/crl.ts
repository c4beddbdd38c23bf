import { formatTime } from '../../der/time.ts';
import { toHex } from '../../der/values.ts';
import type { CertificateList, RevokedCertificate } from '../crl.ts';
import { DerError } from '../../der/errors.ts';
import { serialField, shortName, timeField } from './certificate.ts';
import { extensionFields } from './extensions.ts';
import { type Description, type Field, field, messages } from './field.ts';
import { algorithmField, signatureFields } from './key.ts';
import { nameField } from './name.ts';

const TBS = 'tbsCertList';

/**
 * Every field of a CRL in the order of its encoding. Never throws.
 * @param most how many entries are shown; the others are counted, which walks over all of them
 */
export function describeCrl(list: CertificateList, most = 20): Description {
  const { versionElement, nextUpdate, revokedCertificates, extensions } = list;
  const fields: Field[] = [
    ...(versionElement === undefined ? [] : [field('Version', `${TBS}.version`, versionElement, `${list.version}`)]),
    algorithmField('Signature algorithm, inside', `${TBS}.signature`, list.innerSignatureAlgorithm),
    nameField('Issuer', `${TBS}.issuer`, list.issuer),
    timeField('This update', `${TBS}.thisUpdate`, list.thisUpdate),
    ...(nextUpdate === undefined ? [] : [timeField('Next update', `${TBS}.nextUpdate`, nextUpdate)]),
    ...(revokedCertificates === undefined ? [] : [entriesField(list, most)]),
    ...extensionFields(`${TBS}.crlExtensions`, extensions),
    ...signatureFields(list),
  ];
  return { kind: 'crl', title: `CRL of ${shortName(list.issuer)}`, fields };
}

function entriesField(list: CertificateList, most: number): Field {
  const path = `${TBS}.revokedCertificates`;
  const children: Field[] = [];
  let count = 0;
  let problem: string | undefined;
  try {
    for (const entry of list.entries()) {
      if (count < most) children.push(entryField(`${path}[${count}]`, entry));
      count += 1;
    }
  } catch (error) {
    if (!(error instanceof DerError)) throw error;
    problem = error.message;
  }
  const shown = count > children.length ? `, the first ${children.length} are shown` : '';
  const value = `${count} ${count === 1 ? 'certificate' : 'certificates'}${shown}`;
  const more = { value, ...messages(list.deviations), ...(problem === undefined ? {} : { problem }), children };
  return field('Revoked certificates', path, list.revokedCertificates!, more);
}

function entryField(path: string, entry: RevokedCertificate): Field {
  const value = `${toHex(entry.userCertificate.content(), ':').toUpperCase()}, since ${formatTime(entry.revocationDate.seconds)}`;
  return field('Revoked', path, entry.element, {
    value,
    children: [
      serialField('Serial number', `${path}.userCertificate`, entry.userCertificate),
      timeField('Revoked at', `${path}.revocationDate`, entry.revocationDate),
      ...extensionFields(`${path}.crlEntryExtensions`, entry.crlEntryExtensions),
    ],
  });
}
