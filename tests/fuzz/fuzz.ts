import { readdirSync, readFileSync } from 'node:fs';
import { bytesOf, type Case, parseCase } from '../../cases/case.ts';
import { type Report, verdictOf } from '../../src/core/base/finding.ts';
import type { Crypto } from '../../src/core/base/ports.ts';
import { type BundleChecker, createBundleChecker } from '../../src/core/check/check-bundle.ts';
import { ByteWriter } from '../../src/core/check/byte-writer.ts';
import { createFormat, FORMAT_NAMES } from '../../src/core/check/report-format.ts';
import { portableCrypto } from '../../src/core/crypto/portable-crypto.ts';
import { createChunkJudge } from '../../src/platform/bulk/judge-chunk.ts';
import { nodeCrypto } from '../../src/platform/crypto/node-crypto.ts';
import { mutate } from './mutate.ts';
import { Random } from './random.ts';

/** One altered case, as it is handed to a check. */
export interface Input {
  readonly of: string;
  readonly crt: Uint8Array;
  readonly key: Uint8Array | undefined;
  readonly chain: Uint8Array | undefined;
  readonly passphrase: string | undefined;
  readonly check: BundleChecker;
}

interface Seed {
  readonly name: string;
  readonly files: ReadonlyMap<'crt' | 'key' | 'chain', Uint8Array>;
  readonly passphrase: string | undefined;
  readonly checks: readonly BundleChecker[];
}

/** What went wrong, and with what. */
export interface Escape {
  readonly iteration: number;
  readonly of: string;
  readonly what: string;
  readonly input: Pick<Input, 'crt' | 'key' | 'chain'>;
}

export interface Outcome {
  readonly escapes: readonly Escape[];
  /** Those that took longer than `slowMs` for each 64 KiB begun, the slowest first. */
  readonly slow: readonly {
    readonly iteration: number;
    readonly of: string;
    readonly ms: number;
    readonly octets: number;
  }[];
}

// The portable adapter is a hundred times slower at some things: now and then is enough.
const PORTABLE_ONCE_IN = 200;
const SLOW_MS = 100;

const CASES = 'cases';

/** The golden cases, from which every input is made. */
export function readSeeds(): Seed[] {
  const paths = readdirSync(CASES, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.case'));
  return paths.toSorted().map((path) => seedOf(path, parseCase(readFileSync(`${CASES}/${path}`, 'utf8'), path)));
}

function seedOf(name: string, { files, options }: Case): Seed {
  const all = (section: string) => files.filter((file) => file.section === section).map(bytesOf);
  const { passphrase, ...rest } = options;
  const [trust, crls] = [all('trust'), all('crl-file')];
  const make = (crypto: Crypto) =>
    createBundleChecker({ ...rest, ...(trust.length > 0 && { trust }), ...(crls.length > 0 && { crls }) }, crypto);
  const sections = ['crt', 'key', 'chain'] as const;
  return {
    name,
    files: new Map(
      sections.flatMap((section) =>
        all(section)
          .slice(0, 1)
          .map((bytes) => [section, bytes] as const),
      ),
    ),
    passphrase,
    checks: [make(nodeCrypto), make(portableCrypto)],
  };
}

/** The input of one iteration: the same seeds, seed and number give the same. */
export function inputOf(seeds: readonly Seed[], random: Random): Input {
  const { name, files, passphrase, checks } = random.pick(seeds);
  const sections = [...files.keys()];
  // The certificate is what most of the code reads.
  const target = random.once(5) ? random.pick(sections) : 'crt';
  const others = [...files.values()];
  const altered = mutate(files.get(target) ?? new Uint8Array(), others, random);
  const file = (section: 'crt' | 'key' | 'chain') => (section === target ? altered : files.get(section));
  // Trial signatures cost a hundred times the rest.
  const withKey = target === 'key' || random.once(50);
  return {
    of: name,
    crt: file('crt') ?? new Uint8Array(),
    key: withKey ? file('key') : undefined,
    chain: file('chain'),
    passphrase,
    check: checks[random.once(PORTABLE_ONCE_IN) ? 1 : 0]!,
  };
}

const bulkSettings = { name: 'fuzz', options: { at: '2026-06-01T00:00:00Z', findings: 'problems' as const } };
const formatOptions = { version: '0' };
const bulk = createChunkJudge({ ...bulkSettings, format: 'jsonl', formatOptions });
const formats = FORMAT_NAMES.map((name) => createFormat(name, formatOptions));
const decoder = new TextDecoder('utf-8', { fatal: true });
// XML 1.0 §2.2, and what a terminal could obey.
// eslint-disable-next-line no-control-regex -- these are what must not occur
const ILLEGAL_TEXT = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\ud800-\udfff\ufffe\uffff\u202a-\u202e]/u;

