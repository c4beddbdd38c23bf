import type { Finding, Report, Status } from '../../base/finding.ts';
import { RULES } from '../../requirements/rules/index.ts';
import { type ByteWriter, encodeText, harmlessJson } from '../byte-writer.ts';
import type { FormatOptions, ReportFiles, ReportFormat } from '../report-format.ts';

// SARIF 2.1.0 §3.27.10: error, warning, note.
const LEVELS: Readonly<Record<Status, 'error' | 'warning' | 'note'>> = {
  refused: 'error',
  'checker-failed': 'error',
  unsupported: 'warning',
  warning: 'note',
  'not-checked': 'note',
  pass: 'note',
  'not-applicable': 'note',
};

// SARIF 2.1.0 §3.27.9. What is no failure must not look like one: level `none` goes with every kind but `fail`.
const KINDS: Readonly<Partial<Record<Status, 'pass' | 'notApplicable' | 'open'>>> = {
  pass: 'pass',
  'not-applicable': 'notApplicable',
  'not-checked': 'open',
};

const RULE_INDEX: ReadonlyMap<string, number> = new Map(RULES.map(({ id }, index) => [id, index]));

/**
 * SARIF 2.1.0 (OASIS): one run, one result for each finding.
 * https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
 */
export function sarifFormat({ version }: FormatOptions): ReportFormat {
  const driver = { name: 'Certgate', version, rules: RULES.map(describeRule) };
  const head = harmlessJson({ tool: { driver }, columnKind: 'utf16CodeUnits' }).slice(0, -1);
  return {
    head: `{"$schema":"https://json.schemastore.org/sarif-2.1.0.json","version":"2.1.0","runs":[${head},"results":[\n`,
    separator: ',\n',
    write: (report, out, files = {}) => writeResults(report, out, files),
    tail: (summary) =>
      `\n],"invocations":[{"executionSuccessful":true}],"properties":{"summary":${JSON.stringify(summary)}}}]}\n`,
  };
}

const describeRule = ({ id, title, required, explanation, fix, source }: (typeof RULES)[number]) => ({
  id,
  shortDescription: { text: title },
  fullDescription: { text: `Required: ${required}. Source: ${source.document}, ${source.section}.` },
  help: { text: fix === undefined ? explanation : `${explanation}\n\n${fix}` },
});

function writeResults(report: Report, out: ByteWriter, files: ReportFiles): void {
  for (const finding of report.findings) {
    out.raw(encodeText(`,\n${harmlessJson(resultOf(finding, report, files))}`));
  }
}

function resultOf(finding: Finding, { bundle, verdict, at }: Report, files: ReportFiles) {
  const { rule, status, found, required, fix, location, applianceSays, clientsSay } = finding;
  const kind = KINDS[status];
  const { block, path, offset, length } = location ?? {};
  return {
    ruleId: rule,
    ruleIndex: RULE_INDEX.get(rule),
    kind: kind ?? 'fail',
    level: kind === undefined ? LEVELS[status] : 'none',
    message: { text: messageOf(finding) },
    locations: [
      {
        physicalLocation: { artifactLocation: { uri: uriOf(fileOf(finding, bundle, files)) } },
        logicalLocations: [{ fullyQualifiedName: path === undefined ? bundle : `${bundle}: ${path}` }],
      },
    ],
    properties: { bundle, verdict, at, status, block, offset, length, found, required, fix, applianceSays, clientsSay },
  };
}

/** Viewers show the message alone: what to do belongs into it. */
const messageOf = ({ message, fix }: Finding): string => (fix === undefined ? message : `${message} Fix: ${fix}`);

function fileOf({ location }: Finding, bundle: string, { crt = bundle, key, chain }: ReportFiles): string {
  if (location === undefined) return crt;
  switch (location.file) {
    case 'crt':
    case 'passphrase':
      return crt;
    case 'key':
      return key ?? crt;
    case 'chain':
      return chain ?? crt;
    default:
      return location.file;
  }
}

/** A relative or absolute path, or a URL, as a URI reference (RFC 3986): what it must not hold is percent-encoded. */
function uriOf(path: string): string {
  const slashes = path.replaceAll('\\', '/').replace(/\p{Cs}/gu, '\ufffd');
  const drive = /^[A-Za-z]:\//.test(slashes) ? 'file:///' : '';
  return (
    drive +
    encodeURI(slashes).replaceAll('#', '%23').replaceAll('?', '%3F').replaceAll('[', '%5B').replaceAll(']', '%5D')
  );
}
