import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createValidator } from '../../src/index.ts';
import { type Key, makeKey, NOON, toPem } from './forge.ts';
import { type GeneratedChain, generateChain, randomFrom } from './generate.ts';

/** Where we and `openssl verify` come to different verdicts on purpose. */
interface Explanation {
  readonly ours: 'valid' | 'refused';
  /** A breakage of the chain … */
  readonly breakage: RegExp;
  /** … and our reason for refusing, or openssl's. */
  readonly reason: RegExp;
  readonly why: string;
}

export const EXPLANATIONS: readonly Explanation[] = [
  {
    ours: 'valid',
    breakage: /^expires now$/,
    reason: /^10 /,
    why: 'RFC 5280 §4.1.2.5: "through notAfter, inclusive"; openssl takes the last second for expired.',
  },
  {
    ours: 'valid',
    breakage: /^other authorityKeyIdentifier$/,
    reason: /^20 /,
    why: 'RFC 5280 §6.1 does not look at key identifiers and the signature is right; openssl does not even try that issuer.',
  },
  {
    ours: 'valid',
    breakage: /^leaf for anything$/,
    reason: /^26 /,
    why: 'RFC 5280 §4.2.1.12: anyExtendedKeyUsage stands for every purpose; openssl wants serverAuth itself.',
  },
  {
    ours: 'refused',
    breakage: /^SHA-1$/,
    reason: /signed with SHA-1/,
    why: 'Profile appliance refuses SHA-1 below the anchor; openssl verify takes it at its default level.',
  },
  {
    ours: 'refused',
    breakage: /^no basicConstraints$/,
    reason: /is no CA certificate/,
    why: 'RFC 5280 §6.1.4 (k); openssl takes keyUsage keyCertSign for a CA where basicConstraints is absent.',
  },
  {
    ours: 'refused',
    breakage: /^root demands a policy$/,
    reason: /policy is demanded/,
    why: "The anchor's constraints apply here (RFC 5937 §4); openssl ignores the anchor's policyConstraints.",
  },
  {
    ours: 'refused',
    breakage: /^unknown extension$|^unknown critical extension$/,
    reason: /same extension twice/,
    why: 'RFC 5280 §4.2: no extension twice; openssl only counts those that it knows.',
  },
  {
    ours: 'refused',
    breakage: /^version 1 root$/,
    reason: /extensions although its version/,
    why: 'RFC 5280 §4.1.2.9: extensions only in version 3; openssl reads them in version 1, too.',
  },
];

export interface Disagreement {
  readonly index: number;
  readonly breakages: readonly string[];
  readonly ours: string;
  readonly openssl: string;
  readonly why: string | undefined;
}

export interface Comparison {
  readonly chains: number;
  readonly bothValid: number;
  readonly bothRefused: number;
  readonly disagreements: readonly Disagreement[];
}

/** Generates chains and asks both about each; one process of openssl for all, for every chain has names of its own. */
export async function compare(seed: number, count: number, withCrls: boolean): Promise<Comparison> {
  const random = randomFrom(seed);
  const keys: Key[] = Array.from({ length: 24 }, makeKey);
  const chains = Array.from({ length: count }, (_, i) => generateChain(i, keys, random, withCrls));
  const theirs = await askOpenssl(chains, withCrls);
  const disagreements: Disagreement[] = [];
  const both = { valid: 0, refused: 0 };
  for (const [index, chain] of chains.entries()) {
    const { valid, findings } = createValidator({
      trustAnchors: [chain.root],
      profile: 'appliance',
      ...(withCrls && { crls: chain.crls }),
    }).validate({ leaf: chain.leaf, intermediates: chain.intermediates, at: new Date(NOON * 1000), purpose: 'server' });
    const openssl = theirs[index]!;
    const ours = valid ? 'valid' : findings.map(({ message }) => message).join('; ');
    if (valid === (openssl === 'OK')) both[valid ? 'valid' : 'refused'] += 1;
    else
      disagreements.push({
        index,
        breakages: chain.breakages,
        ours,
        openssl,
        why: explain(chain.breakages, valid, ours, openssl),
      });
  }
  return { chains: count, bothValid: both.valid, bothRefused: both.refused, disagreements };
}

function explain(breakages: readonly string[], valid: boolean, ours: string, openssl: string): string | undefined {
  return EXPLANATIONS.find(
    ({ ours: verdict, breakage, reason }) =>
      (verdict === 'valid') === valid &&
      breakages.some((name) => breakage.test(name)) &&
      reason.test(valid ? openssl : ours),
  )?.why;
}

/** `OK`, or openssl's words for what is wrong. */
async function askOpenssl(chains: readonly GeneratedChain[], withCrls: boolean): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'certgate-paths-'));
  try {
    const pems = (list: readonly Buffer[], label?: string): string => list.map((der) => toPem(der, label)).join('');
    await writeFile(join(folder, 'roots.pem'), pems(chains.map(({ root }) => root)));
    await writeFile(join(folder, 'cas.pem'), pems(chains.flatMap(({ intermediates }) => intermediates)));
    await writeFile(
      join(folder, 'crls.pem'),
      pems(
        chains.flatMap(({ crls }) => crls),
        'X509 CRL',
      ),
    );
    await Promise.all(chains.map(({ leaf }, i) => writeFile(join(folder, `${i}.pem`), toPem(leaf))));
    const args = [
      'verify',
      '-attime',
      String(NOON),
      '-purpose',
      'sslserver',
      '-policy_check',
      '-policy',
      '2.5.29.32.0',
      '-CAfile',
      'roots.pem',
    ];
    args.push('-no-CApath', '-no-CAstore', '-untrusted', 'cas.pem');
    if (withCrls) args.push('-crl_check_all', '-CRLfile', 'crls.pem');
    const output = await run([...args, ...chains.map((_, i) => `${i}.pem`)], folder);
    return chains.map((_, i) => verdictIn(output, i));
  } finally {
    await rm(folder, { recursive: true });
  }
}

function run(args: readonly string[], cwd: string): Promise<string> {
  return new Promise((resolve) => {
    execFile('openssl', args, { cwd, maxBuffer: 1 << 28 }, (_error, stdout, stderr) => resolve(`${stdout}\n${stderr}`));
  });
}

function verdictIn(output: string, index: number): string {
  if (new RegExp(`^${index}\\.pem: OK$`, 'm').test(output)) return 'OK';
  const end = output.indexOf(`error ${index}.pem: verification failed`);
  if (end < 0) return 'no verdict';
  const lines = output.slice(0, end).trimEnd().split('\n').toReversed();
  const last = lines.find((line) => line.startsWith('error ')) ?? '';
  return last.replace(/^error (\d+) at (\d+) depth lookup: ?/, '$1 at depth $2: ');
}
