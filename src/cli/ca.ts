import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { shellWord } from '../core/base/shell-word.ts';
import { CA_FILES, createLabCa } from '../making/issue/lab-ca.ts';
import { type LedgerEntry, readLedger } from '../making/issue/ledger.ts';
import { ours } from './ca-input.ts';
import { EXIT, type ExitCode, UsageError } from './failure.ts';
import { readBits } from './key.ts';
import type { Finish } from './main.ts';
import { addNewPassphraseOptions, choosePassphrase, type NewPassphraseFlags, showOnce } from './new-passphrase.ts';
import { examples, oneOf } from './options.ts';
import { print, styleOf } from './output.ts';
import { safeJson, visible } from './render/text.ts';
import { requireSubcommand } from './subcommands.ts';

const FORMATS = ['pretty', 'json'] as const;
type Format = (typeof FORMATS)[number];

interface NewFlags extends NewPassphraseFlags {
  readonly name: string;
  readonly organization?: string;
  readonly country: string;
  readonly bits: 2048 | 4096;
  readonly crlUrl?: string;
  readonly format: Format;
}

interface LabFlags {
  readonly host: string;
  readonly port: number;
  readonly serve: boolean;
  readonly format: Format;
}

const EXAMPLES = [
  'certgate ca new my-ca --passphrase-file ca.txt --crl-url http://127.0.0.1:8580',
  'certgate issue --ca my-ca --ca-passphrase-file ca.txt --csr sensor.csr --out sensor',
  'certgate ca list my-ca',
];

export function defineCa(command: Command, finish: Finish): void {
  requireSubcommand(command).addHelpText('after', NO_ACME + examples(EXAMPLES));
  defineNew(command, finish);
  command
    .command('list')
    .argument('<DIR>', 'the folder of the CA')
    .description('What the CA issued and revoked, out of its ledger.')
    .helpOption('-h, --help', 'this help')
    .option('--format <format>', 'pretty or json', oneOf('--format', FORMATS), 'pretty')
    .addHelpText('after', examples(['certgate ca list my-ca']))
    .action((folder: string, { format }: { format: Format }) => finish(runList(folder, format)));
  command
    .command('lab')
    .argument('<DIR>', 'a new folder, or one that holds such a lab')
    .description(
      'A whole lab at once: a CA, three bundles (sensor, ha, partner) and a CRL server that goes on running.',
    )
    .helpOption('-h, --help', 'this help')
    .option('--host <address>', 'where CRLs are served', '127.0.0.1')
    .option('--port <number>', 'the port of the CRL server; a lab that exists keeps its own', readPort, 0)
    .option('--no-serve', 'only make the files; the CRL server is not started')
    .option('--format <format>', 'pretty or json (one line, when all is ready)', oneOf('--format', FORMATS), 'pretty')
    .addHelpText('after', examples(['certgate ca lab my-lab --no-serve']))
    .action(async (folder: string, flags: LabFlags) =>
      finish(await (await import('./ca-lab.ts')).runLab(folder, flags)),
    );
}

// What such CAs return could not comply, however well it is asked for.
const NO_ACME = `
There is no ACME here. CAs that issue by it drop O and OU and C from the subject,
and the appliance requires all three: what they return is always refused. Take a
private CA.
`;

function defineNew(command: Command, finish: Finish): void {
  const make = command
    .command('new')
    .argument('<DIR>', 'a new folder for its keys, certificates, CRLs and ledger')
    .description('Makes a CA for labs and air gaps: a root, an issuing CA below it, and their CRLs.')
    .helpOption('-h, --help', 'this help')
    .option('--name <name>', 'what it is called', 'Lab')
    .option('--organization <name>', 'your organisation (O); default: the name')
    .option('--country <code>', 'two letters (C)', 'US')
    .option('--bits <bits>', '2048 or 4096', readBits, 2048)
    .option('--crl-url <url>', 'where you will serve its CRLs, e.g. http://crl.contoso.com:8580; none: no CRL');
  addNewPassphraseOptions(make)
    .option('--format <format>', 'pretty or json', oneOf('--format', FORMATS), 'pretty')
    .addHelpText(
      'after',
      examples(['certgate ca new new-ca --passphrase-file new-ca.txt --crl-url http://127.0.0.1:8580']),
    )
    .action(async (folder: string, flags: NewFlags) => finish(await runNew(folder, flags)));
}

