import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { bytesOf, parseCase } from '../../../cases/case.ts';
import { identify } from '../../../src/core/files/identify.ts';
import { recogniseFiles } from './recognise.ts';
import type { NamedFile } from './request.ts';

const folder = join(import.meta.dirname, '../../../cases');

/** The files of a golden case by section. */
function partsOf(name: string): Record<string, string> {
  const { files } = parseCase(readFileSync(join(folder, name), 'utf8'), name);
  return Object.fromEntries(files.map((file) => [file.section, new TextDecoder().decode(bytesOf(file))]));
}

const { crt, key, chain } = partsOf('chain-matches-crt/complete.case') as { crt: string; key: string; chain: string };
const BLOCK = /-----BEGIN [^]*?-----END [A-Z ]+-----\n/g;
const [issuing, root] = chain.match(BLOCK) as [string, string];
const file = (name: string, text: string | Uint8Array): NamedFile => ({
  name,
  bytes: typeof text === 'string' ? new TextEncoder().encode(text) : text,
});
const text = (bytes: Uint8Array | undefined): string => new TextDecoder().decode(bytes);
const roles = (...files: NamedFile[]) => {
  const { files: found } = recogniseFiles(files);
  return Object.fromEntries(found.map(({ name, usedAs }) => [name, usedAs.join('+')]));
};
const der = (pem: string): Uint8Array => identify(new TextEncoder().encode(pem)).blocks[0]!.der;

describe('files are told by their content', () => {
  test('three files in any order under any name are taken as they are', () => {
    const { bundle, names, rearranged } = recogniseFiles([file('1', chain), file('2', crt), file('3', key)]);
    expect(names).toEqual({ crt: '2', key: '3', chain: '1' });
    expect([bundle.crt, bundle.key, bundle.chain].map(text)).toEqual([crt, key, chain]);
    expect(rearranged).toBe(false);
  });

  test('one file with everything is taken apart', () => {
    const { bundle, files, rearranged } = recogniseFiles([file('all.pem', key + chain + crt)]);
    expect([bundle.crt, bundle.key, bundle.chain].map(text)).toEqual([crt, key, chain]);
    expect(rearranged).toBe(true);
    expect(files[0]!.note).toBe(
      'It holds certificate, private key and chain together; we took them apart, as the appliance wants them. Whoever got this file has the key.',
    );
  });

  test('a name that says something else is mentioned', () => {
    const { files } = recogniseFiles([file('sensor.crt', key), file('sensor.key', crt), file('chain.pem', chain)]);
    expect(files.map(({ note }) => note)).toEqual([
      "Its name ends in .crt, but what is in it belongs into the form's field for the private key (KEY file).",
      "Its name ends in .key, but what is in it belongs into the form's field for the certificate (CRT file).",
      undefined,
    ]);
  });

  test('certbot: the file with the certificate alone, and the chain out of either', () => {
    const cert = file('cert.pem', crt);
    const full = file('fullchain.pem', crt + chain);
    expect(roles(cert, full, file('privkey.pem', key), file('chain.pem', chain))).toEqual({
      'cert.pem': 'crt',
      'fullchain.pem': '',
      'privkey.pem': 'key',
      'chain.pem': 'chain',
    });
    const { bundle, names } = recogniseFiles([full, cert]);
    expect(names).toEqual({ crt: 'cert.pem', chain: 'fullchain.pem' });
    expect(text(bundle.chain)).toBe(chain);
  });

  test('CAs in files of their own, DER among them, become one chain from the issuer up', () => {
    const { bundle, names, rearranged } = recogniseFiles([
      file('root.cer', der(root)),
      file('sensor.crt', crt),
      file('issuing.crt', issuing),
    ]);
    expect(names.chain).toBe('issuing.crt + root.cer');
    expect(identify(bundle.chain!).blocks.map((block) => block.der)).toEqual([der(issuing), der(root)]);
    expect(rearranged).toBe(true);
  });

  test('two certificates of two appliances in one file are left to the report', () => {
    const other = partsOf('crt-subject-cn/other-host.case')['crt'] ?? '';
    const both = crt + other;
    const { bundle, rearranged } = recogniseFiles([file('both.crt', both), file('sensor.key', key)]);
    expect(text(bundle.crt)).toBe(both);
    expect(rearranged).toBe(false);
  });

  test('what is no certificate stands where one belongs, for the report to say what it is', () => {
    const html = '<!doctype html><html><head><title>Sign in</title></head></html>';
    const { bundle, files } = recogniseFiles([file('sensor.crt', html), file('chain.pem', chain), file('k', key)]);
    expect(text(bundle.crt)).toBe(html);
    expect(files.map(({ usedAs }) => usedAs)).toEqual([['crt'], ['chain'], ['key']]);
  });

  test('a chain alone has no certificate to check', () => {
    const { bundle } = recogniseFiles([file('chain.pem', chain)]);
    expect(bundle.crt).toBeUndefined();
    expect(text(bundle.chain)).toBe(chain);
  });

  test('what the user says a file is counts, whatever it holds', () => {
    const { bundle, names } = recogniseFiles([
      { ...file('a', chain), as: 'crt' },
      { ...file('b', crt), as: 'chain' },
    ]);
    expect([text(bundle.crt), text(bundle.chain)]).toEqual([chain, crt]);
    expect(names).toEqual({ crt: 'a', chain: 'b' });
  });

  test('UTF-16 is not cut: offsets would not fit', () => {
    const bytes = new Uint8Array(Buffer.from(`\ufeff${crt}${chain}`, 'utf16le'));
    const { bundle } = recogniseFiles([file('all.crt', bytes)]);
    expect(bundle.crt).toEqual(bytes);
    expect(identify(bundle.chain!).blocks).toHaveLength(2);
  });

  test('the certificates for a server never hold a key', () => {
    const { certificates, hostname, encrypted } = recogniseFiles([file('all.pem', key + crt + chain)]);
    expect(certificates).toEqual([der(crt), der(issuing), der(root)]);
    expect(hostname).toMatch(/^[a-z]/);
    expect(encrypted).toBe(false);
  });

  test('no golden case makes it fail, in any of its files', () => {
    const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.case'));
    for (const name of names) {
      const { files } = parseCase(readFileSync(join(folder, name), 'utf8'), name);
      const recognised = recogniseFiles(files.map((one, i) => ({ name: `${i}`, bytes: bytesOf(one) })));
      expect(recognised.files).toHaveLength(files.length);
    }
  });
});
