import type { Certificate } from '../../../x509/certificate.ts';
import { SIGNATURE_ALGORITHMS } from '../../../x509/algorithms.data.ts';
import { readSignatureScheme } from '../../../x509/signature-scheme.ts';
import { askForNewOne } from '../../advice.ts';
import {
  defineRule,
  inCertificate,
  notApplicable,
  pass,
  recurring,
  refused,
  unsupported,
  vendor,
} from '../../define.ts';

const BROKEN: readonly string[] = ['MD2', 'MD4', 'MD5', 'SHA-1'];

export const crtSignatureHash = defineRule({
  id: 'crt-signature-hash',
  origin: 'defender-iot',
  title: 'Signature hash SHA-256',
  source: vendor('CRT file requirements'),
  quote: 'Signature Hash Algorithm: SHA256',
  reading:
    'For RSASSA-PSS the hash stands in the parameters (RFC 4055 §3.1). Ed25519 and Ed448 have no hash to choose.',
  required: 'SHA-256',
  explanation:
    'Passes: SHA-256.\n\nRefused: MD2, MD4, MD5, SHA-1: collisions have been computed.\n\nUnsupported: SHA-224, SHA-384, SHA-512, SHA-3 and hashes that nobody named.\n\nNot applicable: Ed25519, Ed448.',
  applianceSays: 6,
  needs: 'certificate',
  gives: ['pass', 'unsupported', 'refused', 'not-applicable'],
  check({ certificate, block }) {
    const found = hashOf(certificate);
    if (found === 'SHA-256') return pass({ found });
    if (found === 'none') return NO_HASH;
    const words = {
      found,
      location: () => inCertificate(block, 'signatureAlgorithm', certificate.signatureAlgorithm.element),
      fix: () => `Have your CA sign with SHA-256 (a setting of the CA). ${askForNewOne(certificate)}`,
    };
    if (BROKEN.includes(found)) return refused(words, { message: forgeable(found) });
    return unsupported(words, { message: notPromised(found) });
  },
});

const forgeable = recurring(
  (found: string) => `The signature uses ${found}, which is broken: a certificate like this can be forged.`,
);
const notPromised = recurring(
  (found: string) => `The signature uses ${found}; it might work, but only SHA-256 is supported.`,
);

const NO_HASH = notApplicable('Ed25519 and Ed448 signatures have no hash to choose.');

function hashOf({ signatureAlgorithm }: Certificate): string {
  const known = SIGNATURE_ALGORITHMS[signatureAlgorithm.oid];
  if (known?.hash !== undefined) return known.hash;
  if (known?.key === 'Ed25519' || known?.key === 'Ed448') return 'none';
  const scheme = readSignatureScheme(signatureAlgorithm);
  if (!('hash' in scheme)) return `an unknown hash (algorithm ${signatureAlgorithm.oid})`;
  // sha256 → SHA-256, sha3-256 → SHA3-256
  return scheme.hash.startsWith('sha3-')
    ? scheme.hash.toUpperCase()
    : scheme.hash.toUpperCase().replace(/^SHA/, 'SHA-');
}
