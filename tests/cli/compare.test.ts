import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseCase } from '../../cases/case.ts';
import { makeLab, openWorkshop, type Workshop } from '../files/workshop.ts';
import { certgate } from './program.ts';

let shop: Workshop;
const FULL =
  '/C=US/ST=Illinois/L=Springfield/O=Contoso Ltd/OU=Contoso Labs/CN=sensor.contoso.com/emailAddress=a@contoso.com';

/** A self-signed certificate with the vendor's extensions. */
function make(name: string, subject: string, usage = 'digitalSignature,keyEncipherment,keyAgreement'): void {
  shop.run(
    `openssl req -x509 -newkey rsa:2048 -nodes -keyout ${name}.key -subj '${subject}' -addext keyUsage=critical,${usage} -addext extendedKeyUsage=serverAuth,clientAuth -addext basicConstraints=critical,CA:FALSE -addext subjectAltName=DNS:sensor.contoso.com -out ${name}.crt 2>/dev/null`,
  );
}

beforeAll(() => {
  shop = openWorkshop();
  makeLab(shop);
  make('sample', FULL);
  const damaged = new URL('../../cases/crt-file/damaged-sample.case', import.meta.url);
  shop.write('printed.crt', parseCase(readFileSync(damaged, 'utf8'), 'damaged-sample').files[0]!.text);
});
afterAll(() => shop.close());

interface Row {
  readonly label: string;
  readonly file: string;
  readonly sample: string;
  readonly likeness: string;
}

function compare(file: string, sample: string): { code: number | null; rows: readonly Row[]; differing: string[] } {
  const { code, stdout, stderr } = certgate(['inspect', file, '--compare', sample, '--format', 'json'], {
    cwd: shop.folder,
  });
  expect(stderr).toBe('');
  const { rows } = (JSON.parse(stdout) as { comparisons: { rows: Row[] }[] }).comparisons[0]!;
  const differing = rows
    .filter(({ likeness }) => likeness !== 'same')
    .map(({ label, file: mine, sample: theirs, likeness }) => `${likeness} ${label} ${mine || '-'} | ${theirs || '-'}`);
  return { code, rows, differing };
}

test('other values in the same fields and order are the same', () => {
  make('other', FULL.replace('sensor.', 'sensor-2.').replace('Illinois', 'Ohio'));
  expect(compare('other.crt', 'sample.crt')).toMatchObject({ code: 0, differing: [] });
});

test('a field that is missing, one too many, one in another place', () => {
  make('off', '/C=US/O=Contoso Ltd/L=Springfield/OU=Contoso Labs/CN=sensor.contoso.com/DC=contoso/emailAddress=a@b.c');
  const { code, differing } = compare('off.crt', 'sample.crt');
  expect(code).toBe(1);
  expect(differing).toEqual([
    'moved Subject O=Contoso Ltd | -',
    'missing Subject - | ST=Illinois',
    'moved Subject - | O=Contoso Ltd',
    'extra Subject DC=contoso | -',
  ]);
});

test('another key usage', () => {
  make('usage', FULL, 'digitalSignature');
  expect(compare('usage.crt', 'sample.crt').differing).toEqual([
    'differs Key usage digitalSignature | digitalSignature, keyEncipherment, keyAgreement',
  ]);
});

test("a damaged sample like the vendor's, as far as it is legible; that it is a CA is no model", () => {
  const { code, rows, differing } = compare('sample.crt', 'printed.crt');
  expect(rows.filter(({ label }) => label === 'Subject').map(({ sample }) => sample.split('=')[0])).toEqual([
    'C',
    'ST',
    'L',
    'O',
    'OU',
    'CN',
    'emailAddress',
  ]);
  const said = Object.fromEntries(rows.map(({ label, sample }) => [label, sample]));
  expect(said).toMatchObject({
    'Signature algorithm': 'sha256WithRSAEncryption',
    'Public key': 'RSA, 2048 bits',
    'Key usage': 'digitalSignature, keyEncipherment, keyAgreement',
    'Extended key usage': 'clientAuth, serverAuth',
  });
  expect(differing).toContain('better Basic constraints not a CA | a CA');
  expect(code).toBe(0);
});

test('DER and requests are compared, too', () => {
  shop.run(`openssl x509 -in sample.crt -outform DER -out sample.der`);
  shop.run(`openssl req -new -key sample.key -subj '${FULL}' -out same.csr`);
  expect(compare('sample.crt', 'sample.der').code).toBe(0);
  expect(compare('same.csr', 'sample.der').differing).toContain(
    'missing Key usage - | digitalSignature, keyEncipherment, keyAgreement',
  );
});

test('what cannot be compared is named', () => {
  const { code, stderr } = certgate(['inspect', 'sample.crt', '--compare', 'sample.key'], { cwd: shop.folder });
  expect(code).toBe(2);
  expect(stderr).toContain('sample.key is a private key (PKCS#8) in PEM; only certificates and requests');
});

test('side by side, within the width of a terminal', () => {
  const { stdout } = certgate(['inspect', 'off.crt', '--compare', 'sample.crt'], { cwd: shop.folder });
  for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  expect(stdout).toMatch(/✗ +- +ST=Illinois\n +\(missing in yours\)/);
  expect(stdout).toContain('✗ Not as the sample: Subject O (in another place), Subject ST (missing in\nyours)');
});
