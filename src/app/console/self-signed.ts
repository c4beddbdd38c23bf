import type { TlsIdentity } from '../../platform/tls/server-options.ts';
import { randomSerialNumber, signCertificate } from '../../making/issue/certificate-fields.ts';
import { toPem } from '../../making/encode/der.ts';
import {
  authorityKeyIdentifierExtension,
  basicConstraintsExtension,
  extKeyUsageExtension,
  keyUsageExtension,
  subjectAltNameExtension,
  subjectKeyIdentifierExtension,
} from '../../making/encode/extension-fields.ts';
import { keyIdentifier } from '../../making/issue/key-identifier.ts';
import { newKey } from '../../making/issue/key.ts';
import { encodeName, subjectAttributes } from '../../making/encode/name-fields.ts';
import { APPLIANCE_EXTENDED_KEY_USAGE, APPLIANCE_KEY_USAGE } from '../../making/encode/request-info.ts';
import { signingAlgorithm } from '../../making/issue/sign.ts';

const DAY = 86_400_000;
const VALID_DAYS = 365;

export interface SelfSigned extends TlsIdentity {
  /** DER. */
  readonly certificate: Uint8Array;
}

/** What an appliance has after its installation: encrypts, and proves nothing about who answers. */
export async function makeSelfSigned(hostname: string, now: Date): Promise<SelfSigned> {
  const { privateKey, spki } = await newKey(2048);
  const subject = { country: 'US', organization: 'Certgate', organizationalUnit: 'Self-signed', commonName: hostname };
  const name = encodeName(subjectAttributes(subject));
  const certificate = signCertificate(
    {
      serialNumber: randomSerialNumber(),
      issuer: name,
      subject: name,
      notBefore: new Date(now.getTime() - 5 * 60_000),
      notAfter: new Date(now.getTime() + VALID_DAYS * DAY),
      subjectPublicKeyInfo: spki,
      extensions: [
        basicConstraintsExtension(false),
        keyUsageExtension(APPLIANCE_KEY_USAGE),
        extKeyUsageExtension(APPLIANCE_EXTENDED_KEY_USAGE),
        subjectAltNameExtension(namesFor(hostname)),
        subjectKeyIdentifierExtension(keyIdentifier(spki)),
        authorityKeyIdentifierExtension(keyIdentifier(spki)),
      ],
    },
    signingAlgorithm(privateKey),
  );
  const key = new Uint8Array(privateKey.export({ format: 'der', type: 'pkcs8' }));
  return { certificate, certificates: toPem('CERTIFICATE', certificate), key };
}

/** Its name, and what it is reached by on the host itself. */
const namesFor = (hostname: string): string[] => [...new Set([hostname, 'localhost', '127.0.0.1', '::1'])];
