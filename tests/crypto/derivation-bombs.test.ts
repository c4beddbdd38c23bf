import { describe, expect, test } from 'vitest';
import { type Crypto } from '../../src/core/base/ports.ts';
import type { Block } from '../../src/core/files/content.ts';
import { openKey } from '../../src/core/files/open-key.ts';
import { nodeCrypto } from '../../src/platform/crypto/node-crypto.ts';
import { encodeTlv, oid, raw, seq, type Tlv } from '../../cases/recipes/tlv.ts';

/** PBES2 with AES-256-CBC behind any key derivation. */
function encryptedKey(derivation: Tlv): Block {
  const cipher = seq(oid('60864801650304012a'), raw(0x04, new Uint8Array(16) as never));
  const algorithm = seq(oid('2a864886f70d01050d'), seq(derivation, cipher));
  const der = encodeTlv(seq(algorithm, raw(0x04, new Uint8Array(1024) as never)));
  return { kind: 'encrypted-private-key', der, headers: new Map(), faults: [] } as unknown as Block;
}

const number = (value: number): Tlv => {
  const hex = value.toString(16);
  const octets = [...Buffer.from(hex.length % 2 === 1 ? `0${hex}` : hex, 'hex')];
  return raw(0x02, octets[0]! >= 0x80 ? [0, ...octets] : octets);
};
const SALT = raw(0x04, [1, 2, 3, 4, 5, 6, 7, 8]);
const pbkdf2 = (iterations: number, salt = SALT): Tlv => seq(oid('2a864886f70d01050c'), seq(salt, number(iterations)));
const scrypt = (n: number, r: number, p: number): Tlv =>
  seq(oid('2b06010401da47040b'), seq(SALT, number(n), number(r), number(p)));
const pkcs12 = (iterations: number): Block => {
  const algorithm = seq(oid('2a864886f70d010c0103'), seq(SALT, number(iterations)));
  const der = encodeTlv(seq(algorithm, raw(0x04, new Uint8Array(1024) as never)));
  return { kind: 'encrypted-private-key', der, headers: new Map(), faults: [] } as unknown as Block;
};

/** The real adapter, and whether anybody asked it to derive. */
function watched(): { crypto: Crypto; asked: () => boolean } {
  let asked = false;
  const decryptKey: Crypto['decryptKey'] = (request) => {
    asked = true;
    return nodeCrypto.decryptKey(request);
  };
  return { crypto: { ...nodeCrypto, decryptKey }, asked: () => asked };
}

describe('a key that asks for too much is refused before anything is derived', () => {
  test.each([
    ['200 000 000 iterations of PBKDF2', encryptedKey(pbkdf2(200_000_000))],
    ['more iterations than 47 bits count', encryptedKey(pbkdf2(2 ** 46))],
    ['a salt of 60 KB', encryptedKey(pbkdf2(1, raw(0x04, new Uint8Array(60_000) as never)))],
    ['100 000 000 iterations of the PKCS#12 derivation', pkcs12(100_000_000)],
    ['1 GiB of scrypt', encryptedKey(scrypt(2 ** 20, 8, 1))],
    ['scrypt with 2 GiB in its lanes', encryptedKey(scrypt(2, 1, 16_000_000))],
    ['scrypt with half a million lanes', encryptedKey(scrypt(2, 1, 524_288))],
    ['scrypt with sixteen lanes of 256 MiB', encryptedKey(scrypt(2 ** 18, 8, 16))],
  ])('%s', async (_, block) => {
    const { crypto, asked } = watched();
    const { problem } = await openKey(block, { passphrase: new Uint8Array(8) }, crypto);
    expect(problem?.code).toBe('derivation-over-budget');
    expect(problem?.message).toMatch(/Nothing was computed\.$/);
    expect(asked()).toBe(false);
  });

  test('what openssl writes by default is within it, and scrypt of 256 MiB', async () => {
    for (const derivation of [pbkdf2(2048), pbkdf2(600_000), scrypt(16_384, 8, 1), scrypt(2 ** 18, 8, 1)]) {
      const { crypto, asked } = watched();
      const { problem } = await openKey(encryptedKey(derivation), { passphrase: new Uint8Array(8) }, crypto);
      expect(problem?.code).toBe('passphrase-wrong');
      expect(asked()).toBe(true);
    }
  });
});
