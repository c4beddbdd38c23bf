import type { Report } from '../../core/base/finding.ts';
import { ByteWriter } from '../../core/check/byte-writer.ts';
import { createBundleChecker } from '../../core/check/check-bundle.ts';
import { createCertificateChecker } from '../../core/check/check-certificate.ts';
import { narrowed } from '../../core/check/report.ts';
import { createFormat } from '../../core/check/report-format.ts';
import { RULES } from '../../core/requirements/rules/index.ts';
import { nodeCrypto } from '../crypto/node-crypto.ts';
import { digestFormat } from './digest.ts';
import { KnownReports } from './known-reports.ts';
import { type Chunk, emptyTally, type JudgedChunk, type Tally, type WorkerSettings } from './protocol.ts';
import { type Found, recordsOf } from './records.ts';

/** What can be said of a certificate by itself, and of the text that it came in. */
const CERTIFICATE_RULES = new Set(
  RULES.filter(({ id, needs }) => needs === 'certificate' || needs === 'encoding' || id === 'crt-file').map(
    ({ id }) => id,
  ),
);

export type JudgeChunk = (chunk: Chunk) => Promise<JudgedChunk>;

/** Judges the records of a chunk one by one. Whatever a record is, it gets a report; nothing of it escapes. */
export function createChunkJudge({ options, name, format: formatName, formatOptions }: WorkerSettings): JudgeChunk {
  const judgeDer = createCertificateChecker(options, nodeCrypto);
  const judgeFile = createBundleChecker(options, nodeCrypto);
  const format =
    formatName === 'digest' ? digestFormat(options.findings === 'all') : createFormat(formatName, formatOptions);
  const files = { crt: name };
  const known = new KnownReports();

  /** The slow way, for what is damaged or no certificate: says what it is instead. */
  async function judgeDamaged({ source, name: called }: Exclude<Found, string>): Promise<Report> {
    return narrowed(await judgeFile({ crt: source }, called), CERTIFICATE_RULES);
  }

  const out = new ByteWriter();
  return async (chunk) => {
    const tally = emptyTally();
    for (const record of recordsOf(chunk, name)) {
      if (record === 'passed-over') {
        tally.passedOver++;
        continue;
      }
      const quick = record.der && known.reportOn(record.der, record.name, judgeDer);
      const report = quick ?? (await judgeDamaged(record));
      count(tally, report);
      format.write(report, out, files);
    }
    return { sequence: chunk.sequence, output: out.take(), tally };
  };
}

function count(tally: Tally, { verdict, complete, findings }: Report): void {
  tally.total++;
  if (!complete) tally.incomplete++;
  tally[verdict]++;
  let last = '';
  for (const { rule, status } of findings) {
    if (rule === last || status === 'pass' || status === 'not-applicable' || status === 'not-checked') continue;
    last = rule;
    const statuses = (tally.byRule[rule] ??= {});
    statuses[status] = (statuses[status] ?? 0) + 1;
  }
}
