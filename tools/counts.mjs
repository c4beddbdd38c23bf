// The closing line of a test run. As a program: `node tools/counts.mjs REPORT FAILED-CHECKS`.
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** @returns {{passed: number, failed: number, skipped: number}} of vitest's JSON report; no report is a failure */
export function readCounts(path) {
  if (!existsSync(path)) return { passed: 0, failed: 1, skipped: 0 };
  const report = JSON.parse(readFileSync(path, 'utf8'));
  const unloaded = report.testResults.filter(
    (file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
  ).length;
  // A run can fail without a failing test, e.g. by an unhandled rejection.
  const failed = report.numFailedTests + unloaded || (report.success ? 0 : 1);
  return { passed: report.numPassedTests, failed, skipped: report.numPendingTests + report.numTodoTests };
}

export function closingLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [report, failedChecks] = process.argv.slice(2);
  const counts = readCounts(report);
  counts.failed += Number(failedChecks);
  console.log(closingLine(counts));
  process.exitCode = counts.failed > 0 ? 1 : 0;
}
