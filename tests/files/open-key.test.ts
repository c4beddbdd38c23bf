import { createPublicKey } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { KeyFile } from '../../src/core/files/bundle.ts';
import { identify } from '../../src/core/files/identify.ts';
import { openKeyFile } from '../../src/core/files/open-key.ts';
import { nodeCrypto } from '../../src/platform/crypto/node-crypto.ts';
import { openWorkshop, type Workshop } from './workshop.ts';

let shop: Workshop;
let spki: Buffer;

beforeAll(() => {
  shop = openWorkshop();
  shop.run('openssl genrsa -out plain.key 2048');
  spki = createPublicKey(Buffer.from(shop.read('plain.key'))).export({ format: 'der', type: 'spki' });
});
afterAll(() => shop.close());

const passphrase = (text: string | undefined) => (text === undefined ? undefined : new TextEncoder().encode(text));
const open = (file: Uint8Array, text?: string): Promise<KeyFile> =>
  openKeyFile(identify(file), passphrase(text), nodeCrypto);
const LEGACY = '-provider legacy -provider default';

const TRADITIONAL = ['aes128', 'aes192', 'aes256', 'des3', 'des', 'camellia256', 'aria128', 'rc2'];
const V1 = [
  'PBE-MD5-DES',
  'PBE-SHA1-DES',
  'PBE-MD5-RC2-64',
  'PBE-SHA1-RC2-64',
  'PBE-SHA1-3DES',
  'PBE-SHA1-2DES',
  'PBE-SHA1-RC2-128',
  'PBE-SHA1-RC2-40',
  'PBE-SHA1-RC4-128',
  'PBE-SHA1-RC4-40',
];
const V2 = [
  'aes-128-cbc',
  'aes-192-cbc',
  'aes-256-cbc',
  'des3',
  'des',
  'rc2',
  'rc2-40-cbc',
  'rc2-64-cbc',
  'camellia-256-cbc',
  'aria-256-cbc',
];
const PRF = ['hmacWithSHA1', 'hmacWithSHA224', 'hmacWithSHA384', 'hmacWithSHA512', 'hmacWithSHA512-256'];

/** Every way of encrypting a key that OpenSSL 3 has and that is opened here. */
const RECIPES: readonly string[] = [
  ...TRADITIONAL.map((cipher) => `openssl rsa -traditional -${cipher} ${LEGACY}`),
  ...V1.map((scheme) => `openssl pkcs8 -topk8 -v1 ${scheme} ${LEGACY}`),
  ...V2.map((cipher) => `openssl pkcs8 -topk8 -v2 ${cipher} ${LEGACY}`),
  ...PRF.map((prf) => `openssl pkcs8 -topk8 -v2 aes-256-cbc -v2prf ${prf}`),
  'openssl pkcs8 -topk8 -v2 aes-256-cbc -iter 100000',
  'openssl pkcs8 -topk8 -scrypt',
  'openssl pkcs8 -topk8 -scrypt -scrypt_N 1024 -scrypt_r 4 -scrypt_p 2',
];

describe.each(RECIPES)('%s', (recipe) => {
  test('opens with its passphrase, and tells a wrong one from none', async () => {
    shop.run(`${recipe} -in plain.key -out locked.key -passout pass:abc123`);
    const file = shop.read('locked.key');
    const right = await open(file, 'abc123');
    expect(right.problem).toBeUndefined();
    expect(right.encrypted).toBe(true);
    expect(Buffer.from(right.spki!).equals(spki)).toBe(true);
    const wrong = await open(file, 'abc124');
    expect(wrong.problem?.code).toBe('passphrase-wrong');
    expect(wrong.pkcs8).toBeUndefined();
    expect((await open(file)).problem?.code).toBe('passphrase-missing');
  });
});

describe('ciphers that nobody here computes', () => {
  test.each(['bf-cbc', 'cast5-cbc', 'seed', 'sm4', 'aes-256-cfb'])(
    '%s is named, and the conversion works',
    async (cipher) => {
      shop.run(`openssl pkcs8 -topk8 -v2 ${cipher} ${LEGACY} -in plain.key -out old.key -passout pass:abc123`);
      const { problem } = await open(shop.read('old.key'), 'abc123');
      expect(problem?.code).toBe('cipher-unsupported');
      expect(problem?.message.toLowerCase()).toContain(cipher.split('-')[0]);
      shop.run(`openssl pkey ${LEGACY} -in old.key -aes256 -out new.key -passin pass:abc123 -passout pass:abc123`);
      expect((await open(shop.read('new.key'), 'abc123')).problem).toBeUndefined();
    },
  );
});

