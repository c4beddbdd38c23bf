import type { Command } from 'commander';
import { openHostApi } from '../app/host-api.ts';
import { writeSetupLink } from '../app/setup-link-file.ts';
import { EXIT, type ExitCode } from './failure.ts';
import type { Finish } from './main.ts';
import { examples } from './options.ts';
import { print } from './output.ts';
import { expectOk } from './server/answers.ts';
import { addConfigOptions, type ConfigFlags, configOf, explained } from './server/config-options.ts';

export function defineSetupLink(command: Command, finish: Finish): void {
  addConfigOptions(command)
    .addHelpText('after', examples(['certgate setup-link']))
    .action(async (flags: ConfigFlags) => finish(await run(flags)));
}

async function run(flags: ConfigFlags): Promise<ExitCode> {
  const config = explained(() => configOf(flags));
  const api = await explained(() => openHostApi(config));
  try {
    const { link, fingerprint } = expectOk<{ link: string; fingerprint: string }>(
      await api.send('POST', '/api/v1/host/setup-link'),
    );
    if (process.stdout.isTTY) {
      print(`Open this in a browser within an hour, to make the first administrator; any earlier link is void:\n\n`);
      print(`  ${link}\n\n`);
      print(`SHA-256 of the console's certificate, to compare with what the browser shows: ${fingerprint}\n`);
      print(`Without a browser: certgate setup '${link}' --name YOUR-NAME\n`);
    } else {
      writeSetupLink(config.setupLinkFile, link, fingerprint);
      print(`The set-up link is in ${config.setupLinkFile}, readable only by you, valid for an hour.\n`);
      print(`Open it in a browser, or: certgate setup "$(head -n 1 '${config.setupLinkFile}')" --name YOUR-NAME\n`);
    }
    return EXIT.ok;
  } finally {
    await api.close();
  }
}
