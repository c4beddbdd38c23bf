import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ConversionError } from '../../src/making/convert/conversion-error.ts';
import { toDefiniteLengths } from '../../src/making/convert/ber.ts';
import { readMaterial } from '../../src/making/convert/material.ts';
import { readPkcs12 } from '../../src/making/convert/read-pkcs12.ts';
import { readPkcs7 } from '../../src/making/convert/pkcs7.ts';
import { openWorkshop, type Workshop } from '../files/workshop.ts';

let shop: Workshop;
let pfx: Uint8Array;
let p7: Uint8Array;
const passphrase = new TextEncoder().encode('abc');
beforeAll(() => {
  shop = openWorkshop();
  const bundle = new URL('../../cases/samples/good/', import.meta.url).pathname;
  shop.run(
    `openssl pkcs12 -export -nomac -iter 1 -in ${bundle}sensor.crt -inkey ${bundle}sensor.key -certfile ${bundle}chain.pem -passout pass:abc -out a.p12 && openssl crl2pkcs7 -nocrl -certfile ${bundle}chain.pem -outform DER -out a.p7b`,
  );
  pfx = readFileSync(`${shop.folder}/a.p12`);
  p7 = readFileSync(`${shop.folder}/a.p7b`);
});
afterAll(() => shop.close());

const damages = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 6 });

function damaged(whole: Uint8Array, changes: readonly (readonly [number, number])[]): Uint8Array {
  const bytes = Uint8Array.from(whole);
  for (const [at, octet] of changes) bytes[at % bytes.length] = octet;
  return bytes;
}

/** Whatever the bytes: a result, or an error of ours that says what is wrong. */
async function survives(work: () => unknown): Promise<void> {
  try {
    await work();
  } catch (error) {
    expect(error).toBeInstanceOf(ConversionError);
  }
}

test('damaged PKCS#12 and PKCS#7 end in a result or in words', async () => {
  await fc.assert(
    fc.asyncProperty(damages, fc.nat(), async (changes, length) => {
      await survives(() => readPkcs12(damaged(pfx, changes), passphrase));
      await survives(() => readPkcs7(damaged(p7, changes)));
      await survives(() => readPkcs12(pfx.subarray(0, length % pfx.length), passphrase));
      await survives(() => readMaterial([{ path: 'x', bytes: damaged(pfx, changes) }], passphrase));
    }),
    { numRuns: 150 },
  );
});

/** The same value with every constructed length indefinite and every OCTET STRING in pieces of 100 octets. */
function toBer(der: Uint8Array, at = 0, end = der.length): Uint8Array {
  const out: Uint8Array[] = [];
  while (at < end) {
    const tag = der[at]!;
    let length = der[at + 1]!;
    let start = at + 2;
    if (length > 0x80) {
      const octets = length & 0x7f;
      length = 0;
      for (let i = 0; i < octets; i++) length = length * 256 + der[start + i]!;
      start += octets;
    }
    const stop = start + length;
    const wrap = (content: Uint8Array, as: number) => Buffer.concat([Buffer.of(as, 0x80), content, Buffer.of(0, 0)]);
    if ((tag & 0x20) !== 0) out.push(wrap(toBer(der, start, stop), tag));
    else if (tag === 4 && length > 100) {
      const pieces: Buffer[] = [];
      for (let i = start; i < stop; i += 100) {
        const piece = der.subarray(i, Math.min(i + 100, stop));
        pieces.push(Buffer.of(4, piece.length), Buffer.from(piece));
      }
      out.push(wrap(Buffer.concat(pieces), 0x24));
    } else out.push(der.subarray(at, stop));
    at = stop;
  }
  return Buffer.concat(out);
}

test('BER reads as the same DER', async () => {
  expect(Buffer.from(toDefiniteLengths(toBer(pfx))).equals(pfx)).toBe(true);
  const [ber, der] = await Promise.all([readPkcs12(toBer(pfx), passphrase), readPkcs12(pfx, passphrase)]);
  expect(ber).toEqual(der);
  expect(ber.certificates).toHaveLength(3);
});

test('DER is not changed', () => {
  expect(Buffer.from(toDefiniteLengths(p7)).equals(p7)).toBe(true);
});

test('nesting without end is refused, not followed', () => {
  const deep = Buffer.alloc(200_000, Buffer.of(0x30, 0x80));
  expect(() => toDefiniteLengths(deep)).toThrow(ConversionError);
});
