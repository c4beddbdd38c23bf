import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { type Api, type ApiAnswer, openHostApi } from '../app/host-api.ts';
import type { Finding, Report } from '../core/base/finding.ts';
import { EXIT, type ExitCode, systemReason, UsageError } from './failure.ts';
import { readOptionFile, readPassphrase } from './inputs.ts';
import type { Finish } from './main.ts';
import { examples, oneOf } from './options.ts';
import { note, print, styleOf } from './output.ts';
import { renderReport } from './render/report.ts';
import { safeJson, visible } from './render/text.ts';
import { wordsOf } from './server/answers.ts';
import { addConfigOptions, type ConfigFlags, configOf, explained } from './server/config-options.ts';
import { applianceId } from './server/find-appliance.ts';
import { openRemoteApi } from './server/remote-api.ts';

// The passphrase is on the command line only for the sake of scripts written for the appliance: away with it at once,
// before anything else is loaded. For a moment it was there for every user of the host to see.
if (process.argv.some((arg) => arg === '--pass' || arg.startsWith('--pass='))) process.title = 'certgate import';

interface Flags extends ConfigFlags {
  readonly crt: string;
  readonly key?: string;
  readonly chain?: string;
  readonly pass?: string;
  readonly passFile?: string;
  readonly passphraseSet?: true;
  readonly appliance: string;
  readonly name?: string;
  readonly crl?: 'on' | 'off';
  readonly reason?: string;
  readonly activateAt?: string;
  readonly confirmWithin?: string;
  readonly server?: string;
  readonly cacert?: string;
  readonly fingerprint?: string;
  readonly format: 'pretty' | 'json';
}

const EXAMPLES = [
  'certgate import --crt gate.crt --key gate.key --chain chain.pem --pass-file passphrase.txt',
  "certgate import --appliance 'Line 1' --crt line1.crt --key line1.key --chain chain.pem",
  "CERTGATE_TOKEN=… certgate import --server https://gate.contoso.com:8443 --appliance 'Line 1' --crt line1.crt --key line1.key",
];

export function defineImport(command: Command, finish: Finish): void {
  addConfigOptions(command)
    .requiredOption('--crt <file>', 'the certificate')
    .option('--key <file>', 'the private key; without it, the key that Certgate made for the CSR of this appliance')
    .option('--chain <file>', 'the chain: issuing CAs and root')
    .option('--pass <passphrase>', 'the passphrase of the key; others on this host can see it, better --pass-file')
    .option('--pass-file <file>', 'read the passphrase from a file')
    .option('--passphrase-set', 'take the passphrase that came with the previous certificate')
    .option('--appliance <name|id>', "whose certificate it is; console is Certgate's own", 'console')
    .option('--name <name>', 'what the certificate is called (default: its file name)')
    .option('--crl <on|off>', 'check it against CRLs (default: as the appliance is set)', oneOf('--crl', ['on', 'off']))
    .option('--reason <text>', 'use it although it is unsupported; goes into the audit log')
    .option('--activate-at <time>', 'when to use it, e.g. 2027-01-31T22:00:00Z (default: at once)')
    .option('--confirm-within <minutes>', 'go back to the old one by itself unless confirmed within this time')
    .option('--server <url>', 'a server elsewhere, with a token in CERTGATE_TOKEN (default: the one on this host)')
    .option('--cacert <file>', "the CA of that server's certificate, PEM")
    .option('--fingerprint <sha256>', "the SHA-256 of that server's certificate, in place of its CA")
    .option('--format <format>', 'pretty or json', oneOf('--format', ['pretty', 'json'] as const), 'pretty')
    .addHelpText('after', examples(EXAMPLES))
    .action(async (flags: Flags) => finish(await run(flags)));
}

async function run(flags: Flags): Promise<ExitCode> {
  if (flags.pass !== undefined) {
    note('others on this host could see the passphrase, and the shell keeps it in its history; use --pass-file FILE.');
  }
  const body = await bundleOf(flags);
  const api = await openApi(flags);
  try {
    const id = await applianceId(api, flags.appliance);
    const answer = await api.send('POST', `/api/v1/appliances/${id}/uploads`, body);
    return await show(api, { id, answer, flags });
  } finally {
    await api.close();
  }
}

