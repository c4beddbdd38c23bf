import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  DecryptionError,
  type KeyDecryption,
  MalformedKeyError,
  UnsupportedAlgorithmError,
} from '../../src/core/base/ports.ts';
import { ADAPTERS } from './adapters.ts';
import { readEncryptedKey } from './encrypted-key.ts';

const PASSPHRASE = 'Pässwört-7';
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const key = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey;
const pem = key.export({ format: 'pem', type: 'pkcs8' });
const pkcs8 = new Uint8Array(key.export({ format: 'der', type: 'pkcs8' }));
const pkcs1 = new Uint8Array(key.export({ format: 'der', type: 'pkcs1' }));

const LEGACY = ['-provider', 'legacy', '-provider', 'default'];
const openssl = (args: readonly string[], passphrase: string): string =>
  execFileSync('openssl', args, {
    input: pem,
    encoding: 'utf8',
    stdio: ['pipe', 'pipe', 'ignore'],
    env: { ...process.env, CERTGATE_TEST_PASSPHRASE: passphrase },
  });

function encrypt(args: readonly string[], passphrase = PASSPHRASE): string {
  return openssl(['pkcs8', '-topk8', ...LEGACY, ...args, '-passout', 'env:CERTGATE_TEST_PASSPHRASE'], passphrase);
}

const traditional = (cipher: string): string =>
  openssl(['rsa', '-traditional', ...LEGACY, `-${cipher}`, '-passout', 'env:CERTGATE_TEST_PASSPHRASE'], PASSPHRASE);

/** openssl's arguments, and whether the adapter without OpenSSL has the cipher. */
const PKCS8: readonly (readonly [string, readonly string[], boolean])[] = [
  ['PBE-MD5-DES', ['-v1', 'PBE-MD5-DES'], false],
  ['PBE-MD5-RC2-64', ['-v1', 'PBE-MD5-RC2-64'], true],
  ['PBE-SHA1-DES', ['-v1', 'PBE-SHA1-DES'], false],
  ['PBE-SHA1-RC2-64', ['-v1', 'PBE-SHA1-RC2-64'], true],
  ['PBE-SHA1-RC4-128', ['-v1', 'PBE-SHA1-RC4-128'], true],
  ['PBE-SHA1-RC4-40', ['-v1', 'PBE-SHA1-RC4-40'], true],
  ['PBE-SHA1-3DES', ['-v1', 'PBE-SHA1-3DES'], false],
  ['PBE-SHA1-2DES', ['-v1', 'PBE-SHA1-2DES'], false],
  ['PBE-SHA1-RC2-128', ['-v1', 'PBE-SHA1-RC2-128'], true],
  ['PBE-SHA1-RC2-40', ['-v1', 'PBE-SHA1-RC2-40', '-iter', '50000'], true],
  ['PBES2 AES-128, HMAC-SHA1', ['-v2', 'aes-128-cbc', '-v2prf', 'hmacWithSHA1'], true],
  ['PBES2 AES-192, HMAC-SHA512', ['-v2', 'aes-192-cbc', '-v2prf', 'hmacWithSHA512'], true],
  ['PBES2 AES-256', ['-v2', 'aes-256-cbc', '-iter', '10000'], true],
  ['PBES2 3DES', ['-v2', 'des-ede3-cbc'], false],
  ['PBES2 DES', ['-v2', 'des-cbc'], false],
  ['PBES2 RC2', ['-v2', 'rc2-cbc'], true],
  ['PBES2 RC2-40', ['-v2', 'rc2-40-cbc'], true],
  ['PBES2 RC2-64', ['-v2', 'rc2-64-cbc'], true],
  ['PBES2 Camellia', ['-v2', 'camellia-256-cbc'], false],
  ['PBES2 ARIA', ['-v2', 'aria-128-cbc'], false],
  ['scrypt', ['-scrypt', '-scrypt_N', '4096', '-scrypt_r', '8', '-scrypt_p', '2'], true],
];

const TRADITIONAL: readonly (readonly [string, boolean])[] = [
  ['des-cbc', false],
  ['des-ede3-cbc', false],
  ['aes-128-cbc', true],
  ['aes-192-cbc', true],
  ['aes-256-cbc', true],
  ['camellia-128-cbc', false],
  ['aria-256-cbc', false],
  ['rc2-cbc', true],
  ['rc2-40-cbc', true],
  ['rc2-64-cbc', true],
];

const FILES = [
  ...PKCS8.map(([name, args, portable]) => ({ name, portable, plain: pkcs8, file: encrypt(args) })),
  ...TRADITIONAL.map(([name, portable]) => ({
    name: `Proc-Type ${name}`,
    portable,
    plain: pkcs1,
    file: traditional(name),
  })),
];

