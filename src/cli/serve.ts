import { performance } from 'node:perf_hooks';
import type { Command } from 'commander';
import { writeSetupLink } from '../app/setup-link-file.ts';
import type { Running } from '../app/serve.ts';
import { EXIT, type ExitCode } from './failure.ts';
import type { Finish } from './main.ts';
import { examples } from './options.ts';
import { print } from './output.ts';
import { addConfigOptions, type ConfigFlags, configOf, explained } from './server/config-options.ts';

export function defineServe(command: Command, finish: Finish): void {
  addConfigOptions(command)
    .option('--port <number>', 'port of the console and the API (default: 8443; 0: any free one)')
    .option('--host <address>', 'address to listen on (default: all)')
    .addHelpText('after', NOTES + examples(['certgate serve', 'certgate serve --config /etc/certgate/certgate.yaml']))
    .action(async (flags: ServeFlags) => finish(await run(flags)));
}

interface ServeFlags extends ConfigFlags {
  readonly port?: string;
  readonly host?: string;
}

const NOTES = `
The first start makes a database, a master key outside the data folder, and a self-signed
certificate; then it shows a set-up link for the first administrator, on a terminal, or writes
it into a file that only you can read. There is no default password.

The channels of the inventory that belong to no other host are run, too: consoles, HA links
and partners in a process each. See certgate channel --help.
`;

async function run(flags: ServeFlags): Promise<ExitCode> {
  const config = explained(() => configOf(flags, { 'listen.port': flags.port, 'listen.host': flags.host }));
  const { serve } = await import('../app/serve.ts');
  const running = await explained(() => serve(config));
  await greet(running, config.setupLinkFile);
  await untilStopped(running);
  return EXIT.ok;
}

/** Never to a journal: whoever may read that must not become administrator. */
async function greet(running: Running, file: string): Promise<void> {
  print(`certgate serves ${running.origin} (ready after ${Math.round(performance.now())} ms)\n`);
  print(`  SHA-256 of its certificate: ${running.fingerprint()}\n`);
  if (running.metricsPort !== undefined) print(`  metrics on port ${running.metricsPort} of loopback\n`);
  if (await running.setupDone()) return print(`  It is set up: open it in a browser and sign in.\n`);
  const link = await running.newSetupLink();
  if (process.stdout.isTTY) {
    print(`
Open this in a browser within an hour, to make the first administrator:

  ${link}

The browser warns: the certificate is self-signed. The SHA-256 that it shows must be the one above.
Without a browser: certgate setup '${link}' --name YOUR-NAME --fingerprint ${running.fingerprint()}
`);
  } else {
    writeSetupLink(file, link, running.fingerprint());
    print(`  The set-up link for the first administrator is in ${file} (valid for an hour): open it in a browser.\n`);
    print(`  Without a browser: certgate setup "$(head -n 1 '${file}')" --name YOUR-NAME\n`);
  }
}

function untilStopped(running: Running): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      for (const signal of SIGNALS) process.off(signal, stop);
      running.stop().then(resolve, reject);
    };
    for (const signal of SIGNALS) process.on(signal, stop);
  });
}

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;
