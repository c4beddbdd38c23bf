import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Report } from '../../src/core/base/finding.ts';
import { parseCase } from '../../cases/case.ts';
import { certgate, PROGRAM, scratch, write } from '../cli/program.ts';

const AT = ['--at', '2026-06-01'];
const good = readFileSync('cases/samples/good/sensor.crt', 'utf8');
const key = readFileSync('cases/samples/good/sensor.key', 'utf8');
const wildcard = crtOf('cases/crt-wildcard/cn-and-san.case');
const base64 = good.replace(/-----[^-]+-----|\s/g, '');
let folder: string;

function crtOf(path: string): string {
  const { files } = parseCase(readFileSync(path, 'utf8'), path);
  return files.find(({ section }) => section === 'crt')!.text;
}

beforeAll(() => {
  folder = scratch();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Judged {
  readonly code: number | null;
  readonly stderr: string;
  readonly reports: readonly Report[];
}

/** What `--each FILE --format jsonl` makes of these bytes. */
function each(content: string | Uint8Array, ...options: readonly string[]): Judged {
  write(folder, 'each', content);
  const { code, stdout, stderr } = certgate(['check', '--each', 'each', '--format', 'jsonl', ...AT, ...options], {
    cwd: folder,
  });
  const lines = stdout.split('\n').filter((line) => line !== '');
  return { code, stderr, reports: lines.map((line) => JSON.parse(line) as Report) };
}

const names = ({ reports }: Judged) => reports.map(({ bundle, verdict }) => `${bundle} ${verdict}`);
const firstRule = ({ reports }: Judged, index: number) => reports[index]!.findings[0]!.rule;

describe('certgate check --each', () => {
  test('gives each certificate of a PEM stream its report, in order, problems only', () => {
    const judged = each(good + wildcard + good);
    expect(names(judged)).toEqual(['each#1 accepted', 'each#2 refused', 'each#3 accepted']);
    expect(judged.code).toBe(1);
    expect(judged.reports[0]!.findings).toEqual([]);
    expect(firstRule(judged, 1)).toBe('crt-wildcard');
    expect(judged.stderr).toContain('3 certificates: 2 accepted, 0 unsupported, 1 refused');
    expect(judged.stderr).toContain('1 refused  crt-wildcard');
  });
  test('lists every finding with --findings all, as check itself does', () => {
    const { reports, code } = each(good, '--findings', 'all');
    expect(code).toBe(0);
    expect(reports[0]!.findings.length).toBeGreaterThan(12);
    const alone = JSON.parse(
      certgate(['check', join(folder, 'each'), '--crl', 'off', '--format', 'json', ...AT]).stdout,
    ) as { reports: Report[] };
    const rules = new Map(alone.reports[0]!.findings.map((finding) => [finding.rule, finding]));
    for (const { rule, status, found } of reports[0]!.findings.filter(
      ({ rule }) => rule !== 'crt-crl-distribution-point',
    ))
      expect({ rule, status, found }).toEqual({ rule, status: rules.get(rule)!.status, found: rules.get(rule)!.found });
  });
  test('a damaged record is a report of its own, and what follows is judged', () => {
    const damaged = good.replace(/\n.{64}\n/, '\n!!\n');
    const noEnd = good.slice(0, 300);
    const judged = each(`${good}${damaged}${noEnd}\n${good}`);
    expect(names(judged)).toEqual(['each#1 accepted', 'each#2 refused', 'each#3 refused', 'each#4 accepted']);
    expect([firstRule(judged, 1), firstRule(judged, 2)]).toEqual(['crt-file', 'crt-file']);
  });
  test('what says itself that it is no certificate is passed over, and counted', () => {
    const judged = each(key + good);
    expect(names(judged)).toEqual(['each#2 accepted']);
    expect(judged.stderr).toContain('Passed over: 1 PEM block');
  });
  test('takes JSON lines: text, Base64 or PEM, with a name of their own', () => {
    const lines = [
      JSON.stringify({ name: 'pump 7', certificate: good }),
      JSON.stringify(base64),
      '',
      JSON.stringify({ id: 'both', pem: good + wildcard }),
      '{"broken": ',
      JSON.stringify({ something: 'else' }),
    ];
    const judged = each(lines.join('\r\n'));
    expect(names(judged)).toEqual([
      'pump 7 accepted',
      'each#2 accepted',
      'both accepted',
      'both#2 refused',
      'each#4 refused',
      'each#5 refused',
    ]);
    expect(firstRule(judged, 4)).toBe('crt-file');
  });
  test('takes DER, one after the other', () => {
    const der = Buffer.from(base64, 'base64');
    expect(names(each(der))).toEqual(['each#1 accepted']);
    const judged = each(Buffer.concat([der, der, Buffer.from('junk')]));
    expect(names(judged)).toEqual(['each#1 accepted', 'each#2 accepted', 'each#3 refused']);
  });
  test.each([
    ['with Windows line ends', good.replaceAll('\n', '\r\n')],
    ['with the line ends of old Macs', good.replaceAll('\n', '\r')],
    ['without line ends', good.replaceAll('\n', '')],
    ['with a byte order mark', `\ufeff${good}`],
    ['in UTF-16, as the shell of Windows writes it', Buffer.from(`\ufeff${good}`, 'utf16le')],
    ['in JSON lines with a byte order mark', `\ufeff${JSON.stringify({ crt: good })}\r\n`],
  ])('takes a certificate %s', (_, content) => {
    expect(names(each(content))).toEqual(['each#1 accepted']);
  });
  test('what is remembered of a record is not its neighbour: the same text twice, and once altered', () => {
    const altered = good.replace(/\n.{64}\n/, (line) =>
      line.replace(/[A-Z]/, (letter) => (letter === 'Q' ? 'R' : 'Q')),
    );
    const judged = each(good + altered + good);
    expect(judged.reports[0]!.findings).toEqual(judged.reports[2]!.findings);
    expect(judged.reports[1]!.findings).not.toEqual(judged.reports[0]!.findings);
  });
  test.each([1, 5, 9, 20, 400])('a certificate that begins %i octets before the end of a chunk is whole', (before) => {
    // So long that nothing ends before the most that is read for one record.
    const text = `${'text '.repeat(300_000)}`.slice(0, 1024 * 1024 - before);
    const judged = each(text + good + wildcard);
    expect(names(judged)).toEqual(['each#1 accepted', 'each#2 refused']);
  });
  test('a JSON array is said to be one, before anything is written', () => {
    write(folder, 'array.json', JSON.stringify([{ crt: good }], null, 2));
    const { code, stdout, stderr } = certgate(['check', '--each', 'array.json', '--format', 'sarif'], { cwd: folder });
    expect(stderr).toContain("jq -c '.[]' array.json | certgate check --each -");
    expect(stdout).toBe('');
    expect(code).toBe(2);
  });
  test('a full disk is said to be full', { skip: !existsSync('/dev/full') }, () => {
    write(folder, 'each', good + wildcard);
    const script = `"${process.execPath}" "${PROGRAM}" check --each each --format jsonl > /dev/full`;
    const { status, stderr } = spawnSync('sh', ['-c', script], { cwd: folder, encoding: 'utf8' });
    expect(stderr).toContain('the output cannot be written (no space is left on the device)');
    expect(status).toBe(3);
  });
  test.each([
    ['nothing', ''],
    ['a text', 'hello\n'],
    ['a key', key],
    ['random octets', Uint8Array.from({ length: 5000 }, (_, i) => (i * 7919) & 0xff)],
  ])('%s is one report that says what it is', (_, content) => {
    const judged = each(content);
    expect(names(judged)).toEqual(['each refused']);
    expect(firstRule(judged, 0)).toBe('crt-file');
    expect(judged.code).toBe(1);
  });
  test('many chunks on several threads keep the order, and the last is there', () => {
    const judged = each(`${good}${wildcard}`.repeat(600));
    expect(judged.reports.map(({ bundle }) => bundle)).toEqual(Array.from({ length: 1200 }, (_, i) => `each#${i + 1}`));
    expect(judged.reports.map(({ verdict }) => verdict)).toEqual(
      Array.from({ length: 1200 }, (_, i) => (i % 2 === 0 ? 'accepted' : 'refused')),
    );
  });
  test('a record without end is cut off, and what follows is judged', () => {
    const judged = each(`-----BEGIN CERTIFICATE-----\n${'A'.repeat(3_000_000)}\n-----END CERTIFICATE-----\n${good}`);
    expect(judged.reports.length).toBeGreaterThanOrEqual(2);
    expect(judged.reports[0]!.verdict).toBe('refused');
    expect(judged.reports.at(-1)!.verdict).toBe('accepted');
  });
  test('writes json, sarif and junit as whole documents', () => {
    write(folder, 'many.pem', (good + wildcard).repeat(400));
    const run = (format: string) =>
      certgate(['check', '--each', 'many.pem', '--format', format, ...AT], { cwd: folder }).stdout;
    const json = JSON.parse(run('json')) as { reports: Report[]; summary: unknown };
    expect(json.reports).toHaveLength(800);
    expect(json.summary).toEqual({ total: 800, accepted: 400, unsupported: 0, refused: 400 });
    const sarif = JSON.parse(run('sarif')) as { runs: { results: { properties: { bundle: string } }[] }[] };
    expect(new Set(sarif.runs[0]!.results.map(({ properties }) => properties.bundle)).size).toBe(400);
    expect(run('junit').match(/<testsuite /g)).toHaveLength(800);
  });
  test('for people: a line for each problem, and the summary', () => {
    write(folder, 'two.pem', good + wildcard);
    const { stdout, stderr, code } = certgate(['check', '--each', 'two.pem', ...AT], { cwd: folder });
    expect(stdout).toMatch(/^✗ REFUSED +two\.pem#2 {2}.*wildcard/);
    expect(stdout).toContain('2 certificates: 1 accepted, 0 unsupported, 1 refused');
    expect(stderr).toBe('');
    expect(code).toBe(1);
  });
  test('--allow-unsupported and profiles count', () => {
    expect(each(good, '--profile', 'defender-iot-strict').code).toBe(0);
    const rsa3072 = crtOf('cases/crt-public-key/rsa-3072.case');
    expect(each(rsa3072).code).toBe(1);
    expect(each(rsa3072, '--allow-unsupported').code).toBe(0);
  });
  test.each([
    [['--each', 'nowhere.pem'], 'nowhere.pem cannot be read: there is no such file'],
    [['--each', '.'], 'is a folder'],
    [['--each', 'a', 'b'], 'one file'],
    [['--each', 'each', '--key', 'k'], '--key has no meaning'],
    [['--each', 'each', '--crl-file', 'k'], '--crl-file has no meaning'],
    [['--each', 'each', '--profile', 'nope'], 'nope'],
  ])('%j is a mistake of usage', (options, message) => {
    write(folder, 'each', good);
    const { code, stdout, stderr } = certgate(['check', ...options], { cwd: folder });
    expect(stderr).toContain(message);
    expect(stdout).toBe('');
    expect(code).toBe(2);
  });
  test('reads the standard input, and ends quietly when nobody reads on', { timeout: 60_000 }, async () => {
    const child = spawn(process.execPath, [PROGRAM, 'check', '--each', '-', '--format', 'jsonl', ...AT]);
    let stderr = '';
    child.stderr.on('data', (text: Buffer) => (stderr += text.toString()));
    // The program goes away while we write.
    child.stdin.on('error', () => undefined);
    const firstOutput = new Promise<string>((resolve) => {
      child.stdout.once('data', (text: Buffer) => {
        child.stdout.destroy();
        resolve(text.toString());
      });
    });
    const closed = new Promise<number | null>((resolve) => child.once('close', resolve));
    child.stdin.end(`${good}${wildcard}`.repeat(4000));
    expect(JSON.parse((await firstOutput).split('\n')[0]!)).toMatchObject({ bundle: 'stdin#1', verdict: 'accepted' });
    await closed;
    expect(stderr).toBe('');
  });
});
