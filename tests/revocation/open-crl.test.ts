import { describe, expect, test } from 'vitest';
import { DerError } from '../../src/core/der/errors.ts';
import { TAG } from '../../src/core/der/tags.ts';
import { openCrl } from '../../src/core/revocation/open-crl.ts';
import { explicit, integer, sequence, time, tlv } from '../../src/making/encode/der.ts';
import { signed, signingAlgorithm } from '../../src/making/issue/sign.ts';
import { hugeCrl } from './huge-crl.ts';
import { at, authority, certificateIssuer, crl, crlDer, ecKey, extension, nameOf, reason } from './lab.ts';

const ca = authority('CA');
const algorithm = signingAlgorithm(ecKey());

/** A CRL of these entries, each a whole TLV. */
const listOf = (...entries: Uint8Array[]): Uint8Array =>
  signed(
    sequence(
      integer(1),
      algorithm.identifier,
      nameOf('CA'),
      time(at(-1)),
      time(at(1)),
      sequence(...entries),
      explicit(0, sequence(extension('2.5.29.20', false, integer(1)))),
    ),
    algorithm,
  );
const entry = (...fields: Uint8Array[]): Uint8Array => sequence(...fields);
const date = time(at(-1));
const utc = (text: string): Uint8Array => tlv(TAG.UTC_TIME, Buffer.from(text));

describe('look-ups', () => {
  const serials = [0n, 1n, 127n, 128n, 255n, 256n, -1n, -128n, -129n, 1n << 158n, (1n << 160n) + 7n, 1n << 1100n];
  const absent = [2n, 129n, -2n, 254n, 1n << 157n, 1n << 1101n];

  test.each(['now', 'second-question', 'never'] as const)('find every serial, with index %s', (index) => {
    const list = openCrl(crlDer(ca, { revoked: serials }), { index });
    for (const serial of [...serials, ...serials])
      expect(list.isRevoked(serial), String(serial)).toMatchObject({ revoked: true });
    for (const serial of absent) expect(list.isRevoked(serial), String(serial)).toEqual({ revoked: false });
  });

  test('octets may come as in the certificate, or without sign octet', () => {
    const list = crl(ca, { revoked: [0xff01n] });
    expect(list.isRevoked(Uint8Array.of(0, 0xff, 1)).revoked).toBe(true);
    expect(list.isRevoked(Uint8Array.of(0xff, 1)).revoked).toBe(true);
    expect(list.isRevoked(Uint8Array.of(0, 0, 0xff, 1)).revoked).toBe(true);
    expect(list.isRevoked(Uint8Array.of(1)).revoked).toBe(false);
    expect(() => list.isRevoked(new Uint8Array())).toThrow(DerError);
    expect(() => list.isRevoked(5 as unknown as bigint)).toThrow(TypeError);
  });

  test('reason, date and issuer', () => {
    const list = crl(ca, {
      revoked: [
        { serial: 1n, extensions: [reason(4)] },
        { serial: 2n, extensions: [certificateIssuer('Other CA'), reason(8)] },
        3n,
      ],
    });
    expect(list.isRevoked(1n)).toEqual({ revoked: true, reason: 'superseded', date: at(-2) });
    expect(list.isRevoked(1n, nameOf('ca')).revoked).toBe(true);
    expect(list.isRevoked(3n)).toEqual({ revoked: false });
    expect(list.isRevoked(3n, nameOf('Other CA')).revoked).toBe(true);
    expect(list.isRevoked(2n, nameOf('Other CA'))).toMatchObject({ revoked: false, reason: 'removeFromCRL' });
    expect(() => list.isRevoked(3n, Uint8Array.of(1, 2))).toThrow(DerError);
  });

  test('no entries at all', () => {
    expect(crl(ca).isRevoked(1n)).toEqual({ revoked: false });
    expect(openCrl(listOf(), { index: 'now' }).isRevoked(1n)).toEqual({ revoked: false });
  });

  test('a hundred thousand random ones, and none besides', () => {
    const serial = Buffer.alloc(20, 0x55);
    const der = hugeCrl(
      { issuer: nameOf('CA'), count: 100_000, thisUpdate: at(-1), nextUpdate: at(1), serial },
      algorithm,
    );
    const list = openCrl(der, { index: 'now' });
    let found = 0;
    for (const { userCertificate } of list.entries.entries())
      if (list.isRevoked(userCertificate.content()).revoked) found++;
    expect(found).toBe(100_000);
    expect(list.isRevoked(serial).revoked).toBe(true);
    expect(list.isRevoked(Buffer.alloc(20, 0x44)).revoked).toBe(false);
  });

  test('serials made to collide are found all the same', () => {
    // The same last eight octets: one bucket.
    const crowd = Array.from({ length: 5000 }, (_, i) => (BigInt(i * 2 + 1) << 64n) + 77n);
    const list = openCrl(crlDer(ca, { revoked: [...crowd, ...crowd.slice(0, 50)] }), { index: 'now' });
    for (const serial of crowd) expect(list.isRevoked(serial).revoked).toBe(true);
    expect(list.isRevoked((2n << 64n) + 77n).revoked).toBe(false);
    expect(list.isRevoked(77n).revoked).toBe(false);
  });

  test('of two entries for one serial the revoking one counts', () => {
    for (const revoked of [
      [{ serial: 5n, extensions: [reason(8)] }, 5n],
      [5n, { serial: 5n, extensions: [reason(8)] }],
    ]) {
      expect(crl(ca, { revoked }).isRevoked(5n).revoked).toBe(true);
    }
  });
});

