import type { Command } from 'commander';
import { backupDatabase, migrateDatabase, restoreDatabase, rotateKey } from '../app/database.ts';
import type { Config } from '../app/config/config.ts';
import { EXIT, type ExitCode } from './failure.ts';
import type { Finish } from './main.ts';
import { examples } from './options.ts';
import { print } from './output.ts';
import { plural } from './render/text.ts';
import { addConfigOptions, type ConfigFlags, configOf, explained } from './server/config-options.ts';
import { requireSubcommand } from './subcommands.ts';

const EXAMPLES = [
  'certgate db backup /backup/certgate-2027-01-31.db',
  'certgate db restore /backup/certgate-2027-01-31.db',
];

export function defineDb(command: Command, finish: Finish): void {
  requireSubcommand(command);
  const action = (name: string, description: string, example: string): Command =>
    addConfigOptions(command.command(name))
      .description(description)
      .helpOption('-h, --help', 'this help')
      .addHelpText('after', examples([example]));
  action(
    'backup',
    'Writes a consistent copy of the database while the server runs. The master key is not in it.',
    EXAMPLES[0]!,
  )
    .argument('<FILE>', 'the backup; must not be there yet')
    .action(async (file: string, flags: ConfigFlags) => finish(await work(flags, (config) => backup(config, file))));
  action('restore', 'Puts a backup in the place of the database; what was there is kept beside it.', EXAMPLES[1]!)
    .argument('<FILE>', 'the backup')
    .action(async (file: string, flags: ConfigFlags) => finish(await work(flags, (config) => restore(config, file))));
  action('migrate', 'Brings the database up to date now, as every start does.', 'certgate db migrate').action(
    async (flags: ConfigFlags) => finish(await work(flags, showMigrated)),
  );
  action(
    'rotate-key',
    'Seals every secret under the configured master key; the one before is given as masterKey.previousFile.',
    'CERTGATE_MASTER_KEY_FILE=new.key CERTGATE_MASTER_KEY_PREVIOUS_FILE=old.key certgate db rotate-key',
  ).action(async (flags: ConfigFlags) => finish(await work(flags, showRotated)));
  command.addHelpText('after', examples(EXAMPLES));
}

async function work(flags: ConfigFlags, command: (config: Config) => Promise<string>): Promise<ExitCode> {
  const config = explained(() => configOf(flags));
  print(`${await explained(() => command(config))}\n`);
  return EXIT.ok;
}

async function backup(config: Config, file: string): Promise<string> {
  const { masterKey } = await backupDatabase(config, file);
  return `The backup is in ${file}.\n  It can only be used with the master key ${masterKey.slice(0, 16)}…, which is not in it: keep that elsewhere.`;
}

async function restore(config: Config, file: string): Promise<string> {
  const { appliances, auditEntries, movedAside } = await restoreDatabase(config, file);
  const aside = movedAside === undefined ? '' : `\n  What was there is in ${movedAside}.`;
  return `Restored ${file}: ${plural(appliances, 'appliance')}, ${plural(auditEntries, 'audit entry', 'audit entries')}.${aside}`;
}

async function showMigrated(config: Config): Promise<string> {
  const { done } = await migrateDatabase(config);
  return `The database is up to date (${done.at(-1)}).`;
}

async function showRotated(config: Config): Promise<string> {
  const { rotated, fingerprint } = await rotateKey(config);
  return `${plural(rotated, 'secret')} sealed anew; everything is under the master key ${fingerprint.slice(0, 16)}… now. The one before is needed for older backups only.`;
}
