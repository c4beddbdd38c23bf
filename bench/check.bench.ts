import 'reflect-metadata';
import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { X509Certificate as PeculiarCertificate } from '@peculiar/x509';
import { createCertificateChecker } from '../src/core/check/check-certificate.ts';
import { parseCertificate } from '../src/core/x509/certificate.ts';
import { nodeCrypto } from '../src/platform/crypto/node-crypto.ts';
import { createDifferent, toPem } from './different.ts';
import type { Bench, Contender } from './harness.ts';

const MATERIAL = '/etc/ssl/certs/ca-certificates.crt';
/** Rounds over all of the material for what takes microseconds. */
const OFTEN = 40;

const PEM = /-----BEGIN CERTIFICATE-----([^-]+)-----END CERTIFICATE-----/g;
const decode = (pem: string): Uint8Array[] =>
  [...pem.matchAll(PEM)].map(([, base64 = '']) => new Uint8Array(Buffer.from(base64, 'base64')));

const pem = readFileSync(MATERIAL, 'utf8');
const roots = decode(pem);
// A certificate with nothing to complain about costs less than a CA's, which fails half of the rules.
const sensor = decode(readFileSync('cases/samples/good/sensor.crt', 'utf8'));

function over(
  ders: readonly Uint8Array[],
  rounds: number,
  each: (der: Uint8Array) => unknown,
): Omit<Contender, 'name'> {
  return {
    count: ders.length * rounds,
    run: () => {
      for (let round = 0; round < rounds; round++) for (const der of ders) each(der);
    },
  };
}

/** Every certificate rule save the costly ones, as `check --each` runs them. */
function judge(findings: 'all' | 'problems'): (der: Uint8Array) => unknown {
  const check = createCertificateChecker({ at: new Date(), findings }, nodeCrypto);
  return (der) => check(der, '');
}

const folder = mkdtempSync(join(tmpdir(), 'certgate-bench-'));
process.once('exit', () => rmSync(folder, { recursive: true }));

/** A file of the material again and again. */
function repeated(times: number): string {
  const file = join(folder, `${times}.pem`);
  writeFileSync(file, pem.repeat(times));
  return file;
}

/** CPU µs of `openssl` reading all of the material, its own start-up taken off. */
function openssl(): Contender {
  const many = repeated(OFTEN);
  const one = join(folder, 'one.pem');
  writeFileSync(one, pem.match(PEM)?.[0] ?? '');
  const read = (file: string) => cpuSeconds(`openssl storeutl -noout -certs '${file}'`);
  return {
    name: 'openssl storeutl, PEM included',
    count: roots.length * OFTEN,
    run: () => (read(many) - read(one)) * 1e6,
  };
}

/** As many as a scan of a network finds, the same again and again. */
const SCAN = Math.ceil(60_000 / roots.length);
/** As many as a CA has issued, no two alike. */
const EXPORT = 600_000;

/** A file of certificates that are all different, made of the material. */
function allDifferent(count: number): string {
  const file = join(folder, 'different.pem');
  const make = createDifferent(roots);
  for (let n = 0; n < count;) {
    const some: string[] = [];
    for (const end = Math.min(count, n + 1000); n < end; n++) some.push(toPem(make(n)));
    appendFileSync(file, some.join(''));
  }
  return file;
}

interface Bulk extends Contender {
  /** Certificates a second in the best round. */
  rate(): number;
}

/** The program on a whole file, start-up and all: PEM in, a report as JSON for each certificate out. */
function bulk(what: string, count: number, make: () => string): Bulk {
  const walls: number[] = [];
  let file: string | undefined;
  return {
    name: `check --each, ${count} in one run, ${what}, PEM and JSON included`,
    count,
    rounds: 3,
    rate: () => Math.round(count / (Math.min(...walls) / 1000)),
    run: () => {
      file ??= make();
      const started = performance.now();
      // It ends with 1: no root is fit to be an appliance's certificate.
      const cpu = cpuSeconds(`bin/certgate check --each '${file}' --format jsonl`);
      walls.push(performance.now() - started);
      return cpu * 1e6;
    },
  };
}

const repeating = bulk(`${roots.length} different ones repeated`, SCAN * roots.length, () => repeated(SCAN));
const different = bulk('all different', EXPORT, () => allDifferent(EXPORT));

function cpuSeconds(command: string): number {
  const script = `TIMEFORMAT='%3U %3S'; { time ${command} >/dev/null 2>&1; } 2>&1`;
  const out = execFileSync('bash', ['-c', `${script}; exit 0`], { encoding: 'utf8' });
  const [user = 0, system = 0] = out.trim().split(' ').map(Number);
  return user + system;
}

const bench: Bench = {
  unit: `certificate, of the ${roots.length} in ${MATERIAL} or of one sensor's`,
  reference: 'parse',
  contenders: [
    { name: 'parse', ...over(roots, OFTEN, parseCertificate) },
    { name: 'parse + rules, problems only', ...over(roots, OFTEN, judge('problems')) },
    { name: 'parse + rules, every finding', ...over(roots, OFTEN, judge('all')) },
    { name: 'sensor: parse', ...over(sensor, 5000, parseCertificate) },
    { name: 'sensor: parse + rules, problems only', ...over(sensor, 5000, judge('problems')) },
    { name: 'sensor: parse + rules, every finding', ...over(sensor, 5000, judge('all')) },
    { name: 'node:crypto X509Certificate', ...over(roots, 2, (der) => new X509Certificate(der)) },
    {
      name: 'node:crypto with subject, dates, key',
      ...over(roots, 2, (der) => {
        const { subject, validTo, publicKey } = new X509Certificate(der);
        return [subject, validTo, publicKey.asymmetricKeyDetails];
      }),
    },
    { name: '@peculiar/x509', ...over(roots, 1, (der) => new PeculiarCertificate(der as Uint8Array<ArrayBuffer>)) },
    openssl(),
    repeating,
    different,
  ],
  remarks: (measured) => {
    const micros = (wanted: string) => measured.find(({ name }) => name === wanted)?.micros ?? Number.NaN;
    const times = ({ name }: Bulk) => (micros('node:crypto X509Certificate') / micros(name)).toFixed(1);
    const line = (what: string, run: Bulk) =>
      `check --each, ${what}: ${run.rate()} certificates/s in the best round, on ${availableParallelism()} cores; ` +
      `${times(run)} times as many for each second of CPU as node:crypto only parses.`;
    return [line('repeated', repeating), line('all different', different)];
  },
};

export default bench;
