import type { Finding, Report } from '../../base/finding.ts';
import { type ByteWriter, encodeText } from '../byte-writer.ts';
import type { FormatOptions, ReportFormat } from '../report-format.ts';

/**
 * JUnit's XML as CI servers read it: a test suite for each bundle, a test case for each finding. Refused and, unless
 * allowed, unsupported findings are failures; a rule of ours that crashed is an error; what was not checked or does not
 * apply is skipped; a warning is passed, with its text in system-out.
 */
export function junitFormat({ allowUnsupported = false }: FormatOptions): ReportFormat {
  return {
    head: '<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="certgate">\n',
    separator: '',
    write: (report, out) => writeSuite(report, out, allowUnsupported),
    tail: () => '</testsuites>\n',
  };
}

type Result = 'passed' | 'failure' | 'error' | 'skipped';

function resultOf({ status }: Finding, allowUnsupported: boolean): Result {
  switch (status) {
    case 'refused':
      return 'failure';
    case 'unsupported':
      return allowUnsupported ? 'passed' : 'failure';
    case 'checker-failed':
      return 'error';
    case 'not-checked':
    case 'not-applicable':
      return 'skipped';
    case 'warning':
    case 'pass':
      return 'passed';
  }
}

function writeSuite({ bundle, verdict, at, findings }: Report, out: ByteWriter, allowUnsupported: boolean): void {
  const results = findings.map((finding) => resultOf(finding, allowUnsupported));
  const count = (wanted: Result) => results.filter((result) => result === wanted).length;
  const counts = `failures="${count('failure')}" errors="${count('error')}" skipped="${count('skipped')}"`;
  // A suite without tests is a mistake to most readers; a bundle without problems is one test that passed.
  const cases =
    findings.length === 0
      ? [`    <testcase classname="${attribute(bundle)}" name="${verdict}"/>\n`]
      : findings.map((finding, i) => testCase(finding, results[i]!, bundle));
  out.raw(
    encodeText(
      `  <testsuite name="${attribute(bundle)}" tests="${cases.length}" ${counts} timestamp="${attribute(at)}">\n${cases.join('')}  </testsuite>\n`,
    ),
  );
}

function testCase(finding: Finding, result: Result, bundle: string): string {
  const { rule, status, message } = finding;
  const open = `    <testcase classname="${attribute(bundle)}" name="${attribute(rule)}"`;
  switch (result) {
    case 'failure':
    case 'error':
      return `${open}>\n      <${result} type="${status}" message="${attribute(message)}">${text(detailsOf(finding))}</${result}>\n    </testcase>\n`;
    case 'skipped':
      return `${open}>\n      <skipped message="${attribute(message)}"/>\n    </testcase>\n`;
    case 'passed':
      return status === 'pass'
        ? `${open}/>\n`
        : `${open}>\n      <system-out>${text(`${message}\n${detailsOf(finding)}`)}</system-out>\n    </testcase>\n`;
  }
}

function detailsOf({ found, required, fix, applianceSays, clientsSay, source }: Finding): string {
  const rows: readonly (readonly [string, string | undefined])[] = [
    ['Fix', fix],
    ['Found', found],
    ['Required', required],
    ['Appliance says', applianceSays],
    ['Clients say', clientsSay],
    ['Source', source && `${source.document}, ${source.section}`],
  ];
  return rows.flatMap(([label, value]) => (value === undefined ? [] : [`${label}: ${value}`])).join('\n');
}

// XML 1.0 §2.2: Char ::= #x9 | #xA | #xD | [#x20-#xD7FF] | [#xE000-#xFFFD] | [#x10000-#x10FFFF]. Others cannot be
// written at all, not even escaped; and what a terminal could obey or hide is better seen, too.
const UNWRITABLE = /[^\P{C}\n\u{E000}-\u{F8FF}]|[\p{Zl}\p{Zp}\p{Variation_Selector}\uFFFE\uFFFF]/gu;
const MARKUP: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

const text = (value: string): string =>
  value
    .replace(UNWRITABLE, (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`)
    .replace(/[&<>"]/g, (character) => MARKUP[character]!);

// A line end inside an attribute is read as a space.
const attribute = (value: string): string => text(value).replaceAll('\n', '\\n');