/** Throws, or says what is wrong, where a check does not keep its promises. */
export async function examine({ crt, key, chain, passphrase, check }: Input, inBulk: boolean): Promise<void> {
  examineReport(await check({ crt, key, chain, passphrase }, 'fuzz'));
  if (!inBulk) return;
  const { output } = await bulk({ sequence: 0, form: 'pem', bytes: crt, firstRecord: 1 });
  for (const line of decoder.decode(output).split('\n')) if (line !== '') examineReport(JSON.parse(line) as Report);
}

function examineReport(report: Report): void {
  const failed = report.findings.find(({ status }) => status === 'checker-failed');
  if (failed !== undefined) throw new Error(`${failed.rule} crashed: ${failed.message}`);
  if (report.verdict !== verdictOf(report.findings)) throw new Error('the verdict is not that of the findings');
  for (const { rule, status, fix, message } of report.findings) {
    if (message === '') throw new Error(`${rule} says nothing`);
    if (status === 'refused' && fix === undefined) throw new Error(`${rule} refuses without a fix`);
  }
}

/** Every format can write the report, and nothing in it can hurt who reads it. */
export async function examineFormats({ crt, key, chain, passphrase, check }: Input): Promise<void> {
  const report = await check({ crt, key, chain, passphrase }, 'fuzz');
  for (const [i, format] of formats.entries()) {
    const out = new ByteWriter();
    format.write(report, out);
    const text = decoder.decode(out.take());
    if (ILLEGAL_TEXT.test(text)) throw new Error(`${FORMAT_NAMES[i]} holds a character that it must not`);
    const body = text.slice(format.separator.length);
    if (FORMAT_NAMES[i] !== 'junit') JSON.parse(FORMAT_NAMES[i] === 'sarif' ? `[${body}]` : body);
  }
}

async function cpuMs(work: () => Promise<void>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return Math.round((user + system) / 1000);
}

export interface FuzzRun {
  readonly seed: number;
  readonly count: number;
  /** Called now and then with how many are done. */
  readonly progress?: (done: number) => void;
}

export async function fuzz({ seed, count, progress }: FuzzRun): Promise<Outcome> {
  const seeds = readSeeds();
  const escapes: Escape[] = [];
  const slow: { iteration: number; of: string; ms: number; octets: number }[] = [];
  for (let iteration = 0; iteration < count; iteration++) {
    // Its own sequence for each, so that one can be repeated alone.
    const random = new Random(seed * 1_000_003 + iteration);
    const input = inputOf(seeds, random);
    const octets = input.crt.length + (input.key?.length ?? 0) + (input.chain?.length ?? 0);
    const most = SLOW_MS * Math.ceil(octets / 65_536);
    const started = performance.now();
    try {
      await examine(input, random.once(4));
      if (performance.now() - started > most) {
        // The machine may have been busy with something else: only what is slow again, by CPU time, counts.
        const ms = await cpuMs(() => examine(input, true));
        if (ms > most) slow.push({ iteration, of: input.of, ms, octets });
      }
      if (random.once(50)) await examineFormats(input);
    } catch (error) {
      const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
      const { crt, key, chain } = input;
      escapes.push({ iteration, of: input.of, what, input: { crt, key, chain } });
      if (escapes.length === 20) break;
    }
    if (iteration % 1000 === 999) progress?.(iteration + 1);
  }
  return { escapes, slow: slow.toSorted((a, b) => b.ms - a.ms).slice(0, 20) };
}
