import { type FileHandle, open } from 'node:fs/promises';
import { shellWord } from '../core/base/shell-word.ts';
import { CheckOptionsError, prepare } from '../core/check/options.ts';
import { createFormat, type FormatName, type ReportFormat } from '../core/check/report-format.ts';
import { ProfileError } from '../core/requirements/profile.ts';
import { NoRecordsError } from '../platform/bulk/chunks.ts';
import { runBulk } from '../platform/bulk/run-bulk.ts';
import type { Tally, WorkerSettings } from '../platform/bulk/protocol.ts';
import { nodeCrypto } from '../platform/crypto/node-crypto.ts';
import { EachProgress } from './each-progress.ts';
import { EXIT, type ExitCode, systemReason, UsageError } from './failure.ts';
import { styleOf } from './output.ts';
import { DigestPrinter, renderTally } from './render/tally.ts';
import { version } from './version.ts';

/** What `check --each` goes by. */
export interface EachFlags {
  /** A file, or `-` for the standard input. */
  readonly each: string;
  readonly profile?: string;
  readonly hostname?: string;
  readonly role?: 'sensor' | 'ha';
  readonly crl?: 'on' | 'off';
  readonly at?: Date;
  readonly allowUnsupported?: true;
  readonly findings?: 'all' | 'problems';
  readonly format: 'pretty' | FormatName;
}

// A file is read in pieces that make one chunk of work each.
const READ_BYTES = 512 * 1024;

/** Judges every certificate of a stream by itself. @throws {UsageError} where it cannot be opened or read */
export async function checkEach(flags: EachFlags): Promise<ExitCode> {
  const { format, allowUnsupported = false } = flags;
  const settings = await settingsOf(flags);
  const source = await openSource(flags.each);
  const output = format === 'pretty' ? prettyOutput(flags) : documentOutput(format, settings);
  const progress = new EachProgress(source.size);
  const tally = await runBulk({
    ...settings,
    stream: progress.watch(source.stream),
    size: source.size,
    write: async (bytes, part) => {
      progress.end();
      await output.begin();
      await output.write(bytes);
      progress.judged(part.total);
    },
  })
    .catch((error: unknown) => {
      throw error instanceof NoRecordsError ? arrayInstead(flags.each) : error;
    })
    .finally(() => progress.end());
  await output.begin();
  await output.end(tally);
  const fine = tally.total === tally.accepted + (allowUnsupported ? tally.unsupported : 0);
  return fine ? EXIT.ok : EXIT.refused;
}

const arrayInstead = (path: string): UsageError =>
  new UsageError(
    `--each reads JSON lines, one object a line; ${path === '-' ? 'this' : path} is one JSON array. Take it apart: ` +
      `jq -c '.[]' ${path === '-' ? 'FILE' : shellWord(path)} | certgate check --each -`,
  );

async function settingsOf(flags: EachFlags): Promise<WorkerSettings> {
  const { profile, hostname, role, crl, at = new Date(), findings = 'problems', format, each } = flags;
  const options = {
    at: at.toISOString(),
    findings,
    ...(profile !== undefined && { profile: await (await import('./profile-file.ts')).findProfile(profile) }),
    ...(hostname !== undefined && { hostname }),
    ...(role !== undefined && { role }),
    ...(crl !== undefined && { crl }),
  };
  try {
    // A wrong option is said here, not by every worker.
    prepare(options, nodeCrypto);
  } catch (error) {
    if (error instanceof CheckOptionsError || error instanceof ProfileError) throw new UsageError(error.message);
    throw error;
  }
  return {
    options,
    name: each === '-' ? 'stdin' : each,
    format: format === 'pretty' ? 'digest' : format,
    formatOptions: { allowUnsupported: flags.allowUnsupported === true, version: version() },
  };
}

interface Source {
  readonly stream: AsyncIterable<Uint8Array>;
  /** Bytes; undefined where nobody knows. */
  readonly size: number | undefined;
}

async function openSource(path: string): Promise<Source> {
  const failed = (error: unknown) => new UsageError(`--each ${path} cannot be read: ${systemReason(error)}.`);
  if (path === '-') return { stream: readable(process.stdin, failed), size: undefined };
  const file = await open(path, 'r').catch((error: unknown) => {
    throw failed(error);
  });
  const stat = await file.stat();
  if (stat.isDirectory()) {
    await file.close();
    throw new UsageError(
      `--each takes a file; ${path} is a folder. For everything in it: cat ${path}/*.pem | certgate check --each -`,
    );
  }
  return { stream: piecesOf(file, failed), size: stat.isFile() ? stat.size : undefined };
}

async function* readable(
  stream: AsyncIterable<Uint8Array>,
  failed: (error: unknown) => UsageError,
): AsyncGenerator<Uint8Array> {
  const pieces = stream[Symbol.asyncIterator]();
  for (;;) {
    const next = await pieces.next().catch((error: unknown) => {
      throw failed(error);
    });
    if (next.done === true) return;
    yield next.value;
  }
}

/** The pieces of a file, each in the same memory: good until the next. */
async function* piecesOf(file: FileHandle, failed: (error: unknown) => UsageError): AsyncGenerator<Uint8Array> {
  const memory = Buffer.allocUnsafeSlow(READ_BYTES);
  try {
    for (;;) {
      const { bytesRead } = await file.read(memory, 0, READ_BYTES).catch((error: unknown) => {
        throw failed(error);
      });
      if (bytesRead === 0) return;
      yield memory.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}

/** Where the reports go. */
interface Output {
  /** Before everything else, and as often as one likes: what cannot be read has no output. */
  begin(): Promise<void>;
  write(bytes: Uint8Array): Promise<void>;
  end(tally: Tally): Promise<void>;
}

/** One document on the standard output, the summary for people beside it. */
function documentOutput(name: FormatName, { formatOptions }: WorkerSettings): Output {
  const format: ReportFormat = createFormat(name, formatOptions);
  let isFirst = true;
  let isBegun = false;
  return {
    async begin() {
      if (isBegun) return;
      isBegun = true;
      await toStdout(format.head);
    },
    async write(bytes) {
      if (bytes.length === 0) return;
      await toStdout(isFirst ? bytes.subarray(format.separator.length) : bytes);
      isFirst = false;
    },
    async end(tally) {
      const { total, accepted, unsupported, refused } = tally;
      await toStdout(format.tail({ total, accepted, unsupported, refused }));
      process.stderr.write(renderTally(styleOf(process.stderr), tally));
    },
  };
}

/** A line for each certificate that has a problem, and the summary. */
function prettyOutput(flags: EachFlags): Output {
  const style = styleOf(process.stdout);
  const printer = new DigestPrinter(style, process.stdout.isTTY === true);
  return {
    begin: async () => undefined,
    write: (bytes) => toStdout(printer.print(bytes)),
    async end(tally) {
      const gap = printer.printed ? '\n' : '';
      await toStdout(`${gap}${renderTally(style, tally)}`);
      if (flags.findings !== 'all' && printer.printed)
        await toStdout(
          style.paint('dim', 'Everything about one of them: certgate check FILE. For programs: --format jsonl\n'),
        );
    },
  };
}

/** Resolves when the memory of `data` may be used again. What goes wrong is the business of the stream itself. */
function toStdout(data: string | Uint8Array): Promise<void> {
  if (data.length === 0) return Promise.resolve();
  return new Promise((resolve) => void process.stdout.write(data, () => resolve()));
}
