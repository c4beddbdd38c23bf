import type { Command } from 'commander';
import { type Api, openHostApi } from '../app/host-api.ts';
import { writeFile } from './written-files.ts';
import { PRIVATE } from '../making/issue/durable-files.ts';
import { EXIT, type ExitCode, UsageError } from './failure.ts';
import type { Finish } from './main.ts';
import { examples } from './options.ts';
import { print } from './output.ts';
import { expectOk } from './server/answers.ts';
import { addConfigOptions, type ConfigFlags, configOf, explained } from './server/config-options.ts';

interface Flags extends ConfigFlags {
  readonly certificate?: true;
  readonly administrator?: string;
  readonly passwordOut?: string;
}

export function defineRecover(command: Command, finish: Finish): void {
  addConfigOptions(command)
    .option('--certificate', 'give the console a new self-signed certificate')
    .option('--administrator <name>', 'give this user, or a new one, a new password and the role Admin')
    .option('--password-out <file>', 'write the new password there, readable only by you, in place of showing it')
    .addHelpText('after', NOTES + examples(['certgate recover --certificate', 'certgate recover --administrator ada']))
    .action(async (flags: Flags) => finish(await run(flags)));
}

const NOTES = `
Works for whoever owns the data folder, on the host: through the server's unix socket while it
runs, else upon the database. It needs no network, no password and no valid certificate.
What it did is in the audit log.
`;

async function run(flags: Flags): Promise<ExitCode> {
  if (flags.certificate !== true && flags.administrator === undefined) {
    throw new UsageError('say what to recover: --certificate, --administrator NAME, or both.');
  }
  if (flags.administrator !== undefined && flags.passwordOut === undefined && process.stdout.isTTY !== true) {
    throw new UsageError('a new password would end in a log: say where to keep it, --password-out FILE.');
  }
  const config = explained(() => configOf(flags));
  const api = await explained(() => openHostApi(config));
  try {
    if (flags.certificate === true) await renewCertificate(api);
    if (flags.administrator !== undefined) await resetAdministrator(api, flags.administrator, flags.passwordOut);
    return EXIT.ok;
  } finally {
    await api.close();
  }
}

async function renewCertificate(api: Api): Promise<void> {
  expectOk(await api.send('POST', '/api/v1/host/console-certificate'));
  const { fingerprint } = expectOk<{ fingerprint: string }>(await api.send('GET', '/api/v1/console'));
  const when = api.online ? 'presents a new self-signed certificate' : 'will present a new self-signed certificate';
  print(`The console ${when}${api.online ? `.\n  SHA-256: ${fingerprint}` : ' when it is started'}\n`);
}

async function resetAdministrator(api: Api, name: string, passwordOut: string | undefined): Promise<void> {
  const { password } = expectOk<{ password: string }>(await api.send('POST', '/api/v1/host/administrator', { name }));
  if (passwordOut === undefined)
    print(`${name} is administrator with the password ${password}\nChange it after signing in.\n`);
  else {
    writeFile(passwordOut, `${password}\n`, { mode: PRIVATE });
    print(`${name} is administrator; the new password is in ${passwordOut}, readable only by you.\n`);
  }
}