describe.each(ADAPTERS)('%s', (adapter, crypto) => {
  test.each(FILES)('opens $name', async ({ file, plain, portable }) => {
    const request = readEncryptedKey(file, utf8(PASSPHRASE));
    if (adapter === 'portable' && !portable) {
      await expect(crypto.decryptKey(request)).rejects.toThrow(UnsupportedAlgorithmError);
      return;
    }
    expect(await crypto.decryptKey(request)).toEqual(plain);
    // 1 in 256 wrong passphrases leaves valid padding behind, and RC4 has none: never the key, though.
    const wrong = { ...request, passphrase: utf8('wrong') };
    const outcome = await crypto.decryptKey(wrong).catch((error: unknown) => error);
    if (!(outcome instanceof DecryptionError)) expect(outcome).not.toEqual(plain);
    await expect(
      crypto.decryptKey({ ...request, passphrase: new Uint8Array(0) }).catch(() => 'closed'),
    ).resolves.not.toEqual(plain);
  });

  test('an empty passphrase is one, too', async () => {
    const file = encrypt(['-v1', 'PBE-SHA1-RC2-40'], '');
    expect(await crypto.decryptKey(readEncryptedKey(file, new Uint8Array(0)))).toEqual(pkcs8);
  });

  test('a passphrase that is no UTF-8 counts byte by byte', async () => {
    const file = readFileWithLatin1Passphrase();
    expect(await crypto.decryptKey(readEncryptedKey(file, Uint8Array.of(0x70, 0xe4, 0x73)))).toEqual(pkcs8);
  });

  const aes = readEncryptedKey(FILES.find(({ name }) => name === 'PBES2 AES-256')!.file, utf8(PASSPHRASE));

  test.each([
    ['ciphertext cut', { ciphertext: aes.ciphertext.subarray(0, -1) }, DecryptionError],
    ['a block missing', { ciphertext: aes.ciphertext.subarray(0, -16) }, DecryptionError],
    ['ciphertext empty', { ciphertext: new Uint8Array(0) }, DecryptionError],
    ['IV too short', { iv: new Uint8Array(8) }, MalformedKeyError],
    ['IV missing', { iv: undefined }, MalformedKeyError],
    ['unknown cipher', { cipher: 'blowfish-cbc' }, UnsupportedAlgorithmError],
    ["cipher named like an object's property", { cipher: 'constructor' }, UnsupportedAlgorithmError],
    ['no iterations', { derivation: { ...aes.derivation, iterations: 0 } as never }, MalformedKeyError],
    ['half an iteration', { derivation: { ...aes.derivation, iterations: 1.5 } as never }, MalformedKeyError],
    ['scrypt N of 3', { derivation: { name: 'scrypt', salt: aes.ciphertext, N: 3, r: 8, p: 1 } }, MalformedKeyError],
    ['scrypt r of 0', { derivation: { name: 'scrypt', salt: aes.ciphertext, N: 4, r: 0, p: 1 } }, MalformedKeyError],
  ] as readonly (readonly [string, Partial<KeyDecryption>, new (...args: never[]) => Error])[])(
    'says what is wrong: %s',
    async (_name, change, error) => {
      await expect(crypto.decryptKey({ ...aes, ...change })).rejects.toThrow(error);
    },
  );

  test('leaves the passphrase and the ciphertext as they were', async () => {
    const request = { ...aes, ciphertext: Uint8Array.from(aes.ciphertext), passphrase: utf8(PASSPHRASE) };
    await crypto.decryptKey(request);
    expect(request.passphrase).toEqual(utf8(PASSPHRASE));
    expect(request.ciphertext).toEqual(Uint8Array.from(aes.ciphertext));
  });

  test('lets others run while it derives', async () => {
    const slow: KeyDecryption = { ...aes, derivation: { ...aes.derivation, iterations: 30_000 } as never };
    const old = readEncryptedKey(FILES.find(({ name }) => name === 'PBE-SHA1-RC2-40')!.file, utf8(PASSPHRASE));
    for (const request of [slow, old]) {
      let turns = 0;
      const timer = setInterval(() => turns++, 0);
      await crypto.decryptKey(request).catch(() => undefined);
      clearInterval(timer);
      expect(turns).toBeGreaterThan(0);
    }
  });
});

function readFileWithLatin1Passphrase(): string {
  const folder = mkdtempSync(join(tmpdir(), 'certgate-'));
  try {
    const file = join(folder, 'key.pem');
    writeFileSync(file, pem);
    const args = ['pkcs8', '-topk8', ...LEGACY, '-v1', 'PBE-SHA1-RC2-40', '-in', file, '-passout', 'stdin'];
    const input = Buffer.from([0x70, 0xe4, 0x73, 0x0a]);
    return execFileSync('openssl', args, { input, encoding: 'utf8', stdio: ['pipe', 'pipe', 'ignore'] });
  } finally {
    rmSync(folder, { recursive: true });
  }
}
