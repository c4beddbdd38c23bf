import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import type { Command } from 'commander';
import { PATH_SETTINGS, type PathProfile } from '../core/path/settings.ts';
import { readLimbo } from './conformance/limbo.ts';
import { readPkits } from './conformance/pkits.ts';
import { conformanceTable } from './conformance/table.ts';
import { type ConformanceException, runSuite, type SuiteCase, verdictOf } from './conformance/suite.ts';
import { EXIT, UsageError } from './failure.ts';
import { readOptionFile, readTime } from './inputs.ts';
import type { Finish } from './main.ts';
import { examples, oneOf } from './options.ts';
import { print, styleOf } from './output.ts';
import { safeJson } from './render/text.ts';

const PROFILES = Object.keys(PATH_SETTINGS) as PathProfile[];
const FORMATS = ['pretty', 'json'] as const;

interface Options {
  readonly limbo?: string;
  readonly pkits?: string;
  readonly profile?: PathProfile;
  readonly exceptions?: string;
  readonly at?: string;
  readonly format: (typeof FORMATS)[number];
}

/** What `tests/conformance/*-exceptions.json` holds. */
export interface ExceptionFile {
  /** Of the file that they were written for: with as many cases, an exception without its case is stale. */
  readonly cases: number;
  readonly exceptions: readonly ConformanceException[];
}

export function defineConformance(command: Command, finish: Finish): void {
  command
    .option('--limbo <file>', "x509-limbo's limbo.json, or a part of it; .gz too")
    .option('--pkits <file>', 'the NIST PKITS as JSON; .gz too')
    .option(
      '--profile <profile>',
      `${PROFILES.join(', ')}; without it those that the suite is for`,
      oneOf('--profile', PROFILES),
    )
    .option('--exceptions <file>', 'the known divergences; without it those that Certgate ships')
    .option('--at <time>', 'for cases that do not say when they are judged; without it now')
    .option('--format <format>', 'pretty or json', oneOf('--format', FORMATS), 'pretty')
    .addHelpText(
      'after',
      examples([
        'certgate conformance --limbo limbo.json',
        'certgate conformance --limbo limbo.json --profile webpki',
        'certgate conformance --pkits pkits.json.gz',
      ]),
    )
    .action(async (options: Options) => {
      const { suite, cases } = await readSuite(options);
      const { cases: count, exceptions } = await readExceptions(suite, options.exceptions);
      const standard: PathProfile[] = suite === 'pkits' ? ['rfc5280'] : ['rfc5280', 'webpki'];
      const profiles = options.profile === undefined ? standard : [options.profile];
      const runs = profiles.map((profile) => runSuite(cases, profile, exceptions));
      const whole = count === cases.length;
      if (options.format === 'json') print(`${safeJson(runs, 2)}\n`);
      else print(runs.map((run) => conformanceTable(styleOf(process.stdout), run, whole)).join('\n'));
      finish(runs.every((run) => verdictOf(run, whole)) ? EXIT.ok : EXIT.refused);
    });
}

async function readSuite(options: Options): Promise<{ suite: 'limbo' | 'pkits'; cases: SuiteCase[] }> {
  const { limbo, pkits } = options;
  const given = [limbo, pkits].filter((path) => path !== undefined);
  if (given.length !== 1) {
    throw new UsageError('conformance needs one suite: --limbo FILE or --pkits FILE. Certgate does not ship them.');
  }
  const suite = limbo === undefined ? 'pkits' : 'limbo';
  const bytes = await readOptionFile(`--${suite}`, given[0]!);
  const now = options.at === undefined ? new Date() : readTime(options.at);
  let document: unknown;
  try {
    const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b;
    document = JSON.parse(new TextDecoder().decode(isGzip ? gunzipSync(bytes) : bytes));
  } catch {
    throw new UsageError(`--${suite} ${given[0]} is neither JSON nor JSON packed with gzip.`);
  }
  return { suite, cases: suite === 'limbo' ? readLimbo(document, now) : readPkits(document) };
}

async function readExceptions(suite: string, given: string | undefined): Promise<ExceptionFile> {
  // Two folders up from the source and from the bundle alike.
  const shipped = fileURLToPath(new URL(`../../tests/conformance/${suite}-exceptions.json`, import.meta.url));
  const path = given ?? shipped;
  const text = await readFile(path, 'utf8').catch(() => {
    if (given === undefined) return '{"cases":0,"exceptions":[]}';
    throw new UsageError(`--exceptions ${given} cannot be opened.`);
  });
  try {
    return JSON.parse(text) as ExceptionFile;
  } catch {
    throw new UsageError(`--exceptions ${path} is not JSON.`);
  }
}