describe('every form becomes the same PKCS#8', () => {
  test.each([
    ['PKCS#8', 'openssl pkcs8 -topk8 -nocrypt -in plain.key'],
    ['PKCS#1', 'openssl rsa -traditional -in plain.key'],
    ['PKCS#8 DER', 'openssl pkey -in plain.key -outform DER'],
    ['PKCS#1 DER', 'openssl rsa -traditional -in plain.key -outform DER'],
  ])('%s', async (_, command) => {
    shop.run(`${command} -out form.key`);
    const { pkcs8, spki: found, problem } = await open(shop.read('form.key'));
    expect(problem).toBeUndefined();
    expect(Buffer.from(found!).equals(spki)).toBe(true);
    shop.run('openssl pkcs8 -topk8 -nocrypt -in plain.key -outform DER -out expected.der');
    expect(Buffer.from(pkcs8!).equals(Buffer.from(shop.read('expected.der')))).toBe(true);
  });

  test.each([
    ['SEC1', 'openssl ecparam -name prime256v1 -genkey -noout'],
    ['SEC1 with its parameters in a block before it', 'openssl ecparam -name secp384r1 -genkey'],
    ['DSA', 'openssl dsaparam -genkey 1024 | openssl pkey -traditional'],
    ['Ed25519', 'openssl genpkey -algorithm ed25519'],
  ])('%s', async (_, command) => {
    shop.run(`${command} > form.key`);
    const { spki: found, problem } = await open(shop.read('form.key'));
    expect(problem).toBeUndefined();
    const expected = createPublicKey(Buffer.from(shop.read('form.key'))).export({ format: 'der', type: 'spki' });
    expect(Buffer.from(found!).equals(expected)).toBe(true);
  });
});

describe('what a file asks for is weighed before anything is computed', () => {
  /** Changes one INTEGER of a real file, keeping every length: its octets must be known and unique. */
  async function patched(recipe: string, from: readonly number[], to: readonly number[]) {
    shop.run(`${recipe} -in plain.key -outform DER -out bomb.der -passout pass:abc123`);
    const file = Buffer.from(shop.read('bomb.der'));
    const at = file.indexOf(Buffer.from(from));
    expect(at).toBeGreaterThan(0);
    file.set(to, at);
    return open(file, 'abc123');
  }

  test('millions of iterations of PBKDF2', async () => {
    const recipe = 'openssl pkcs8 -topk8 -v2 aes-256-cbc -iter 70000';
    const { problem } = await patched(recipe, [2, 3, 1, 0x11, 0x70], [2, 3, 0x7f, 0xff, 0xff]);
    expect(problem?.code).toBe('derivation-over-budget');
    expect(problem?.message).toContain('8388607 iterations');
  });

  test('scrypt with half a gigabyte of memory', async () => {
    const recipe = 'openssl pkcs8 -topk8 -scrypt -scrypt_N 32768 -scrypt_r 4 -scrypt_p 1';
    const { problem } = await patched(recipe, [2, 3, 0, 0x80, 0, 2, 1, 4], [2, 3, 0, 0x80, 0, 2, 1, 0x7f]);
    expect(problem?.message).toContain('508 MiB');
  });

  test('a million iterations of an old scheme', async () => {
    const recipe = `openssl pkcs8 -topk8 -v1 PBE-SHA1-3DES -iter 70000 ${LEGACY}`;
    const { problem } = await patched(recipe, [2, 3, 1, 0x11, 0x70], [2, 3, 0x7f, 0xff, 0xff]);
    expect(problem?.code).toBe('derivation-over-budget');
  });
});

describe('damage', () => {
  test('every single bit of an encrypted key may be wrong without anything being thrown', async () => {
    shop.run(
      'openssl pkcs8 -topk8 -v2 aes-256-cbc -iter 1 -in plain.key -outform DER -out locked.der -passout pass:abc123',
    );
    const file = shop.read('locked.der');
    const problems = new Set<string | undefined>();
    for (let at = 0; at < 120; at++) {
      for (const bit of [0, 3, 7]) {
        const damaged = file.slice();
        damaged[at]! ^= 1 << bit;
        problems.add((await open(damaged, 'abc123')).problem?.code);
      }
    }
    expect([...problems]).toContain('malformed');
    expect([...problems]).toContain('passphrase-wrong');
  });

  test('no message holds anything of the key', async () => {
    const pem = Buffer.from(shop.read('plain.key')).toString();
    const damaged = pem.replace(/(\n.{20})(.{4})/, '$1|$2');
    const { problem } = await open(Buffer.from(damaged));
    expect(problem).toMatchObject({ code: 'malformed', message: expect.stringContaining('line 2, column 21') });
    for (const line of pem.split('\n').slice(1, -2)) expect(JSON.stringify(problem)).not.toContain(line.slice(0, 12));
  });
});
