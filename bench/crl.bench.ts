import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';
import { signCertificate } from '../src/making/issue/certificate-fields.ts';
import { toPem } from '../src/making/encode/der.ts';
import {
  basicConstraintsExtension,
  keyUsageExtension,
  subjectKeyIdentifierExtension,
} from '../src/making/encode/extension-fields.ts';
import { keyIdentifier } from '../src/making/issue/key-identifier.ts';
import { spkiOf } from '../src/making/issue/key.ts';
import { encodeName } from '../src/making/encode/name-fields.ts';
import { signingAlgorithm } from '../src/making/issue/sign.ts';
import { hugeCrl } from '../tests/revocation/huge-crl.ts';
import type { Bench, Contender } from './harness.ts';

const ENTRIES = 1_000_000;
const DAY = 86_400_000;

const folder = mkdtempSync(join(tmpdir(), 'certgate-bench-'));
const file = (name: string): string => join(folder, name);
const SERIAL = Buffer.alloc(20, 0x55);

make();
const child = bundled();
const peaks = new Map<string, number>();
process.once('exit', () => {
  rmSync(folder, { recursive: true });
  console.log('\nPeak memory of the process, MiB:');
  for (const [name, peak] of peaks) console.log(`  ${name.padEnd(45)} ${peak.toFixed(0)}`);
});

/** A CA, a revoked certificate of it, and a CRL of a million entries that lists that one. */
function make(): void {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const algorithm = signingAlgorithm(privateKey);
  const spki = spkiOf(privateKey);
  const issuer = encodeName([['2.5.4.3', 'Bench CA']]);
  const [from, to] = [new Date(Date.now() - DAY), new Date(Date.now() + DAY)];
  const dates = { issuer, notBefore: from, notAfter: to, subjectPublicKeyInfo: spki };
  const ca = signCertificate(
    {
      ...dates,
      serialNumber: 1n,
      subject: issuer,
      extensions: [
        basicConstraintsExtension(true),
        keyUsageExtension(['keyCertSign', 'cRLSign']),
        subjectKeyIdentifierExtension(keyIdentifier(spki)),
      ],
    },
    algorithm,
  );
  const leaf = signCertificate(
    {
      ...dates,
      serialNumber: BigInt(`0x${SERIAL.toString('hex')}`),
      subject: encodeName([['2.5.4.3', 'sensor.contoso.com']]),
      extensions: [basicConstraintsExtension(false)],
    },
    algorithm,
  );
  const crl = hugeCrl(
    {
      issuer,
      count: ENTRIES,
      thisUpdate: from,
      nextUpdate: to,
      serial: SERIAL,
      authorityKeyIdentifier: keyIdentifier(spki),
    },
    algorithm,
  );
  writeFileSync(file('ca.der'), ca);
  writeFileSync(file('ca.pem'), toPem('CERTIFICATE', ca));
  writeFileSync(file('leaf.pem'), toPem('CERTIFICATE', leaf));
  writeFileSync(file('crl.der'), crl);
  writeFileSync(file('crl.pem'), toPem('X509 CRL', crl));
}

function bundled(): string {
  const outfile = file('crl-question.mjs');
  buildSync({
    // This file is bundled, too, two folders below the root.
    entryPoints: [fileURLToPath(new URL('../../bench/crl-question.ts', import.meta.url))],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
  });
  return outfile;
}

/** `figure` picks what is compared out of what the child says about itself, in µs. */
function ours(name: string, mode: 'question' | 'index', figure: 'cpu' | 'opened' | 'lookUp'): Contender {
  return {
    name,
    count: 1,
    run: () => {
      const args = [child, file('crl.der'), file('ca.der'), SERIAL.toString('hex'), mode];
      const said = JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' })) as Record<string, number>;
      if (figure === 'cpu') peaks.set(name, Math.max(peaks.get(name) ?? 0, said['peakMiB'] ?? 0));
      return said[figure] ?? Number.NaN;
    },
  };
}

const VERIFY = 'openssl verify -crl_check -CRLfile "$1/crl.pem" -CAfile "$1/ca.pem" "$1/leaf.pem"';

// It ends with 2, since the certificate is revoked.
const shell = (script: string): string =>
  execFileSync('bash', ['-c', `{ ${script}; } 2>&1; true`, 'bash', folder], { encoding: 'utf8' });

/** Its CPU by the shell; its memory, in a run apart, by the kernel's high-water mark. */
function openssl(): Contender {
  const name = 'openssl verify -crl_check';
  if (!shell(VERIFY).includes('certificate revoked')) throw new Error('openssl does not find the certificate revoked');
  const watched = shell(`${VERIFY} >/dev/null & p=$!; while grep -s VmHWM /proc/$p/status; do sleep 0.02; done; wait`);
  peaks.set(name, Math.max(...[...watched.matchAll(/VmHWM:\s*(\d+) kB/g)].map(([, size]) => Number(size) / 1024)));
  return {
    name,
    count: 1,
    run: () => {
      const out = shell(`TIMEFORMAT='%3U %3S'; time ${VERIFY} >/dev/null`);
      const [, user, system] = /([\d.]+) ([\d.]+)\s*$/.exec(out) ?? [];
      return (Number(user) + Number(system)) * 1e6;
    },
  };
}

const bench: Bench = {
  unit: `process, look-up or opening, with a CRL of ${ENTRIES} entries`,
  reference: 'one question, whole process',
  contenders: [
    ours('one question, whole process', 'question', 'cpu'),
    ours('opened with its index', 'index', 'opened'),
    ours('opened with its index, then 1 000 000 look-ups', 'index', 'cpu'),
    ours('one look-up', 'index', 'lookUp'),
    openssl(),
  ],
};

export default bench;
