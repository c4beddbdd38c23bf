import type { Command } from 'commander';
import { openHostApi } from '../app/host-api.ts';
import { EXIT, type ExitCode, UsageError } from './failure.ts';
import type { Finish } from './main.ts';
import { examples } from './options.ts';
import { print, styleOf } from './output.ts';
import { expectOk } from './server/answers.ts';
import { addConfigOptions, type ConfigFlags, configOf, explained } from './server/config-options.ts';
import { requireSubcommand } from './subcommands.ts';

interface Flags extends ConfigFlags {
  readonly head?: string;
}

type Verification =
  | { intact: true; head: { seq: number; mac: string } }
  | { intact: false; seq: number; problem: string };

export function defineAudit(command: Command, finish: Finish): void {
  requireSubcommand(command);
  addConfigOptions(command.command('verify'))
    .description('Walks the whole audit log: was an entry changed, removed, inserted or moved since it was written?')
    .helpOption('-h, --help', 'this help')
    .option('--head <number:mac>', 'a head noted earlier: proves that nothing after it was cut off either')
    .addHelpText('after', examples(['certgate audit verify', 'certgate audit verify --head 4711:9f86d081…']))
    .action(async (flags: Flags) => finish(await verify(flags)));
  command.addHelpText('after', examples(['certgate audit verify']));
}

async function verify(flags: Flags): Promise<ExitCode> {
  const query = flags.head === undefined ? '' : `?head=${encodeURIComponent(headOf(flags.head))}`;
  const config = explained(() => configOf(flags));
  const api = await explained(() => openHostApi(config));
  try {
    const result = expectOk<Verification>(await api.send('GET', `/api/v1/audit/verification${query}`));
    const style = styleOf(process.stdout);
    if (result.intact) {
      const { seq, mac } = result.head;
      print(`${style.paint('green', style.sign.ok)} The audit log is intact: ${seq} entries.\n`);
      print(`  Head, to be noted elsewhere: ${seq}:${mac}\n`);
      return EXIT.ok;
    }
    print(`${style.sign.bad} The audit log is not intact at entry ${result.seq}: ${result.problem}.\n`);
    return EXIT.refused;
  } finally {
    await api.close();
  }
}

function headOf(text: string): string {
  if (/^\d+:[0-9a-f]{64}$/.test(text)) return text;
  throw new UsageError(`--head ${text} is none; certgate audit verify shows it as NUMBER:MAC.`);
}
