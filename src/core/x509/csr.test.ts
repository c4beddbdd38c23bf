import { createPublicKey, verify } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { requestWith } from '../../../tests/x509/openssl.ts';
import { DerError } from '../der/errors.ts';
import { parseCsr } from './csr.ts';
import { describeCsr } from './describe/csr.ts';
import { extKeyUsage } from './extensions/ext-key-usage.ts';
import { subjectAltName } from './extensions/subject-alt-name.ts';
import { signatureOctets } from './signed.ts';

const der = requestWith(
  'subjectAltName = DNS:sensor.contoso.com\nextendedKeyUsage = serverAuth',
  'challengePassword = a secret\nunstructuredName = a name',
);

describe('a certification request that openssl wrote', () => {
  const request = parseCsr(der);

  test('is read', () => {
    expect(request.subject.toString()).toBe('C=DE, O=Contoso, CN=sensor.contoso.com');
    expect(request.subjectPublicKeyInfo.bits).toBe(256);
    expect(request.extensions.get(subjectAltName)!.names).toMatchObject([{ value: 'sensor.contoso.com' }]);
    expect(request.extensions.get(extKeyUsage)!.has('1.3.6.1.5.5.7.3.1')).toBe(true);
    expect(request.hasChallengePassword).toBe(true);
    expect(request.attributesLeftOut).toBe(false);
  });

  test('gives its signed bytes and its signature', () => {
    const key = createPublicKey({
      key: Buffer.from(request.subjectPublicKeyInfo.element.der()),
      format: 'der',
      type: 'spki',
    });
    expect(verify('sha256', request.tbs.der(), key, signatureOctets(request))).toBe(true);
  });

  test('is described without its challenge password', () => {
    const description = describeCsr(request);
    expect(description.title).toBe('Certificate request for sensor.contoso.com');
    const text = JSON.stringify(description);
    expect(text).toContain('DNS name');
    expect(text).toContain('a name');
    expect(text).not.toContain('a secret');
    expect(text).not.toContain(Buffer.from('a secret').toString('hex').toUpperCase().match(/../g)!.join(':'));
  });

  test('cut off or changed at any byte is refused with a DerError, or read', () => {
    for (let at = 0; at < der.length; at++) {
      expect(() => parseCsr(der.slice(0, at))).toThrow(DerError);
      const damaged = der.slice();
      damaged[at]! ^= 0x21;
      try {
        describeCsr(parseCsr(damaged));
      } catch (error) {
        expect(error).toBeInstanceOf(DerError);
      }
    }
  });
});

test('a request without extensions has none', () => {
  const plain = parseCsr(requestWith(''));
  expect(plain.hasChallengePassword).toBe(false);
  expect(plain.extensions.list).toEqual([]);
});
