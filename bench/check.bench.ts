import 'reflect-metadata';
import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { X509Certificate as PeculiarCertificate } from '@peculiar/x509';
import { resolveProfile } from '../src/core/requirements/profile.ts';
import { SHIPPED_PROFILES } from '../src/core/requirements/profiles/shipped.data.ts';
import { RULES } from '../src/core/requirements/rules/index.ts';
import { run, type Wanted } from '../src/core/requirements/run.ts';
import { parseCertificate } from '../src/core/x509/certificate.ts';
import { nodeCrypto } from '../src/platform/crypto/node-crypto.ts';
import type { Bench, Contender } from './harness.ts';

const MATERIAL = '/etc/ssl/certs/ca-certificates.crt';
const REPEAT = 40;

const pem = readFileSync(MATERIAL, 'utf8');
const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
const ders = blocks.map((block) => new Uint8Array(Buffer.from(block.replaceAll(/-----.*-----/g, ''), 'base64')));

const overAll = (name: string, repeat: number, each: (der: Uint8Array) => unknown): Contender => ({
  name,
  count: ders.length * repeat,
  run: () => {
    for (let round = 0; round < repeat; round++) for (const der of ders) each(der);
  },
});

const profile = resolveProfile(SHIPPED_PROFILES[0]!, SHIPPED_PROFILES, RULES);
const circumstances = { at: Math.floor(Date.now() / 1000), crypto: nodeCrypto };

/** Every certificate rule save the costly ones, as `check --each` runs them. */
const judge = (wanted: Wanted) => (der: Uint8Array) =>
  run(
    profile,
    { certificate: parseCertificate(der), error: undefined, block: 0, bundle: undefined, circumstances },
    wanted,
  );

/** CPU µs of `openssl` reading this many certificates, its own start-up taken off. */
function openssl(): Contender {
  const folder = mkdtempSync(join(tmpdir(), 'certgate-bench-'));
  process.once('exit', () => rmSync(folder, { recursive: true }));
  const many = join(folder, 'many.pem');
  const one = join(folder, 'one.pem');
  writeFileSync(many, pem.repeat(REPEAT));
  writeFileSync(one, blocks[0] ?? '');
  return {
    name: 'openssl (its command, PEM included)',
    count: ders.length * REPEAT,
    run: () => seconds(many) * 1e6 - seconds(one) * 1e6,
  };
}

function seconds(file: string): number {
  const script = `TIMEFORMAT='%3U %3S'; { time openssl storeutl -noout -certs "$1" >/dev/null 2>&1; } 2>&1`;
  const [user, system] = execFileSync('bash', ['-c', script, 'bash', file], { encoding: 'utf8' })
    .trim()
    .split(' ')
    .map(Number);
  return (user ?? 0) + (system ?? 0);
}

const bench: Bench = {
  unit: `certificate, of the ${ders.length} in ${MATERIAL}`,
  reference: 'parse',
  contenders: [
    overAll('parse', REPEAT, parseCertificate),
    overAll(`parse, ${profile.certificateRules.length} rules, problems only`, REPEAT, judge('problems')),
    overAll(`parse, ${profile.certificateRules.length} rules, every finding`, REPEAT, judge('all')),
    overAll('node:crypto X509Certificate', 2, (der) => new X509Certificate(der)),
    overAll('node:crypto, with subject, dates, key', 1, (der) => {
      const { subject, validTo, publicKey } = new X509Certificate(der);
      return [subject, validTo, publicKey.asymmetricKeyDetails];
    }),
    overAll('@peculiar/x509', 1, (der) => new PeculiarCertificate(der)),
    openssl(),
  ],
};

export default bench;
