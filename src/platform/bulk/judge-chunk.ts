import type { Report } from '../../core/base/finding.ts';
import { ByteWriter } from '../../core/check/byte-writer.ts';
import { createBundleChecker } from '../../core/check/check-bundle.ts';
import { createCertificateChecker } from '../../core/check/check-certificate.ts';
import { narrowed } from '../../core/check/report.ts';
import { createFormat, type ReportFiles, type ReportFormat, type ReportParts } from '../../core/check/report-format.ts';
import { RULES } from '../../core/requirements/rules/index.ts';
import { nodeCrypto } from '../crypto/node-crypto.ts';
import { digestFormat } from './digest.ts';
import { type Kept, KnownRecords } from './known-records.ts';
import { type Chunk, emptyTally, type JudgedChunk, type Tally, type WorkerSettings } from './protocol.ts';
import { type FoundRecord, recordsOf } from './records.ts';

/** What can be said of a certificate by itself, and of the text that it came in. */
const CERTIFICATE_RULES = new Set(
  RULES.filter(({ id, needs }) => needs === 'certificate' || needs === 'encoding' || id === 'crt-file').map(
    ({ id }) => id,
  ),
);

/** `memory` is what the output is written into, where there is any to be used again. */
export type JudgeChunk = (chunk: Chunk, memory?: ArrayBuffer) => Promise<JudgedChunk>;

/** Judges the records of a chunk one by one. Whatever a record is, it gets a report; nothing of it escapes. */
export function createChunkJudge(settings: WorkerSettings): JudgeChunk {
  const { options, name } = settings;
  const judgeDer = createCertificateChecker(options, nodeCrypto);
  const judgeFile = createBundleChecker(options, nodeCrypto);
  const reports = new Reports(settings);

  /** The slow way, for what is damaged or no certificate: says what it is instead. */
  const judgeDamaged = async ({ source, name: called }: FoundRecord): Promise<Report> =>
    narrowed(await judgeFile({ crt: source }, called), CERTIFICATE_RULES);

  const judge: JudgeChunk = async (chunk, memory) => {
    reports.begin(memory);
    for (const record of recordsOf(chunk, name)) {
      if (record === 'passed-over') reports.tally.passedOver++;
      else if (!reports.repeat(record)) {
        const der = record.decode();
        const report = der && judgeDer(der, record.name);
        if (report === undefined) reports.write(await judgeDamaged(record));
        else reports.writeOf(record, report);
      }
    }
    return { sequence: chunk.sequence, ...reports.end() };
  };
  // One after the other: damaged records are waited for, and all chunks write into the same reports.
  let last: Promise<unknown> = Promise.resolve();
  return (chunk, memory) => {
    const judged = last.then(() => judge(chunk, memory));
    last = judged.catch(() => undefined);
    return judged;
  };
}

/** What is written about a chunk, and how it adds up. */
class Reports {
  readonly #format: ReportFormat;
  readonly #files: ReportFiles;
  readonly #known = new KnownRecords();
  readonly #out = new ByteWriter();
  readonly #repeated = new Set<Kept>();
  tally = emptyTally();

  constructor({ options, name, format, formatOptions }: WorkerSettings) {
    this.#format = format === 'digest' ? digestFormat(options.findings === 'all') : createFormat(format, formatOptions);
    this.#files = { crt: name };
  }

  begin(memory: ArrayBuffer | undefined): void {
    this.#out.handOver(memory);
    this.tally = emptyTally();
  }

  end(): Pick<JudgedChunk, 'output' | 'tally'> {
    for (const kept of this.#repeated) {
      count(this.tally, kept.report, kept.times);
      kept.times = 0;
    }
    this.#repeated.clear();
    return { output: this.#out.handOver(), tally: this.tally };
  }

  /** Writes what is known about a record that came before; else false. */
  repeat(record: FoundRecord): boolean {
    const kept = this.#known.find(record);
    if (kept === undefined) return false;
    if (kept.times++ === 0) this.#repeated.add(kept);
    const { parts } = this.#format;
    if (parts === undefined || kept.written === undefined) {
      this.#format.write({ ...kept.report, bundle: record.name }, this.#out, this.#files);
      return true;
    }
    this.#head(parts, record.name);
    this.#out.raw(kept.written);
    return true;
  }

  write(report: Report): void {
    this.#format.write(report, this.#out, this.#files);
    count(this.tally, report, 1);
  }

  /** As `write`, and keeps it for when the record comes again. */
  writeOf(record: FoundRecord, report: Report): void {
    const { parts } = this.#format;
    if (!this.#known.isWorthKeeping(record)) return this.write(report);
    if (parts === undefined) {
      this.write(report);
      return this.#known.keep(record, report, undefined);
    }
    this.#head(parts, record.name);
    const start = this.#out.length;
    parts.writeRest(report, this.#out);
    this.#known.keep(record, report, this.#out.since(start));
    count(this.tally, report, 1);
  }

  #head({ before }: ReportParts, name: string): void {
    this.#out.raw(before);
    this.#out.json(name);
  }
}

function count(tally: Tally, { verdict, complete, findings }: Report, times: number): void {
  tally.total += times;
  if (!complete) tally.incomplete += times;
  tally[verdict] += times;
  let last = '';
  for (const { rule, status } of findings) {
    if (rule === last || status === 'pass' || status === 'not-applicable' || status === 'not-checked') continue;
    last = rule;
    const statuses = (tally.byRule[rule] ??= {});
    statuses[status] = (statuses[status] ?? 0) + times;
  }
}
