import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { OpenedBundle } from '../../src/core/files/bundle.ts';
import { identify } from '../../src/core/files/identify.ts';
import { openBundle, wipeBundle } from '../../src/core/files/open-bundle.ts';
import { nodeCrypto } from '../../src/platform/crypto/node-crypto.ts';
import { makeLab, openWorkshop, type Workshop } from './workshop.ts';

let shop: Workshop;

beforeAll(() => {
  shop = openWorkshop();
  makeLab(shop);
});
afterAll(() => shop.close());

/** A file made by a command that writes to standard output. */
const made = (command: string): Uint8Array => {
  shop.run(`${command} > made`);
  return shop.read('made');
};
const open = (crt: Uint8Array, more: { key?: Uint8Array; chain?: Uint8Array; passphrase?: string } = {}) =>
  openBundle({ crt, ...more }, nodeCrypto);
const cn = ({ crt }: OpenedBundle) => /CN=(.*)/.exec(crt.leaf!.certificate!.subject.toString())?.[1];

describe('what openssl and others write is told by its structure, in PEM and in DER', () => {
  test.each([
    ['openssl x509 -in good.crt', 'certificate'],
    ['openssl x509 -in good.crt -trustout -addtrust serverAuth', 'trusted-certificate'],
    ['openssl req -in good.csr', 'csr'],
    ['openssl crl2pkcs7 -nocrl -certfile good.pem', 'pkcs7'],
    ['openssl pkey -in good.key', 'private-key'],
    ['openssl rsa -in good.key -traditional', 'private-key'],
    ['openssl pkcs8 -in good.key -topk8 -passout pass:abc123', 'encrypted-private-key'],
    ['openssl pkey -in good.key -pubout', 'public-key'],
    ['openssl rsa -in good.key -RSAPublicKey_out', 'public-key'],
    ['openssl ecparam -name prime256v1', 'parameters'],
  ] as const)('%s', (command, kind) => {
    const pem = identify(made(command));
    expect([pem.form, pem.blocks[0]?.kind, pem.blocks[0]?.faults]).toEqual(['pem', kind, []]);
    // In DER openssl writes no trust data and no parameters alone.
    if (kind === 'parameters' || kind === 'trusted-certificate') return;
    const der = identify(made(`${command} -outform DER`));
    expect([der.form, der.blocks[0]?.kind, der.trailingBytes]).toEqual(['der', kind, 0]);
  });

  test('a CRL, a PKCS#12 file, an OpenSSH key, bare Base64', () => {
    shop.run(
      'touch index && printf "[ca]\\ndefault_ca=c\\n[c]\\ndatabase=index\\ndefault_md=sha256\\ndefault_crl_days=9\\n" > ca.conf',
    );
    expect(identify(made('openssl ca -config ca.conf -gencrl -keyfile root.key -cert root.crt')).blocks[0]?.kind).toBe(
      'crl',
    );
    const pfx = 'openssl pkcs12 -export -in good.crt -inkey good.key -passout pass:abc123';
    expect(identify(made(pfx)).blocks[0]?.kind).toBe('pkcs12');
    const bare = identify(made("sed '/-----/d' good.crt"));
    expect([bare.form, bare.blocks[0]?.kind]).toEqual(['base64-without-header', 'certificate']);
    const ssh =
      '-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAABG5vbmU=\n-----END OPENSSH PRIVATE KEY-----\n';
    expect(identify(Buffer.from(ssh)).blocks[0]?.kind).toBe('openssh-private-key');
  });
});

