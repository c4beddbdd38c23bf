import type { Command } from 'commander';
import { openHostApi } from '../app/host-api.ts';
import { EXIT, type ExitCode, UsageError } from './failure.ts';
import { readOptionFile, readPassphrase } from './inputs.ts';
import type { Finish } from './main.ts';
import { examples } from './options.ts';
import { print } from './output.ts';
import { expectOk } from './server/answers.ts';
import { addConfigOptions, type ConfigFlags, configOf } from './server/config-options.ts';
import { askHidden } from './server/ask.ts';
import { openRemoteApi } from './server/remote-api.ts';

interface Flags extends ConfigFlags {
  readonly name: string;
  readonly passwordFile?: string;
  readonly cacert?: string;
  readonly fingerprint?: string;
}

export function defineSetup(command: Command, finish: Finish): void {
  addConfigOptions(command)
    .argument('<LINK>', 'the set-up link that the host showed at its first start')
    .requiredOption('--name <name>', 'what the administrator is called')
    .option('--password-file <file>', 'read the password from a file (default: ask for it)')
    .option('--fingerprint <sha256>', "the SHA-256 of the server's certificate that the host showed with the link")
    .option('--cacert <file>', "the CA of the server's certificate, PEM")
    .addHelpText('after', examples(["certgate setup 'https://gate.contoso.com:8443/setup#TOKEN' --name ada"]))
    .action(async (link: string, flags: Flags) => finish(await run(link, flags)));
}

async function run(link: string, flags: Flags): Promise<ExitCode> {
  const url = URL.canParse(link) ? new URL(link) : undefined;
  const token = url?.hash.slice(1) ?? '';
  if (url === undefined || token === '') {
    throw new UsageError('this is no set-up link: it looks like https://gate.contoso.com:8443/setup#TOKEN. Quote it.');
  }
  const fingerprint = flags.fingerprint ?? (flags.cacert === undefined ? await fingerprintOfHost(flags) : undefined);
  const ca = flags.cacert === undefined ? undefined : await readOptionFile('--cacert', flags.cacert);
  const password = await passwordOf(flags);
  const api = openRemoteApi({ server: url.origin, fingerprint, ...(ca && { ca: Buffer.from(ca).toString() }) });
  expectOk(await api.send('POST', '/api/v1/setup', { token, name: flags.name, password }));
  print(`${flags.name} is administrator. Sign in at ${url.origin}/\n`);
  return EXIT.ok;
}

/** On the host itself nobody need compare: the socket says which certificate is the right one. */
async function fingerprintOfHost(flags: Flags): Promise<string | undefined> {
  try {
    const api = await openHostApi(configOf(flags));
    try {
      if (!api.online) return undefined;
      return expectOk<{ fingerprint: string }>(await api.send('GET', '/api/v1/console')).fingerprint;
    } finally {
      await api.close();
    }
  } catch {
    return undefined;
  }
}

async function passwordOf({ passwordFile }: Flags): Promise<string> {
  if (passwordFile !== undefined)
    return Buffer.from((await readPassphrase({ passphraseFile: passwordFile }))!).toString();
  const first = await askHidden('Password (at least 12 characters): ');
  if (first !== (await askHidden('Once more: '))) throw new UsageError('the two passwords differ; nothing was done.');
  return first;
}
