import { type Command, Option } from 'commander';
import { defineCrlMaking } from './crl-making.ts';
import type { Finish } from './main.ts';
import { examples, oneOf } from './options.ts';
import { readTime } from './inputs.ts';
import { requireSubcommand } from './subcommands.ts';
import { UsageError } from './failure.ts';

const FORMATS = ['pretty', 'json'] as const;
const format = ['--format <format>', 'pretty or json', oneOf('--format', FORMATS), 'pretty'] as const;
const collect = (value: string, previous: readonly string[] = []): readonly string[] => [...previous, value];

/** `certgate crl`: commands about revocation lists. */
export function defineCrl(command: Command, finish: Finish): void {
  requireSubcommand(command);
  command.addHelpText(
    'after',
    examples([
      'certgate crl fetch sensor.crt chain.pem --out crls',
      'certgate crl check crls/issuing.crl --crt sensor.crt --issuer chain.pem',
      'certgate crl show crls/issuing.crl --since 2026-01-01',
    ]),
  );
  defineShow(command, finish);
  defineFetch(command, finish);
  defineCheck(command, finish);
  defineCrlMaking(command, finish);
}

function defineShow(parent: Command, finish: Finish): void {
  parent
    .command('show')
    .summary('what a CRL says: its issuer, its dates, the entries; pages and filters')
    .description('What a CRL says: its issuer, its dates and its entries, of which any number can be there.')
    .argument('<FILE>', 'a CRL in DER or PEM')
    .option('--serial <hex>', 'only entries whose serial number begins so', readHex)
    .option('--reason <name>', 'only entries with this reason, e.g. keyCompromise')
    .option('--since <time>', 'only entries revoked at or after this time', readTime)
    .option('--until <time>', 'only entries revoked before this time', readTime)
    .option('--skip <count>', 'leave out so many of them', readCount('--skip'), 0)
    .option('--limit <count>', 'show so many of them, or all', readLimit, 20)
    .option(...format)
    .addHelpText(
      'after',
      examples([
        'certgate crl show issuing.crl',
        'certgate crl show issuing.crl --skip 1000 --limit 50',
        'certgate crl show issuing.crl --reason keyCompromise --limit all --format json',
      ]),
    )
    .action(async (file: string, flags) => finish(await (await import('./crl/show.ts')).showCrl(file, flags)));
}

function defineFetch(parent: Command, finish: Finish): void {
  parent
    .command('fetch')
    .summary('get CRLs from URLs, or from where certificates say they are, into a folder')
    .description(
      'Gets CRLs from URLs, or from where certificates say they are, into a folder. What the certificates or --issuer allow to verify is verified before it is kept.',
    )
    .argument('<URL|FILE...>', 'http:// URLs, and files with certificates')
    .option('--out <folder>', 'where the CRLs go', '.')
    .option('--issuer <file>', 'certificates of the CAs, to verify the CRLs with (repeat for more)', collect)
    .option('--proxy <url>', 'fetch through this HTTP proxy (otherwise http_proxy and no_proxy count)')
    .addOption(new Option('--crl-proxy <url>', 'as for certgate check').hideHelp())
    .option('--reset', 'forget how new the CRLs of these issuers were: for a CA that was restored from a backup')
    .option(...format)
    .addHelpText(
      'after',
      examples([
        'certgate crl fetch http://crl.contoso.com/issuing.crl --issuer issuing-ca.crt',
        'certgate crl fetch sensor.crt chain.pem --out crls --proxy http://proxy.contoso.com:3128',
      ]),
    )
    .action(async (what: string[], flags) => finish(await (await import('./crl/fetch.ts')).fetchCrls(what, flags)));
}

function defineCheck(parent: Command, finish: Finish): void {
  parent
    .command('check')
    .summary('is this certificate, or this serial number, on this CRL')
    .description(
      'Is this certificate, or this serial number, on this CRL? Ends with 1 where it is, or nobody can tell.',
    )
    .argument('<FILE>', 'a CRL in DER or PEM')
    .option('--crt <file>', 'the certificate that is asked about')
    .option('--serial <hex>', 'the serial number that is asked about, as openssl prints it', readHex)
    .option('--issuer <file>', 'certificates of the CAs: the CRL is verified with them (repeat for more)', collect)
    .option('--at <time>', 'ask for this time instead of now', readTime)
    .option(...format)
    .addHelpText(
      'after',
      examples([
        'certgate crl check issuing.crl --crt sensor.crt --issuer chain.pem',
        'certgate crl check issuing.crl --serial 4A:00:1F',
      ]),
    )
    .action(async (file: string, flags) => finish(await (await import('./crl/check.ts')).checkCrl(file, flags)));
}

/** Hexadecimal digits in capitals, without separators. */
function readHex(text: string): string {
  const digits = text.replace(/^0x/i, '').replaceAll(/[:\s]/g, '').toUpperCase();
  if (/^-?[0-9A-F]+$/.test(digits)) return digits;
  throw new UsageError(
    `--serial ${text} is no serial number. Write it in hexadecimal, as openssl does: --serial 4A:00:1F.`,
  );
}

const readCount =
  (option: string) =>
  (text: string): number => {
    if (/^\d{1,12}$/.test(text)) return Number(text);
    throw new UsageError(`${option} ${text} is no number. Write it like ${option} 100.`);
  };

const readLimit = (text: string): number => (text === 'all' ? Infinity : readCount('--limit')(text));
