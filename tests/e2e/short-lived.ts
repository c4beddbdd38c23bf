import { X509Certificate } from 'node:crypto';
import { randomSerialNumber, signCertificate, signCrl } from '../../src/making/issue/certificate-fields.ts';
import { toPem } from '../../src/making/encode/der.ts';
import {
  authorityKeyIdentifierExtension,
  basicConstraintsExtension,
  crlDistributionPointsExtension,
  crlNumberExtension,
  extKeyUsageExtension,
  keyUsageExtension,
  subjectAltNameExtension,
  subjectKeyIdentifierExtension,
} from '../../src/making/encode/extension-fields.ts';
import { keyIdentifier } from '../../src/making/issue/key-identifier.ts';
import { keyToPem, newKey } from '../../src/making/issue/key.ts';
import { encodeName, subjectAttributes } from '../../src/making/encode/name-fields.ts';
import { APPLIANCE_EXTENDED_KEY_USAGE, APPLIANCE_KEY_USAGE } from '../../src/making/encode/request-info.ts';
import { signingAlgorithm } from '../../src/making/issue/sign.ts';
import { write } from '../cli/program.ts';

/**
 * Writes NAME.crt, NAME.key, NAME-root.pem and NAME.crl: a root, its CRL and a certificate for `hostname`, all of which
 * end `validForMs` from now. Returns when that is, and the root's fingerprint.
 */
export async function shortLived(
  folder: string,
  { name, hostname, validForMs }: { name: string; hostname: string; validForMs: number },
): Promise<{ until: Date; fingerprint: string }> {
  const [ca, leaf] = await Promise.all([newKey(2048), newKey(2048)]);
  // Only now: making keys takes as long as it likes.
  const until = new Date(Date.now() + validForMs);
  const notBefore = new Date(Date.now() - 60_000);
  const caName = encodeName([
    ['2.5.4.6', 'US'],
    ['2.5.4.3', `${name} Root`],
  ]);
  const algorithm = signingAlgorithm(ca.privateKey);
  const authority = authorityKeyIdentifierExtension(keyIdentifier(ca.spki));
  const validity = { notBefore, notAfter: until, issuer: caName };
  const root = signCertificate(
    {
      ...validity,
      serialNumber: randomSerialNumber(),
      subject: caName,
      subjectPublicKeyInfo: ca.spki,
      extensions: [
        basicConstraintsExtension(true),
        keyUsageExtension(['keyCertSign', 'cRLSign']),
        subjectKeyIdentifierExtension(keyIdentifier(ca.spki)),
        authority,
      ],
    },
    algorithm,
  );
  const subject = { country: 'US', organization: 'Contoso', organizationalUnit: 'Plant', commonName: hostname };
  const certificate = signCertificate(
    {
      ...validity,
      serialNumber: randomSerialNumber(),
      subject: encodeName(subjectAttributes(subject)),
      subjectPublicKeyInfo: leaf.spki,
      extensions: [
        keyUsageExtension(APPLIANCE_KEY_USAGE),
        extKeyUsageExtension(APPLIANCE_EXTENDED_KEY_USAGE),
        subjectAltNameExtension([hostname]),
        crlDistributionPointsExtension(['http://crl.contoso.com/root.crl']),
        subjectKeyIdentifierExtension(keyIdentifier(leaf.spki)),
        authority,
      ],
    },
    algorithm,
  );
  const crl = signCrl(
    {
      issuer: caName,
      thisUpdate: notBefore,
      nextUpdate: until,
      revoked: [],
      extensions: [authority, crlNumberExtension(1n)],
    },
    algorithm,
  );
  write(folder, `${name}.crt`, toPem('CERTIFICATE', certificate));
  write(folder, `${name}.key`, keyToPem(leaf.privateKey));
  write(folder, `${name}-root.pem`, toPem('CERTIFICATE', root));
  write(folder, `${name}.crl`, crl);
  return { until, fingerprint: new X509Certificate(root).fingerprint256 };
}
