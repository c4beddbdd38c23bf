import type { Report, Status } from '../../core/base/finding.ts';
import { encodeText, harmlessJson } from '../../core/check/byte-writer.ts';
import type { ReportFormat } from '../../core/check/report-format.ts';
import type { Digest } from './protocol.ts';

/** Reports cut down to what stands in a line for people; those without a problem are left out unless `all` are wanted. */
export function digestFormat(all: boolean): ReportFormat {
  return {
    head: '',
    separator: '',
    write(report, out) {
      const digest = digestOf(report) ?? (all ? quietDigest(report) : undefined);
      if (digest !== undefined) out.raw(encodeText(`${harmlessJson(digest)}\n`));
    },
    tail: () => '',
  };
}

const isProblem = (status: Status): boolean =>
  status === 'refused' || status === 'checker-failed' || status === 'unsupported' || status === 'warning';

function digestOf({ bundle, verdict, findings }: Report): Digest | undefined {
  const problems = findings.filter(({ status }) => isProblem(status));
  const [first] = problems;
  if (first === undefined) return undefined;
  const { rule, status, message } = first;
  return { bundle, verdict, rule, status, message, more: problems.length - 1 };
}

const quietDigest = ({ bundle, verdict }: Report): Digest => ({
  bundle,
  verdict,
  rule: '',
  status: 'pass',
  message: 'no problem found',
  more: 0,
});