export function readPort(text: string): number {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port < 65536) return port;
  throw new UsageError(`--port ${text} is no port; it takes a number from 0 (any free one) to 65535.`);
}

async function runNew(folder: string, flags: NewFlags): Promise<ExitCode> {
  if (existsSync(join(folder, CA_FILES.rootKey))) {
    throw new UsageError(`there is a CA in ${folder} already. Name another folder, or move that one away.`);
  }
  if (!/^[A-Z]{2}$/.test(flags.country)) {
    throw new UsageError(`--country ${flags.country}: it takes two capital letters, e.g. US.`);
  }
  const crlBaseUrl = flags.crlUrl === undefined ? undefined : readCrlUrl(flags.crlUrl);
  const chosen = await choosePassphrase(flags);
  if (chosen.passphrase === undefined)
    throw new UsageError("a CA's keys are always encrypted: leave out --no-passphrase.");
  const { name, organization = name, country, bits: keySize } = flags;
  const { passphrase } = chosen;
  const ca = await ours(folder, () =>
    createLabCa(folder, {
      name,
      organization,
      country,
      keySize,
      passphrase,
      now: new Date(),
      ...(crlBaseUrl !== undefined && { crlBaseUrl }),
    }),
  );
  if (flags.format === 'json') {
    const path = (file: string) => join(folder, file);
    const { rootCertificate, chain, issuingCrl, rootCrl } = CA_FILES;
    const paths = { root: path(rootCertificate), chain: path(chain), crls: [path(issuingCrl), path(rootCrl)] };
    print(`${safeJson({ folder, ...paths, crlUrl: ca.crlUrl ?? null }, 2)}\n`);
  } else {
    const style = styleOf(process.stdout);
    const next =
      ca.crlUrl === undefined ? [] : [`  serve its CRLs: certgate crl serve --ca ${shellWord(visible(folder))} --help`];
    print(
      [
        `${style.paint('green', style.sign.ok)} ${visible(folder)}: ${visible(name)} Root CA and ${visible(name)} Issuing CA, ${visible(chosen.kept)}`,
        `  trust           ${visible(join(folder, CA_FILES.rootCertificate))}`,
        `  CRL             ${visible(ca.crlUrl ?? 'none: certificates name no distribution point')}`,
        `  issue with it   certgate issue --ca ${shellWord(visible(folder))} --help`,
        ...next,
        '',
      ].join('\n'),
    );
  }
  showOnce(chosen);
  return EXIT.ok;
}

function readCrlUrl(text: string): string {
  // The appliance fetches CRLs over http only; with https it would need a certificate to check a certificate.
  if (URL.canParse(text) && new URL(text).protocol === 'http:') return text;
  throw new UsageError(
    `--crl-url ${text}: the appliance fetches CRLs by http:// only, e.g. http://crl.contoso.com:8580.`,
  );
}

function runList(folder: string, format: Format): ExitCode {
  if (!existsSync(join(folder, CA_FILES.rootCertificate))) {
    throw new UsageError(
      `there is no CA in ${folder}. Make one: certgate ca new ${shellWord(folder)} --passphrase-file ca.txt`,
    );
  }
  const ledger = ours(folder, () => readLedger(join(folder, CA_FILES.ledger)));
  if (format === 'json') print(`${safeJson(ledger, 2)}\n`);
  else print(listOf(ledger));
  return EXIT.ok;
}

function listOf(ledger: readonly LedgerEntry[]): string {
  const style = styleOf(process.stdout);
  const revoked = new Map(ledger.flatMap((entry) => (entry.event === 'revoked' ? [[entry.serial, entry.at]] : [])));
  const issued = ledger.flatMap((entry) => (entry.event === 'issued' ? [entry] : []));
  if (issued.length === 0) return 'Nothing was issued yet.\n';
  const lines = issued.map((entry) => {
    const at = revoked.get(entry.serial);
    const state = at === undefined ? `until ${entry.notAfter.slice(0, 10)}` : `revoked ${at.slice(0, 10)}`;
    const sign = at === undefined ? style.sign.ok : style.sign.bad;
    return `${sign} ${entry.serial.padStart(32, '0')}  ${state.padEnd(18)}  ${visible(entry.commonName ?? entry.subject)}`;
  });
  return `${lines.join('\n')}\n`;
}
