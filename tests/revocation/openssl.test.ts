import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { openCrl } from '../../src/core/revocation/open-crl.ts';
import { toPem } from '../../src/making/encode/der.ts';
import { requires } from '../requires.ts';
import {
  ask,
  AT,
  authority,
  crlDer,
  type CrlOptions,
  distributionPoints,
  extension,
  forged,
  leaf,
  reason,
  type ScopeFields,
  uri,
} from './lab.ts';

const folder = mkdtempSync(join(tmpdir(), 'certgate-crl-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const ca = authority('CA');
const stranger = authority('Other CA');
writeFileSync(join(folder, 'ca.pem'), toPem('CERTIFICATE', ca.certificate.der));

// A small generator with a fixed seed: the same cases in every run.
let state = 20260615;
const random = (below: number): number => {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return Math.floor((state / 2 ** 32) * below);
};
const oneOf = <T>(...values: readonly T[]): T => values[random(values.length)]!;

const HERE = [uri('http://crl.lab/1.crl')];
const THERE = [uri('http://crl.lab/2.crl')];

interface Case {
  readonly crl: Uint8Array;
  readonly certificate: ReturnType<typeof leaf>;
  readonly words: string;
}

function makeCase(): Case {
  const serial = BigInt(random(2 ** 30)) ** BigInt(1 + random(4));
  const entries = Array.from({ length: random(30) }, () => BigInt(random(2 ** 30)) + 2n ** 150n);
  const isListed = oneOf(true, false);
  if (isListed) entries.splice(random(entries.length + 1), 0, serial);
  const scope = oneOf<ScopeFields | undefined>(
    undefined,
    undefined,
    undefined,
    { user: true },
    { ca: true },
    { attribute: true },
    { names: HERE },
    { names: THERE },
    { names: [...THERE, ...HERE], user: true },
    { reasons: 0b110 },
  );
  const options: CrlOptions = {
    number: BigInt(random(1000)),
    // openssl knows no tolerance: nothing is dated within it.
    from: oneOf(-3, -2, -1, -1, 1),
    to: oneOf<number | null>(7, 30, 30, -0.5, null),
    revoked: entries.map((entry) => ({
      serial: entry,
      extensions: oneOf([], [reason(oneOf(1, 3, 4, 6, 9))], [extension('1.2.3', false, Uint8Array.of(5, 0))]),
    })),
    ...(scope !== undefined && { scope }),
    ...(random(10) === 0 && { extensions: [extension('1.2.3.4', true, Uint8Array.of(5, 0))] }),
    ...(random(10) === 0 && { signer: stranger.key }),
  };
  const der = crlDer(ca, options);
  const points = oneOf<Uint8Array[]>([], [distributionPoints({ names: HERE })], [distributionPoints({ names: THERE })]);
  return {
    crl: random(12) === 0 ? forged(der) : der,
    certificate: leaf(ca, serial, points),
    words: JSON.stringify({
      isListed,
      from: options.from,
      to: options.to,
      scope: Object.keys(scope ?? {}),
      points: points.length,
    }),
  };
}

/** 0 for good, else the number of the first thing that openssl objects to. */
function openssl({ crl, certificate }: Case, index: number): Promise<number> {
  const [crlFile, crtFile] = [join(folder, `${index}.crl`), join(folder, `${index}.crt`)];
  writeFileSync(crlFile, toPem('X509 CRL', crl));
  writeFileSync(crtFile, toPem('CERTIFICATE', certificate.der));
  const args = [
    'verify',
    '-crl_check',
    '-extended_crl',
    '-attime',
    String(AT),
    '-CAfile',
    join(folder, 'ca.pem'),
    '-CRLfile',
    crlFile,
    crtFile,
  ];
  return new Promise((resolve) => {
    execFile('openssl', args, (error, stdout, stderr) => {
      const [, code] = /error (\d+) at/.exec(stdout + stderr) ?? [];
      resolve(error === null ? 0 : Number(code ?? -1));
    });
  });
}

const REVOKED = 23;

/** Where we answer otherwise on purpose. */
function explained(ours: string, theirs: number): string | undefined {
  // X509_V_ERR_CRL_HAS_EXPIRED, X509_V_ERR_UNHANDLED_CRITICAL_CRL_EXTENSION: openssl stops there; we say that the list
  // names the certificate as revoked for good, which it does.
  if (ours === 'revoked' && (theirs === 12 || theirs === 36)) return 'listed on a CRL that could not have said good';
  return undefined;
}

test.skipIf(!requires('openssl'))(
  'openssl answers alike on 250 CRLs made by chance',
  { timeout: 120_000 },
  async () => {
    const cases = Array.from({ length: 250 }, makeCase);
    const seen = { good: 0, revoked: 0, undetermined: 0 };
    for (let start = 0; start < cases.length; start += 6) {
      const part = cases.slice(start, start + 6);
      const answers = await Promise.all(part.map((made, i) => openssl(made, start + i)));
      for (const [i, made] of part.entries()) {
        const theirs = answers[i]!;
        const { status } = ask(made.certificate, ca, [openCrl(made.crl)]);
        seen[status]++;
        if (explained(status, theirs) !== undefined) continue;
        const expected = theirs === 0 ? 'good' : theirs === REVOKED ? 'revoked' : 'undetermined';
        expect(status, `${made.words}, openssl says ${theirs}`).toBe(expected);
      }
    }
    // All three kinds occur often enough to mean something.
    expect(Math.min(...Object.values(seen)), JSON.stringify(seen)).toBeGreaterThan(20);
  },
);
