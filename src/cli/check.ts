import { existsSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import type { Command } from 'commander';
import type { Report } from '../core/base/finding.ts';
import { FORMAT_NAMES } from '../core/check/report-format.ts';
import { DocumentPrinter } from './document.ts';
import { identify } from '../core/files/identify.ts';
import { nodeCrypto } from '../platform/crypto/node-crypto.ts';
import { type BundleFiles, findBundles, type PathProblem, readTogether } from './bundles.ts';
import { EXIT, type ExitCode, systemReason, UsageError } from './failure.ts';
import { RunFleet } from '../core/check/run-fleet.ts';
import { readOptionFile, readPassphrase, readTime, trustFiles } from './inputs.ts';
import { createJudge, type Judge, type JudgeOptions, type NamedFiles, type OpenedFiles } from './judge.ts';
import type { Finish } from './main.ts';
import { examples, oneOf } from './options.ts';
import { note, print, Progress, styleOf } from './output.ts';
import { readUpTo } from './read.ts';
import { isQuiet, renderAccepted, renderReport, type ReportView } from './render/report.ts';
import { renderSummary, summarise } from './render/summary.ts';
import { safeJson } from './render/text.ts';

const FORMATS = ['pretty', ...FORMAT_NAMES] as const;

interface CheckFlags {
  readonly each?: string;
  readonly crt?: string;
  readonly key?: string;
  readonly chain?: string;
  readonly passphraseFile?: string;
  readonly passphraseEnv?: string;
  readonly profile?: string;
  readonly hostname?: string;
  readonly role?: 'sensor' | 'ha';
  readonly trust?: readonly string[];
  readonly crl?: 'on' | 'off';
  readonly crlFile?: readonly string[];
  readonly crlProxy?: string;
  readonly at?: Date;
  readonly allowUnsupported?: true;
  readonly findings?: 'all' | 'problems';
  readonly format: (typeof FORMATS)[number];
}

const collect = (value: string, previous: readonly string[] = []): readonly string[] => [...previous, value];

const PATH_HELP =
  `a file or a folder (with everything below it). Files that share a base name, or the one .crt/.key/.pem set
of a folder, are a bundle; a .pem that shares no base name serves every bundle of its folder`.replace('\n', ' ');

export function defineCheck(command: Command, finish: Finish): void {
  command
    .argument('[PATH...]', PATH_HELP)
    .option('--each <file|->', 'judge every certificate of a file or stream (PEM, JSON lines, DER) by itself')
    .option('--crt <file>', 'the certificate, whatever the file is called')
    .option('--key <file>', 'its private key')
    .option('--chain <file>', 'the certificates of the CAs, issuer first')
    .option('--passphrase-file <file>', 'read the passphrase of the key from a file (one final newline is dropped)')
    .option('--passphrase-env <name>', 'read the passphrase of the key from an environment variable')
    .option('--profile <id|file>', 'the rules to judge by: a shipped profile or a YAML file (default: defender-iot)')
    .option('--hostname <name>', 'the name of the appliance, which the certificate must carry')
    .option('--role <role>', 'what the appliance is: sensor or ha', oneOf('--role', ['sensor', 'ha'] as const))
    .option('--trust <file|folder>', "your own root certificates; without them the chain's root is trusted", collect)
    .option(
      '--crl <on|off>',
      'does your organisation check certificates against a CRL',
      oneOf('--crl', ['on', 'off'] as const),
    )
    .option('--crl-file <file>', 'a CRL to check against, instead of fetching it (repeat for more)', collect)
    .option('--crl-proxy <url>', 'fetch CRLs through this HTTP proxy')
    .option('--at <time>', 'judge for this time instead of now: 2027-01-31, 2027-01-31T08:00:00Z', readTime)
    .option('--allow-unsupported', 'exit with 0 for unsupported bundles, too; the verdict stays')
    .option('--findings <which>', 'all or problems', oneOf('--findings', ['all', 'problems'] as const))
    .option(
      '--format <format>',
      'pretty, json, jsonl (one report a line), sarif or junit',
      oneOf('--format', FORMATS),
      'pretty',
    )
    .addHelpText(
      'after',
      examples([
        'certgate check sensor.crt sensor.key chain.pem',
        'certgate check .',
        'certgate check --crt sensor.crt --key sensor.key --hostname sensor.contoso.com',
        'certgate check sensor.crt sensor.key --passphrase-file passphrase.txt',
        'certgate check . --at 2027-01-31 --crl off --format json',
        'certgate check --each export.pem --format jsonl',
      ]),
    )
    .action(async (paths: string[], flags: CheckFlags) => finish(await runCheck(paths, flags)));
}

async function runCheck(paths: readonly string[], flags: CheckFlags): Promise<ExitCode> {
  if (flags.each !== undefined) {
    refuseBeside(paths, flags);
    return (await import('./check-each.ts')).checkEach({ ...flags, each: flags.each });
  }
  const asked = await askedFor(paths, flags);
  const judge = await createJudge(await judgeOptions(flags, asked.crlFiles));
  for (const problem of asked.problems) note(`${problem.path} cannot be opened: ${problem.reason}.`);
  const { reports, problems } = await judgeAll(asked.bundles, judge, flags);
  for (const problem of problems) note(`${problem.path} cannot be opened: ${problem.reason}.`);
  finishOutput(reports, flags);
  if (asked.problems.length + problems.length > 0) return EXIT.usage;
  const fine = reports.every(
    ({ verdict }) => verdict === 'accepted' || (verdict === 'unsupported' && flags.allowUnsupported),
  );
  return fine ? EXIT.ok : EXIT.refused;
}

const OF_BUNDLES = ['crt', 'key', 'chain', 'passphraseFile', 'passphraseEnv', 'trust', 'crlFile', 'crlProxy'] as const;

/** `--each` looks at certificates alone: what belongs to a bundle must not seem to have been looked at. */
function refuseBeside(paths: readonly string[], flags: CheckFlags): void {
  if (paths.length > 0) {
    throw new UsageError(
      `--each takes one file; ${paths[0]} is one more. For several: cat FILE FILE | certgate check --each -`,
    );
  }
  const other = OF_BUNDLES.find((name) => flags[name] !== undefined);
  if (other === undefined) return;
  const option = `--${other.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
  throw new UsageError(
    `--each judges certificates by themselves, without keys, chains and CRLs; ${option} has no meaning with it.`,
  );
}

interface Asked {
  readonly bundles: readonly BundleFiles[];
  readonly problems: readonly PathProblem[];
  readonly crlFiles: readonly string[];
}

/** What the paths and options together name. @throws {UsageError} where they name nothing, or contradict each other. */
async function askedFor(paths: readonly string[], flags: CheckFlags): Promise<Asked> {
  const { crt, key, chain } = flags;
  const crlFiles = [...(flags.crlFile ?? [])];
  // `--crl-file a.crl b.crl`: the shell's wildcard makes a path of the second.
  const wanted: string[] = [];
  for (const path of paths) (crlFiles.length > 0 && (await isCrl(path)) ? crlFiles : wanted).push(path);
  if (crt !== undefined) {
    if (wanted.length > 0)
      throw new UsageError(`give either paths or --crt, not both (found ${wanted[0]} beside --crt ${crt}).`);
    return { bundles: [{ name: crt, crt, key, chain: chain === undefined ? [] : [chain] }], problems: [], crlFiles };
  }
  if (wanted.length === 0) {
    const missing =
      key !== undefined || chain !== undefined
        ? 'the certificate is missing: add --crt FILE'
        : 'give the files to check';
    throw new UsageError(`${missing}, e.g. certgate check sensor.crt sensor.key chain.pem. See certgate check --help.`);
  }
  const found = await findBundles(wanted);
  if (key !== undefined && found.bundles.length > 1) {
    throw new UsageError(`--key is one key, and the paths name ${found.bundles.length} bundles; give one bundle.`);
  }
  const bundles = found.bundles.map((bundle) => ({
    ...bundle,
    key: key ?? bundle.key,
    chain: chain === undefined ? bundle.chain : [chain],
  }));
  return { bundles, problems: found.problems, crlFiles };
}

async function isCrl(path: string): Promise<boolean> {
  const ending = extname(path).toLowerCase();
  if (ending === '.crl') return true;
  if (ending !== '.pem' && ending !== '.der') return false;
  // What cannot be opened is said when its turn comes.
  const bytes = await readUpTo(path).catch(() => new Uint8Array());
  return identify(bytes).blocks[0]?.kind === 'crl';
}

async function judgeOptions(flags: CheckFlags, crlFiles: readonly string[]): Promise<JudgeOptions> {
  const { profile, hostname, role, trust, at } = flags;
  const passphrase = await readPassphrase(flags);
  const { crl } = flags;
  if (crl === 'off' && crlFiles.length > 0) throw new UsageError('--crl off and --crl-file contradict each other.');
  const crls = await Promise.all(crlFiles.map((path) => readOptionFile('--crl-file', path)));
  const anchors = trust === undefined ? undefined : (await Promise.all(trust.map(trustFiles))).flat();
  return {
    at: at ?? new Date(),
    ...(passphrase !== undefined && { passphrase }),
    ...(profile !== undefined && { profile }),
    ...(hostname !== undefined && { hostname }),
    ...(role !== undefined && { role }),
    ...(anchors !== undefined && { trust: anchors }),
    ...(crl !== undefined && { crl }),
    ...(crls.length > 0 && { crls, crl: 'on' }),
    ...(flags.crlProxy !== undefined && { crlProxy: flags.crlProxy }),
  };
}

interface Judged {
  readonly reports: readonly Report[];
  readonly problems: readonly PathProblem[];
}

async function judgeAll(bundles: readonly BundleFiles[], judge: Judge, flags: CheckFlags): Promise<Judged> {
  const reports: Report[] = [];
  const problems: PathProblem[] = [];
  const progress = new Progress(bundles.length, 'bundles');
  const printer = new PrettyPrinter(flags, bundles.length);
  const document = DocumentPrinter.for(flags);
  const claims = bundles.length > 1 ? (await fleetOf(bundles)).claims : undefined;
  // Those that could be opened, in order: reports come in the same.
  const opened: BundleFiles[] = [];
  for await (const full of judge.many(openEach(bundles, opened, problems), bundles.length, claims)) {
    const files = opened[reports.length]!;
    const report = flags.findings === 'problems' ? onlyProblems(full) : full;
    reports.push(report);
    progress.at(reports.length + problems.length);
    if (flags.format === 'pretty') {
      progress.end();
      printer.print({
        report: full,
        handed: handedOf(files),
        everything: flags.findings === 'all',
        allowed: flags.allowUnsupported === true,
      });
    } else if (flags.format === 'jsonl') print(`${safeJson(report)}\n`);
    else document?.print(report, { ...files, chain: files.chain[0] });
  }
  progress.end();
  document?.end(summarise(reports));
  return { reports, problems };
}

/** Opens bundle after bundle; those that can be opened are put into `opened`, too, what cannot into `problems`. */
async function* openEach(
  bundles: readonly BundleFiles[],
  opened: BundleFiles[],
  problems: PathProblem[],
): AsyncGenerator<NamedFiles> {
  for (const files of bundles) {
    if (files.crt !== undefined && files.key === undefined) hintAtKey(files.crt);
    const bytes = await openFiles(files, problems);
    if (bytes === undefined) continue;
    opened.push(files);
    yield { name: files.name, ...bytes };
  }
}

/** Every appliance needs its own name, certificate and key: the bundles of a run are held against each other. */
async function fleetOf(bundles: readonly BundleFiles[]): Promise<RunFleet> {
  const fleet = new RunFleet(nodeCrypto);
  for (const { name, crt } of bundles) {
    // One that cannot be opened is said when its turn comes.
    const bytes = crt === undefined ? undefined : await readUpTo(crt).catch(() => undefined);
    if (bytes !== undefined) fleet.add(name, bytes);
  }
  return fleet;
}

/** The bytes of a bundle's files; undefined, and a problem noted, where one cannot be opened. */
async function openFiles(files: BundleFiles, problems: PathProblem[]): Promise<OpenedFiles | undefined> {
  const before = problems.length;
  const open = async (path: string | undefined) => {
    if (path === undefined) return undefined;
    try {
      return await readUpTo(path);
    } catch (error) {
      problems.push({ path, reason: systemReason(error) });
      return undefined;
    }
  };
  const [crt, key] = [await open(files.crt), await open(files.key)];
  let chain: Uint8Array | undefined;
  try {
    chain = files.chain.length === 0 ? undefined : await readTogether(files.chain);
  } catch (error) {
    problems.push({ path: files.chain.join(', '), reason: systemReason(error) });
  }
  return problems.length > before ? undefined : { crt, key, chain };
}

/** People name the certificate and forget the key that lies beside it; nothing is read that was not named. */
function hintAtKey(crt: string): void {
  const key = join(dirname(crt), `${basename(crt, extname(crt))}.key`);
  if (existsSync(key)) note(`${key} lies beside ${basename(crt)} and was not named; name it too to check the pair.`);
}

const handedOf = ({ crt, key, chain }: BundleFiles) => ({
  crt,
  key,
  chain: chain.length === 0 ? undefined : chain.join(' + '),
});

const onlyProblems = (report: Report): Report => ({
  ...report,
  findings: report.findings.filter(({ status }) => status !== 'pass' && status !== 'not-applicable'),
});

/** Reports as they come, an empty line between those that have more than one line. */
class PrettyPrinter {
  readonly #style = styleOf(process.stdout);
  readonly #flags: CheckFlags;
  readonly #many: boolean;
  #lastWasLine = true;

  constructor(flags: CheckFlags, total: number) {
    this.#flags = flags;
    this.#many = total > 1;
  }

  print(view: ReportView): void {
    const short = this.#many && this.#flags.findings !== 'all' && isQuiet(view.report);
    const text = short ? `${renderAccepted(this.#style, view)}\n` : renderReport(this.#style, view);
    const gap = this.#lastWasLine && short ? '' : '\n';
    print((this.#many ? gap : '') + text);
    this.#lastWasLine = short;
  }
}

function finishOutput(reports: readonly Report[], { format }: CheckFlags): void {
  if (format === 'json') print(`${safeJson({ reports, summary: summarise(reports) }, 2)}\n`);
  if (format === 'pretty' && reports.length > 1) print(`\n${renderSummary(styleOf(process.stdout), reports)}`);
}
