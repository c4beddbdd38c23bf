import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { bytesOf, type Case, expectationOf, parseCase } from '../../cases/case.ts';
import type { Report } from '../../src/core/base/finding.ts';
import { certgateAside, scratch, write } from './program.ts';

const cases = join(import.meta.dirname, '../../cases');

/** What somebody types who has these files in front of him. */
function argumentsOf({ files, options }: Case, folder: string): string[] {
  const args = ['check', '--format', 'json'];
  for (const [i, file] of files.entries()) {
    args.push(`--${file.section}`, write(folder, `${i}.${file.section}`, bytesOf(file)));
  }
  const { passphrase, ...rest } = options;
  for (const [name, value] of Object.entries(rest)) args.push(`--${name}`, value);
  if (passphrase !== undefined) args.push('--passphrase-file', write(folder, 'passphrase', `${passphrase}\n`));
  return args;
}

/** The program would ask the CRL server that the certificate names. */
const wouldFetch = ({ options, files }: Case): boolean =>
  options.crl === 'on' && !files.some(({ section }) => section === 'crl-file');

// A process each: every second case says as much as all of them, which tests/cases.test.ts judges in one process.
test('the program judges golden cases as they say, and exits accordingly', async () => {
  const names = readdirSync(cases, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.case'));
  expect(names.length).toBeGreaterThanOrEqual(60);
  const folder = scratch();
  const queue = names.toSorted().filter((_, i) => i % 2 === 0);
  const worker = async () => {
    for (let name = queue.shift(); name !== undefined; name = queue.shift()) {
      const golden = parseCase(readFileSync(join(cases, name), 'utf8'), name);
      if (wouldFetch(golden)) continue;
      const { code, stdout, stderr } = await certgateAside(argumentsOf(golden, join(folder, name)), folder, {});
      expect(stderr, name).toBe('');
      const [report] = (JSON.parse(stdout) as { reports: Report[] }).reports;
      expect(expectationOf(report!), name).toEqual(golden.expect);
      expect(code, name).toBe(report!.verdict === 'accepted' ? 0 : 1);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
  rmSync(folder, { recursive: true });
}, 60_000);
