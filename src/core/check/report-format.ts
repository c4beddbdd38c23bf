import type { Report } from '../base/finding.ts';
import { type ByteWriter, encodeText } from './byte-writer.ts';
import { junitFormat } from './formats/junit.ts';
import { sarifFormat } from './formats/sarif.ts';
import { JsonReportWriter } from './report-json.ts';

/** Formats for programs. `json` is one document, `jsonl` one report a line. */
export const FORMAT_NAMES = ['json', 'jsonl', 'sarif', 'junit'] as const;
export type FormatName = (typeof FORMAT_NAMES)[number];

/** How many reports have which verdict. */
export interface Summary {
  readonly total: number;
  readonly accepted: number;
  readonly unsupported: number;
  readonly refused: number;
}

/** The files behind `crt`, `key` and `chain` of a report, where they are known. */
export interface ReportFiles {
  readonly crt?: string | undefined;
  readonly key?: string | undefined;
  readonly chain?: string | undefined;
}

/** One format, written report by report, so that a document can be longer than the memory. */
export interface ReportFormat {
  /** Before the first report. */
  readonly head: string;
  /** Stands before everything that `write` writes; the first of a document is cut off. */
  readonly separator: string;
  write(report: Report, out: ByteWriter, files?: ReportFiles): void;
  /** Where the name of the bundle stands first and nowhere else: what stands around it. */
  readonly parts?: ReportParts;
  /** After the last report. */
  tail(summary: Summary): string;
}

/** A report in two parts: `before`, the name of the bundle as JSON, and the rest, which is the same for the same findings. */
export interface ReportParts {
  readonly before: Uint8Array;
  writeRest(report: Report, out: ByteWriter): void;
}

export interface FormatOptions {
  /** Unsupported bundles were allowed beforehand: they fail nothing. */
  readonly allowUnsupported?: boolean;
  /** Of Certgate. */
  readonly version: string;
}

/** A format ready to write one document. It keeps texts that recur, so make one for a whole run. */
export function createFormat(name: FormatName, options: FormatOptions): ReportFormat {
  switch (name) {
    case 'json':
      return jsonFormat();
    case 'jsonl':
      return jsonLinesFormat();
    case 'sarif':
      return sarifFormat(options);
    case 'junit':
      return junitFormat(options);
  }
}

function jsonLinesFormat(): ReportFormat {
  const newline = encodeText('\n');
  return { head: '', separator: '', ...jsonReports('', newline), tail: () => '' };
}

function jsonFormat(): ReportFormat {
  const separator = ',\n';
  return {
    head: '{"reports":[\n',
    separator,
    ...jsonReports(separator, NOTHING),
    tail: (summary) => `\n],"summary":${JSON.stringify(summary)}}\n`,
  };
}

const NOTHING = encodeText('');

function jsonReports(separator: string, end: Uint8Array): Required<Pick<ReportFormat, 'write' | 'parts'>> {
  const writer = new JsonReportWriter();
  const before = encodeText(`${separator}{"bundle":`);
  const writeRest = (report: Report, out: ByteWriter): void => {
    writer.writeRest(report, out);
    out.raw(end);
  };
  return {
    parts: { before, writeRest },
    write(report, out) {
      out.raw(before);
      out.json(report.bundle);
      writeRest(report, out);
    },
  };
}
