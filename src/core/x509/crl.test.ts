import { describe, expect, test } from 'vitest';
import { ascii, integer, integerOctets, oid, sequence, tlv } from '../../../tests/x509/encoder.ts';
import { crlWith } from '../../../tests/x509/openssl.ts';
import { DerError } from '../der/errors.ts';
import { readBigInteger } from '../der/values.ts';
import { parseCrl } from './crl.ts';
import { describeCrl } from './describe/crl.ts';
import { authorityKeyIdentifier } from './extensions/authority-key-identifier.ts';
import { cRLNumber } from './extensions/crl-number.ts';
import { reasonCode } from './extensions/reason-code.ts';

const entries = [
  ['01', 'keyCompromise'],
  ['00F1E2D3C4B5A69788', 'certificateHold'],
] as const;
const real = crlWith(entries, 'authorityKeyIdentifier = keyid:always');

const algorithm = sequence(oid('1.2.840.113549.1.1.11'), tlv(5));
const time = ascii(0x17, '260101000000Z');
/** A CRL whose tbsCertList has these parts after the issuer; nobody checks its signature here. */
const crl = (before: Uint8Array[], after: Uint8Array[]): Uint8Array =>
  new Uint8Array(sequence(sequence(...before, algorithm, sequence(), ...after), algorithm, tlv(3, [0, 1])));

describe('a CRL that openssl wrote', () => {
  test('is read', () => {
    const list = parseCrl(real);
    expect(list.version).toBe(2);
    expect(list.issuer.toString()).toBe('C=DE, O=Contoso, CN=sensor.contoso.com');
    expect(list.nextUpdate!.seconds - list.thisUpdate.seconds).toBe(7 * 86_400);
    expect(list.get(cRLNumber)!.value).toBe(0x2an);
    expect(list.get(authorityKeyIdentifier)!.keyIdentifier!.contentLength).toBe(20);
    const read = [...list.entries()].map((entry) => [
      readBigInteger(entry.userCertificate, 'serial'),
      entry.crlEntryExtensions.get(reasonCode)!.reason,
      entry.revocationDate.seconds,
    ]);
    expect(read).toEqual([
      [1n, 'keyCompromise', 1_767_225_600],
      [0xf1e2d3c4b5a69788n, 'certificateHold', 1_767_225_600],
    ]);
    expect(list.deviations).toEqual([]);
  });

  test('is described', () => {
    const { title, fields } = describeCrl(parseCrl(real), 1);
    expect(title).toBe('CRL of sensor.contoso.com');
    const revoked = fields.find(({ label }) => label === 'Revoked certificates')!;
    expect(revoked.value).toBe('2 certificates, the first 1 are shown');
    expect(revoked.children[0]!.children.map(({ label, value }) => `${label}: ${value}`)).toEqual([
      'Serial number: 01',
      'Revoked at: 2026-01-01T00:00:00Z',
      'Reason: keyCompromise',
    ]);
  });

  test('cut off at any byte is refused with a DerError', () => {
    for (let length = 0; length < real.length; length++) {
      expect(() => parseCrl(real.slice(0, length))).toThrow(DerError);
    }
  });
});

describe('CRLs as others write them', () => {
  test('version 1, without nextUpdate and entries', () => {
    const list = parseCrl(crl([], [time]));
    expect([list.version, list.nextUpdate, list.revokedCertificates]).toEqual([1, undefined, undefined]);
    expect([...list.entries()]).toEqual([]);
  });

  test('an empty list of entries, version 1 spelled out, extensions in version 1 are named', () => {
    const extension = sequence(sequence(oid('2.5.29.20'), tlv(4, integer(1))));
    const list = parseCrl(crl([integer(0)], [time, time, sequence(), tlv(0xa0, extension)]));
    expect(list.deviations.map(({ code }) => code)).toEqual(['default-encoded', 'empty-list', 'undefined-value']);
  });

  test('version 3 is refused', () => {
    expect(() => parseCrl(crl([integer(2)], [time]))).toThrow('which no standard defines');
  });
});

test('entries are read only when asked for: a broken one does no harm before', () => {
  const good = sequence(integer(5), time);
  const list = parseCrl(crl([integer(1)], [time, time, sequence(good, sequence(time, time))]));
  const iterator = list.entries();
  expect(readBigInteger(iterator.next().value!.userCertificate, 'serial')).toBe(5n);
  expect(() => iterator.next()).toThrow(DerError);
  expect(describeCrl(list).fields.find(({ label }) => label === 'Revoked certificates')!.problem).toContain(
    'userCertificate',
  );
});

test('a CRL of 21 MB is opened and walked in place', () => {
  const count = 600_000;
  const entry = Buffer.from(sequence(tlv(2, integerOctets(1n << 120n)), time));
  const all = Buffer.alloc(entry.length * count, entry);
  const der = crl([integer(1)], [time, time, tlv(0x30, all)]);
  expect(der.length).toBeGreaterThan(20_000_000);
  const list = parseCrl(der);
  expect(list.revokedCertificates!.contentLength).toBe(all.length);
  expect(list.entries().next().value!.userCertificate.contentLength).toBe(16);
});
