import type { Command } from 'commander';
import { readPort } from './ca.ts';
import { addCaPassphraseOptions } from './ca-input.ts';
import { UsageError } from './failure.ts';
import type { Finish } from './main.ts';
import { examples } from './options.ts';

/** The two commands of `certgate crl` that make lists: for a CA of ours. */
export function defineCrlMaking(parent: Command, finish: Finish): void {
  const make = parent
    .command('new')
    .summary('make the CRLs of a CA of certgate ca')
    .description('Makes new CRLs of a CA made by certgate ca new, with everything that was revoked until now.')
    .helpOption('-h, --help', 'this help');
  addOptions(make)
    .addHelpText('after', examples(['certgate crl new --ca my-ca --ca-passphrase-file ca.txt --days 30']))
    .action(async (flags) => finish(await (await import('./crl/new.ts')).newCrl(flags)));
  const serve = parent
    .command('serve')
    .summary('serve them over HTTP, always current')
    .description(
      'Serves the CRLs of a CA made by certgate ca new over HTTP until it is ended. They are made anew when a third of their time is left, and as soon as something is revoked.',
    )
    .helpOption('-h, --help', 'this help')
    .option('--host <address>', 'the address to serve on', '127.0.0.1')
    .option('--port <number>', 'the port (default: the one that the certificates name)', readPort);
  addOptions(serve)
    .addHelpText('after', examples(['certgate crl serve --ca my-ca --ca-passphrase-file ca.txt --port 8580']))
    .action(async (flags) => finish(await (await import('./crl/serve.ts')).serveCrl(flags)));
}

function addOptions(command: Command): Command {
  const withCa = command.option('--ca <dir>', 'the folder of the CA');
  return addCaPassphraseOptions(withCa).option('--days <number>', 'how long a CRL is valid', readDays, 7);
}

function readDays(text: string): number {
  const days = Number(text);
  if (/^\d{1,4}$/.test(text) && days >= 1) return days;
  throw new UsageError(`--days ${text}: it takes a whole number from 1 on.`);
}
