import type { Report } from '../../core/base/finding.ts';
import { createBundleChecker } from '../../core/check/check-bundle.ts';
import { createCertificateChecker } from '../../core/check/check-certificate.ts';
import { narrowed } from '../../core/check/report.ts';
import { ReportWriter } from '../../core/check/report-json.ts';
import { decodeBase64 } from '../../core/files/base64.ts';
import { RULES } from '../../core/requirements/rules/index.ts';
import { nodeCrypto } from '../crypto/node-crypto.ts';
import { isBlank } from './chunks.ts';
import { type Chunk, emptyTally, type JudgedChunk, type Tally, type WorkerSettings } from './protocol.ts';

const BEGIN = Buffer.from('-----BEGIN ');
const END = Buffer.from('-----END ');
const DASHES = Buffer.from('-----');
const CERTIFICATE_LABELS: ReadonlySet<string> = new Set(['CERTIFICATE', 'X509 CERTIFICATE', 'TRUSTED CERTIFICATE']);
/** What can be said of a certificate by itself, and of the text that it came in. */
const CERTIFICATE_RULES = new Set(
  RULES.filter(({ id, needs }) => needs === 'certificate' || needs === 'encoding' || id === 'crt-file').map(
    ({ id }) => id,
  ),
);

export type JudgeChunk = (chunk: Chunk) => Promise<JudgedChunk>;

/** Judges the records of a chunk one by one. Whatever a record is, it gets a report; nothing of it escapes. */
export function createChunkJudge({ options, name }: WorkerSettings): JudgeChunk {
  const judgeDer = createCertificateChecker(options, nodeCrypto);
  const judgeFile = createBundleChecker(options, nodeCrypto);
  const writer = new ReportWriter();

  /** The slow way, for what is damaged or no certificate: says what it is instead. */
  async function judgeDamaged(record: Uint8Array, called: string): Promise<Report> {
    return narrowed(await judgeFile({ crt: record }, called), CERTIFICATE_RULES);
  }

  async function judgeRecord(record: Record, called: string): Promise<Report> {
    if ('der' in record) return judgeDer(record.der, record.name ?? called);
    return judgeDamaged(record.damaged, record.name ?? called);
  }

  return async (chunk) => {
    const tally = emptyTally();
    let text = '';
    let number = chunk.firstRecord;
    for (const record of recordsOf(chunk)) {
      const called = `${name}#${number++}`;
      if ('passedOver' in record) tally.passedOver++;
      else {
        const fast = 'der' in record ? judgeDer(record.der, record.name ?? called) : undefined;
        const report = fast ?? (await judgeRecord(record, called));
        count(tally, report);
        text += `${writer.write(report)}\n`;
      }
    }
    return { sequence: chunk.sequence, lines: Buffer.from(text, 'utf8'), tally };
  };
}

function count(tally: Tally, { verdict, findings }: Report): void {
  tally.total++;
  tally[verdict]++;
  let last = '';
  for (const { rule, status } of findings) {
    if (rule === last || status === 'pass' || status === 'not-applicable') continue;
    last = rule;
    const statuses = (tally.byRule[rule] ??= {});
    statuses[status] = (statuses[status] ?? 0) + 1;
  }
}

type Record = ({ readonly der: Uint8Array } | { readonly damaged: Uint8Array }) & { readonly name?: string };
type Found = Record | { readonly passedOver: true };

function recordsOf(chunk: Chunk): Iterable<Found> {
  const bytes = Buffer.from(chunk.bytes.buffer, chunk.bytes.byteOffset, chunk.bytes.byteLength);
  switch (chunk.form) {
    case 'pem':
      return pemRecords(bytes);
    case 'jsonl':
      return lineRecords(bytes);
    case 'der':
      return [{ der: chunk.bytes }];
  }
}

function* pemRecords(bytes: Buffer): Generator<Found> {
  let begin = bytes.indexOf(BEGIN);
  while (begin !== -1) {
    const next = bytes.indexOf(BEGIN, begin + BEGIN.length);
    const limit = next === -1 ? bytes.length : next;
    yield pemRecord(bytes, begin, limit);
    begin = next;
  }
}

function pemRecord(bytes: Buffer, begin: number, limit: number): Found {
  const labelStart = begin + BEGIN.length;
  const labelEnd = bytes.indexOf(DASHES, labelStart);
  const end = bytes.indexOf(END, labelStart);
  const record = bytes.subarray(begin, limit);
  if (labelEnd === -1 || labelEnd >= limit || labelEnd - labelStart > 64) return { damaged: record };
  if (!CERTIFICATE_LABELS.has(bytes.toString('latin1', labelStart, labelEnd))) return { passedOver: true };
  if (end === -1 || end >= limit) return { damaged: record };
  const { bytes: der, faults } = decodeBase64(bytes, labelEnd + DASHES.length, end, 1);
  return faults.length === 0 && der.length > 0 ? { der } : { damaged: record };
}

function* lineRecords(bytes: Buffer): Generator<Found> {
  for (let start = 0; start < bytes.length;) {
    const newline = bytes.indexOf(0x0a, start);
    const end = newline === -1 ? bytes.length : newline;
    if (!isBlank(bytes, start, end)) yield lineRecord(bytes.subarray(start, end));
    start = end + 1;
  }
}

/** The names under which exports carry a certificate, in PEM or Base64. */
const CERTIFICATE_FIELDS = ['crt', 'certificate', 'cert', 'pem', 'der', 'raw'] as const;
const NAME_FIELDS = ['name', 'bundle', 'id'] as const;

function lineRecord(line: Buffer): Record {
  let value: unknown;
  try {
    value = JSON.parse(line.toString('utf8'));
  } catch {
    return { damaged: line };
  }
  const fields = typeof value === 'string' ? { crt: value } : typeof value === 'object' && value !== null ? value : {};
  const find = (names: readonly string[]): string | undefined => {
    const held = fields as { readonly [field: string]: unknown };
    const name = names.find((field) => typeof held[field] === 'string');
    return name === undefined ? undefined : (held[name] as string);
  };
  const text = find(CERTIFICATE_FIELDS);
  if (text === undefined) return { damaged: line };
  const name = find(NAME_FIELDS);
  return { ...textRecord(Buffer.from(text, 'utf8')), ...(name !== undefined && { name }) };
}

function textRecord(text: Buffer): Record {
  const begin = text.indexOf(BEGIN);
  if (begin !== -1) {
    const record = pemRecord(text, begin, text.length);
    return 'passedOver' in record ? { damaged: text } : record;
  }
  const { bytes: der, faults } = decodeBase64(text, 0, text.length, 1);
  return faults.length === 0 && der.length > 0 ? { der } : { damaged: text };
}
