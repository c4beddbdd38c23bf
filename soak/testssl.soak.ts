import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Lab } from '../tests/cli/program.ts';
import { Administrator, json } from '../tests/e2e/administrator.ts';
import { Served } from '../tests/e2e/served.ts';

export const usualCount = 1;
export const parallel = false;

interface TestsslFinding {
  readonly id: string;
  readonly severity: string;
  readonly finding: string;
}

const HARMLESS = new Set(['OK', 'INFO', 'DEBUG']);

/** testssl.sh on the console's listener, under a certificate from a CA: nothing but what tests/e2e/testssl-allowed.json names. */
export default async function soakTestssl(): Promise<boolean> {
  const folder = mkdtempSync(join(tmpdir(), 'certgate-testssl-'));
  const served = await Served.start(join(folder, 'server'), { CERTGATE_LIMITS_REQUESTS_PER_MINUTE: '100000' });
  try {
    await giveCertificate(served, folder);
    const report = join(folder, 'report.json');
    const args = ['--quiet', '--color', '0', '--warnings', 'off', '--jsonfile', report];
    const { error } = spawnSync('testssl', [...args, `127.0.0.1:${served.port}`], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    if (error !== undefined)
      throw new Error(`testssl cannot be started (apt-get install testssl.sh): ${error.message}`);
    const findings = JSON.parse(readFileSync(report, 'utf8')) as TestsslFinding[];
    const allowed = JSON.parse(readFileSync('tests/e2e/testssl-allowed.json', 'utf8')) as Record<string, string>;
    const unexpected = findings.filter(({ id, severity }) => !HARMLESS.has(severity) && !(id in allowed));
    for (const { id, severity, finding } of unexpected) console.log(`${severity} ${id}: ${finding}`);
    console.log(`${findings.length} findings of testssl, ${unexpected.length} that are not allowed`);
    return findings.length > 50 && unexpected.length === 0;
  } finally {
    await served.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function giveCertificate(served: Served, folder: string): Promise<void> {
  const ada = await Administrator.setUp(served);
  const lab = new Lab(folder);
  lab.issue('gate', { cn: 'gate.contoso.com' });
  const certificate = readFileSync(join(folder, 'root.pem'), 'utf8');
  const [{ fingerprint }] = (await ada.curl('/api/v1/anchors/inspect', ...json('POST', { certificate }))).json;
  await ada.curl('/api/v1/anchors', ...json('POST', { certificate, fingerprint }));
  const { status, text } = await ada.upload('console', folder, { base: 'gate', chain: 'ca.pem' });
  if (status !== 201) throw new Error(text);
}
