import type { Command } from 'commander';
import { SITE_EXAMPLE_CSV, SITE_EXAMPLE_YAML } from '../making/issue/pack/site.ts';
import { EXIT } from './failure.ts';
import { readBits } from './key.ts';
import type { Finish } from './main.ts';
import { addNewPassphraseOptions } from './new-passphrase.ts';
import { examples, oneOf } from './options.ts';
import { print } from './output.ts';
import { requireSubcommand } from './subcommands.ts';

const FORMATS = ['pretty', 'json'] as const;
const format = ['--format <format>', 'pretty or json', oneOf('--format', FORMATS), 'pretty'] as const;
const collect = (value: string, previous: readonly string[] = []): readonly string[] => [...previous, value];

const HOW = `
A pack is a folder: appliances/NAME/ with key, certificate, chain and passphrase of each,
requests/ to send to your CA, replies/ for what comes back, work-order.html to print.
A run that was interrupted goes on when started again; no key is ever made twice.
`;

export function definePack(command: Command, finish: Finish): void {
  requireSubcommand(command).addHelpText(
    'after',
    HOW +
      examples([
        'certgate pack template > site.csv',
        'certgate pack new site.csv my-pack',
        'certgate pack import my-pack',
        'certgate pack status my-pack',
      ]),
  );
  command
    .command('template')
    .summary('an example of a site file')
    .description('Prints an example of a site file, to be filled in with a spreadsheet or an editor.')
    .helpOption('-h, --help', 'this help')
    .option('--yaml', 'as YAML instead of CSV')
    .addHelpText('after', examples(['certgate pack template > site.csv', 'certgate pack template --yaml > site.yaml']))
    .action(({ yaml }: { yaml?: true }) => {
      print(yaml === true ? SITE_EXAMPLE_YAML : SITE_EXAMPLE_CSV);
      finish(EXIT.ok);
    });
  defineNew(command, finish);
  defineImport(command, finish);
  command
    .command('status')
    .summary('what is there and what is missing')
    .description('Judges everything in the pack anew and says what is missing. Nothing is changed but the work order.')
    .argument('<DIR>', 'the folder of the pack')
    .helpOption('-h, --help', 'this help')
    .option('--passphrase-file <file>', 'the passphrase of all keys, where the pack was made with one')
    .option('--passphrase-env <name>', 'the same, in an environment variable')
    .option(...format)
    .addHelpText('after', examples(['certgate pack status my-pack']))
    .action(async (folder: string, flags) => finish(await (await import('./pack/run.ts')).runStatus(folder, flags)));
}

function defineNew(command: Command, finish: Finish): void {
  const make = command
    .command('new')
    .summary('make keys and requests for every appliance of a site')
    .description('Makes a key and a certificate request for every appliance of a site, or what is missing of them.')
    .argument('<SITE>', 'CSV or YAML: name, host name, role, O, OU, C and so on; certgate pack template shows one')
    .argument('<DIR>', 'the folder of the pack, new or begun')
    .helpOption('-h, --help', 'this help')
    .option('--bits <bits>', 'of the keys: 2048, or 4096, which makes every connection slower', readBits, 2048);
  addNewPassphraseOptions(make)
    .option(...format)
    .addHelpText(
      'after',
      '\nWithout a passphrase option each key gets one of its own, in a file beside it.\n' +
        examples([
          'certgate pack new site.csv my-pack',
          'certgate pack new site.csv pack-2 --passphrase-file pack.txt',
        ]),
    )
    .action(async (site: string, folder: string, flags) =>
      finish(await (await import('./pack/run.ts')).runNew(site, folder, flags)),
    );
}

function defineImport(command: Command, finish: Finish): void {
  command
    .command('import')
    .summary('take in what the CA sent back')
    .description(
      'Finds the certificate of each appliance by its public key, whatever the files are called, in folders, zips and PKCS#7 files; checks each and puts it into its place.',
    )
    .argument('<DIR>', 'the folder of the pack')
    .argument('[REPLY...]', 'files, folders and zips from the CA (default: replies/ in the pack)')
    .helpOption('-h, --help', 'this help')
    .option('--trust <file|folder>', "your own root certificates; without them the chain's root is trusted", collect)
    .option(
      '--crl <on|off>',
      'check against the CRL that the certificates name',
      oneOf('--crl', ['on', 'off'] as const),
    )
    .option('--crl-file <file>', 'a CRL to check against, instead of fetching it (repeat for more)', collect)
    .option('--passphrase-file <file>', 'the passphrase of all keys, where the pack was made with one')
    .option('--passphrase-env <name>', 'the same, in an environment variable')
    .option('--allow-unsupported', 'exit with 0 for unsupported certificates, too')
    .option(...format)
    .addHelpText(
      'after',
      examples(['certgate pack import my-pack', 'certgate pack import my-pack signed.zip --trust my-ca/root.crt']),
    )
    .action(async (folder: string, replies: string[], flags) =>
      finish(await (await import('./pack/run.ts')).runImport(folder, replies, flags)),
    );
}
