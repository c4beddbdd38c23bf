import { describe, expect, test } from 'vitest';
import { certificateWith, EVERY_EXTENSION } from '../../../tests/x509/openssl.ts';
import { DerError } from '../der/errors.ts';
import { readBigInteger } from '../der/values.ts';
import { parseCertificate } from './certificate.ts';
import { describeCertificate } from './describe/certificate.ts';
import { deviationsOf } from './known-extensions.ts';
import { resolveSignature } from './signature-scheme.ts';

const rich = certificateWith(EVERY_EXTENSION.lines, EVERY_EXTENSION.sections);

/** Reads everything that is lazy. */
function readAll(der: Uint8Array): void {
  const certificate = parseCertificate(der);
  expect(certificate.der).toBe(der);
  void certificate.subject.toString();
  void certificate.issuer.canonical;
  void certificate.isSelfIssued;
  certificate.extensions.list.forEach(deviationsOf);
  void certificate.subjectPublicKeyInfo.bits;
  void resolveSignature(certificate.signatureAlgorithm, certificate.subjectPublicKeyInfo);
}

function outcome(der: Uint8Array): string {
  try {
    readAll(der);
    return 'read';
  } catch (error) {
    if (!(error instanceof DerError)) throw error;
    expect(error.offset).toBeGreaterThanOrEqual(0);
    expect(error.offset).toBeLessThanOrEqual(der.length);
    return error.code;
  }
}

describe('a damaged certificate is read or refused with a DerError, never anything else', () => {
  test('cut off at every byte', () => {
    for (let length = 0; length < rich.length; length++) expect(outcome(rich.slice(0, length))).not.toBe('read');
  });

  test('every byte changed in several ways, and described all the same', () => {
    let read = 0;
    for (let at = 0; at < rich.length; at++) {
      for (const flip of [0x01, 0x80, 0x20, 0xff]) {
        const damaged = rich.slice();
        damaged[at]! ^= flip;
        if (outcome(damaged) !== 'read') continue;
        read += 1;
        describeCertificate(parseCertificate(damaged));
      }
    }
    expect(read).toBeGreaterThan(0);
  });

  test('a byte inserted or left out anywhere', () => {
    for (let at = 0; at < rich.length; at++) {
      expect(outcome(Uint8Array.from([...rich.subarray(0, at), 0x30, ...rich.subarray(at)]))).not.toBe('read');
      expect(outcome(Uint8Array.from([...rich.subarray(0, at), ...rich.subarray(at + 1)]))).not.toBe('read');
    }
  });
});

describe('the fields', () => {
  test('are views that know their place', () => {
    const certificate = parseCertificate(rich);
    expect(certificate.version).toBe(3);
    expect(certificate.subject.toString()).toBe('C=DE, O=Contoso, CN=sensor.contoso.com');
    expect(certificate.isSelfIssued).toBe(true);
    expect(certificate.notAfter.seconds - certificate.notBefore.seconds).toBe(30 * 86_400);
    expect(certificate.tbs.der().buffer).toBe(rich.buffer);
    expect(certificate.signatureValue.end).toBe(rich.length);
    expect(certificate.subjectPublicKeyInfo.bits).toBe(256);
  });

  test('an unknown critical extension is kept', () => {
    const unknown = parseCertificate(rich).extensions.find('1.2.3.4.5');
    expect(unknown?.critical).toBe(true);
    expect(unknown?.extnValue.content()).toEqual(Uint8Array.from([5, 0]));
  });

  test.each([
    ['a negative serial number', '-5', -5n],
    ['serial number 0', '0', 0n],
    ['a serial number of 20 octets', `0x7f${'11'.repeat(19)}`, BigInt(`0x7f${'11'.repeat(19)}`)],
  ])('%s is read', (_, argument, expected) => {
    const certificate = parseCertificate(certificateWith('', '', ['-set_serial', argument]));
    expect(readBigInteger(certificate.serialNumber, 'serialNumber')).toBe(expected);
  });
});