describe('the certificate to judge', () => {
  test('is the only end-entity certificate, wherever it stands; the others are the chain', async () => {
    for (const order of ['good.crt good.pem', 'good.pem good.crt', 'issuing.crt good.crt root.crt']) {
      const bundle = await open(made(`cat ${order}`));
      expect(cn(bundle)).toBe('sensor.contoso.com');
      expect(bundle.chainFromCrt).toBe(true);
      expect(bundle.chain?.certificates.map(({ file }) => file)).toEqual(['crt', 'crt']);
    }
  });

  test('a .pem file goes before the CAs of the .crt', async () => {
    const bundle = await open(made('cat good.crt good.pem'), { chain: shop.read('root.crt') });
    expect(bundle.chainFromCrt).toBe(false);
    expect(bundle.chain?.certificates).toHaveLength(1);
  });

  test('of several end-entity certificates, or of CAs alone, it is the one of the key', async () => {
    shop.run(
      "openssl req -x509 -newkey rsa:2048 -nodes -keyout b.key -subj '/CN=b' -days 9 -out b.crt -addext basicConstraints=CA:FALSE",
    );
    const two = await open(made('cat good.crt b.crt'), { key: shop.read('b.key') });
    expect([cn(two), two.crt.endEntities]).toEqual(['b', 2]);
    expect(cn(await open(made('cat good.crt b.crt')))).toBe('sensor.contoso.com');
    const cas = await open(shop.read('good.pem'), { key: shop.read('root.key') });
    expect([cn(cas), cas.crt.endEntities]).toEqual(['Root', 0]);
  });

  test('exact duplicates count once', async () => {
    const { crt } = await open(made('cat good.crt good.crt good.crt'));
    expect([crt.duplicates, crt.rest.length, crt.endEntities]).toEqual([2, 0, 1]);
  });

  test('trust data behind it does not hide it', async () => {
    const bundle = await open(made('openssl x509 -in good.crt -trustout -addtrust serverAuth'));
    expect(cn(bundle)).toBe('sensor.contoso.com');
  });
});

test('wipeBundle zeroes key and passphrase, and leaves the arrays of the caller alone', async () => {
  const key = shop.read('good.key');
  const der = made('openssl pkey -in good.key -outform DER');
  for (const file of [key, der]) {
    const before = file.slice();
    const bundle = await open(shop.read('good.crt'), { key: file, passphrase: 'abc123' });
    const secrets = [bundle.passphrase!, bundle.key!.pkcs8!];
    if (file === key) secrets.push(bundle.key!.keys[0]!.der);
    expect(secrets.every((secret) => secret.some((byte) => byte !== 0))).toBe(true);
    wipeBundle(bundle);
    expect(secrets.every((secret) => secret.every((byte) => byte === 0))).toBe(true);
    expect(Buffer.from(file).equals(Buffer.from(before))).toBe(true);
  }
});

test('no mutation of a good bundle makes it throw', async () => {
  const files = ['good.crt', 'good.key', 'good.pem'].map((name) => shop.read(name));
  const mutation = fc.record({
    file: fc.nat(2),
    at: fc.nat(5000),
    length: fc.nat(40),
    bytes: fc.oneof(
      fc.uint8Array({ maxLength: 20 }),
      fc.constantFrom('\n', '-----BEGIN ', '-----END X-----\n', '|', '=').map((text) => Buffer.from(text)),
    ),
  });
  await fc.assert(
    fc.asyncProperty(mutation, async ({ file, at, length, bytes }) => {
      const [crt, key, chain] = files.map((whole, index) =>
        index === file ? Uint8Array.from([...whole.subarray(0, at), ...bytes, ...whole.subarray(at + length)]) : whole,
      );
      wipeBundle(await openBundle({ crt: crt!, key, chain }, nodeCrypto));
    }),
    { numRuns: 300 },
  );
});

const vectors = process.env['CERTGATE_VECTORS'] ?? new URL('../../../shared/vectors', import.meta.url).pathname;

describe.skipIf(!existsSync(`${vectors}/vendor-sample.crt`))("the vendor's published sample", () => {
  test('its damage is located, and what is legible is told', async () => {
    const { crt } = await open(new Uint8Array(readFileSync(`${vectors}/vendor-sample.crt`)));
    expect(crt.leaf?.block.faults.map(({ line, column, code }) => [line, column, code]).slice(0, 4)).toEqual([
      [17, 12, 'bad-base64'],
      [17, 28, 'inner-space'],
      [17, 36, 'inner-space'],
      [20, 28, 'inner-space'],
    ]);
    expect(crt.leaf?.certificate).toBeUndefined();
    const { subject, notBefore, notAfter, ca, subjectAltName, crlDistributionPoints } = crt.leaf!.salvaged!;
    expect(subject).toContainEqual(expect.objectContaining({ type: 'OU', text: 'Contoso Labs' }));
    expect([notBefore, notAfter].map((time) => new Date(time! * 1000).toISOString())).toEqual([
      '2020-12-17T18:40:38.000Z',
      '2022-12-17T18:40:38.000Z',
    ]);
    expect([ca, subjectAltName, crlDistributionPoints]).toEqual([true, false, false]);
  });
});