/** As the API takes it: each file in Base64. */
async function bundleOf(flags: Flags): Promise<Record<string, unknown>> {
  const file = async (option: string, path: string | undefined): Promise<string | undefined> =>
    path === undefined ? undefined : Buffer.from(await readOptionFile(option, path)).toString('base64');
  return {
    name: flags.name ?? flags.crt.split(/[\\/]/).at(-1),
    crt: await file('--crt', flags.crt),
    key: await file('--key', flags.key),
    chain: await file('--chain', flags.chain),
    passphrase: await passphraseOf(flags),
    passphraseSet: flags.passphraseSet,
    crl: flags.crl,
    reason: flags.reason,
    activateAt: flags.activateAt,
    confirmWithinMinutes: flags.confirmWithin,
  };
}

async function passphraseOf({ pass, passFile, passphraseSet }: Flags): Promise<string | undefined> {
  const given = [pass, passFile, passphraseSet].filter((one) => one !== undefined);
  if (given.length > 1) throw new UsageError('--pass, --pass-file and --passphrase-set exclude each other; give one.');
  if (passFile === undefined) return pass;
  return Buffer.from((await readPassphrase({ passphraseFile: passFile }))!).toString();
}

async function openApi(flags: Flags): Promise<Api> {
  if (flags.server === undefined) {
    const config = explained(() => configOf(flags));
    return explained(() => openHostApi(config));
  }
  const token = process.env['CERTGATE_TOKEN'];
  if (token === undefined || token === '') {
    throw new UsageError('--server needs a token in the environment variable CERTGATE_TOKEN.');
  }
  return openRemoteApi({
    server: flags.server,
    token,
    fingerprint: flags.fingerprint,
    ca: flags.cacert === undefined ? undefined : await readCa(flags.cacert),
  });
}

async function readCa(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new UsageError(`--cacert ${path} cannot be opened: ${systemReason(error)}.`);
  }
}

interface Uploaded {
  readonly outcome: 'staged' | 'activated';
  readonly report: Report;
  readonly identity: { readonly activateAt: string | null; readonly confirmBy: string | null };
}

async function show(
  api: Api,
  { id, answer, flags }: { id: string; answer: ApiAnswer; flags: Flags },
): Promise<ExitCode> {
  const problem = answer.body as Refusal;
  if (answer.status >= 300 && problem.findings === undefined) throw new UsageError(wordsOf(answer));
  if (flags.format === 'json') {
    print(`${safeJson(answer.body, 2)}\n`);
    return answer.status < 300 ? EXIT.ok : EXIT.refused;
  }
  const report = answer.status < 300 ? (answer.body as Uploaded).report : await reportOf(api, id, problem);
  const handed = { crt: flags.crt, key: flags.key, chain: flags.chain };
  const allowed = flags.reason !== undefined;
  if (report !== undefined)
    print(renderReport(styleOf(process.stdout), { report, handed, allowed, everything: false }));
  if (answer.status >= 300) {
    print(`\n${lastLines(problem, flags)}\n`);
    return EXIT.refused;
  }
  print(`\n${visible(whatNow(answer.body as Uploaded, flags.appliance))}\n`);
  return EXIT.ok;
}

/** The whole report is kept with the attempt; a token may be allowed to upload and not to read. */
async function reportOf(api: Api, id: string, problem: { uploadId?: string }): Promise<Report | undefined> {
  const kept = await api.send('GET', `/api/v1/appliances/${id}/uploads/${problem.uploadId}`);
  return kept.status === 200 ? (kept.body as { report: Report }).report : undefined;
}

interface Refusal {
  readonly type?: string;
  readonly findings?: Finding[];
  readonly uploadId?: string;
  readonly unknownRoot?: { readonly fingerprint: string };
}

function lastLines({ type, unknownRoot }: Refusal, { chain, crt, server }: Flags): string {
  const lines = ['Nothing was changed.'];
  if (type === 'urn:certgate:problem:reason-needed') {
    lines.push("To use it all the same: --reason 'why', which goes into the audit log.");
  }
  if (unknownRoot !== undefined && server === undefined) {
    lines.push('To trust that root, after comparing the fingerprint:');
    lines.push(`  certgate anchor add ${chain ?? crt} --fingerprint ${unknownRoot.fingerprint}`);
  }
  return lines.map(visible).join('\n');
}

function whatNow({ outcome, identity }: Uploaded, appliance: string): string {
  if (outcome === 'staged') return `Kept for ${appliance}; it will be used from ${identity.activateAt}.`;
  const until =
    identity.confirmBy === null ? '' : ` Confirm it before ${identity.confirmBy}, or the old one comes back.`;
  return `In use for ${appliance}.${until}`;
}