describe('a malformed entry makes the CRL unusable, and says where', () => {
  const good = entry(integer(7), date);

  test.each([
    ['an INTEGER in too many octets', entry(tlv(TAG.INTEGER, Uint8Array.of(0, 1)), date), 'bad-integer'],
    ['an INTEGER without content', entry(tlv(TAG.INTEGER), date), 'bad-integer'],
    ['no date', entry(integer(1)), 'missing-element'],
    ['a thirteenth month', entry(integer(1), utc('261301000000Z')), 'bad-time'],
    ['a 30th of February', entry(integer(1), utc('260230000000Z')), 'bad-time'],
    ['no final Z', entry(integer(1), utc('260101000000X')), 'bad-time'],
    ['letters in the date', entry(integer(1), utc('26O101000000Z')), 'bad-time'],
    ['a date of another type', entry(integer(1), tlv(TAG.IA5_STRING, Buffer.from('260101000000Z'))), 'unexpected-tag'],
    ['bytes after its last field', entry(integer(1), date, sequence(reason(1)), integer(1)), 'trailing-bytes'],
    ['an empty list of extensions', entry(integer(1), date, sequence()), 'empty'],
    ['an extension twice', entry(integer(1), date, sequence(reason(1), reason(1))), 'bad-value'],
    [
      'a reason that is no ENUMERATED',
      entry(integer(1), date, sequence(extension('2.5.29.21', false, integer(1)))),
      'unexpected-tag',
    ],
    ['an entry that is no SEQUENCE', tlv(TAG.SET, integer(1), date), 'unexpected-tag'],
    [
      'a length in too many octets',
      Uint8Array.of(0x30, 0x81, good.length - 2, ...good.subarray(2)),
      'non-minimal-length',
    ],
    [
      'an issuer that is no name',
      entry(integer(1), date, sequence(extension('2.5.29.29', true, sequence(tlv(0xa4, sequence(integer(1))))))),
      'unexpected-tag',
    ],
  ])('%s', (_, bad, code) => {
    const der = listOf(good, bad, good);
    const failure = (): unknown => {
      try {
        return openCrl(der);
      } catch (error) {
        return error;
      }
    };
    const error = failure();
    expect(error).toBeInstanceOf(DerError);
    const place = Buffer.from(der).indexOf(bad);
    expect(error).toMatchObject({ code });
    expect((error as DerError).offset).toBeGreaterThanOrEqual(place);
    expect((error as DerError).offset).toBeLessThanOrEqual(place + bad.length);
  });

  test('unusual and right: long forms, GeneralizedTime, the 31st, other extensions', () => {
    const far = tlv(TAG.GENERALIZED_TIME, Buffer.from('20500131000000Z'));
    const list = openCrl(
      listOf(
        entry(integer(1n << 2000n), date),
        entry(integer(2), far),
        entry(integer(3), utc('261231235959Z'), sequence(extension('2.5.29.24', false, far), reason(1))),
      ),
    );
    expect(list.isRevoked(1n << 2000n).revoked).toBe(true);
    expect(list.isRevoked(2n).date?.getUTCFullYear()).toBe(2050);
    expect(list.isRevoked(3n).reason).toBe('keyCompromise');
  });

  test('cut off anywhere: its own error, never another', () => {
    const der = crlDer(ca, { revoked: [1n, { serial: 2n, extensions: [certificateIssuer('X'), reason(1)] }] });
    for (let length = 0; length < der.length; length++)
      expect(() => openCrl(der.subarray(0, length))).toThrow(DerError);
  });
});
