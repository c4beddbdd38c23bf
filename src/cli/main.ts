import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { EXIT, type ExitCode, didYouMean, UsageError } from './failure.ts';
import { complain, endQuietlyWhenNobodyReads } from './output.ts';

/** What a command is: its summary is known at once, its module is loaded only when it is asked for. */
interface CommandEntry {
  readonly summary: string;
  /** Gives `command` its options, its help and its action. */
  readonly load: () => Promise<(command: Command, finish: Finish) => void>;
}

/** How an action says how it ended. */
export type Finish = (code: ExitCode) => void;

const COMMANDS: Readonly<Record<string, CommandEntry>> = {
  check: {
    summary: 'will the appliance take this certificate, key and chain, and if not, why and what to do',
    load: async () => (await import('./check.ts')).defineCheck,
  },
  inspect: {
    summary: 'what a file is and what it says: certificate, key, CSR, CRL; do they belong together',
    load: async () => (await import('./inspect.ts')).defineInspect,
  },
  crl: {
    summary: 'revocation lists: fetch them, show them, ask them',
    load: async () => (await import('./crl.ts')).defineCrl,
  },
  key: {
    summary: 'make a private key, encrypted unless you say otherwise',
    load: async () => (await import('./key.ts')).defineKey,
  },
  passphrase: {
    summary: 'make a passphrase that the appliance supports, or check one',
    load: async () => (await import('./passphrase.ts')).definePassphrase,
  },
  csr: {
    summary: 'make a certificate request that complies, renew with one, or check one',
    load: async () => (await import('./csr.ts')).defineCsr,
  },
  convert: {
    summary: 'PEM, DER, PKCS#12 and PKCS#7 into each other: what you got into what the appliance takes',
    load: async () => (await import('./convert.ts')).defineConvert,
  },
  ca: {
    summary: 'a CA for labs and air gaps, what it issued, and a whole lab in one command',
    load: async () => (await import('./ca.ts')).defineCa,
  },
  issue: {
    summary: 'have that CA sign a certificate that the appliance takes',
    load: async () => (await import('./issue.ts')).defineIssue,
  },
  revoke: {
    summary: 'take a certificate of that CA back',
    load: async () => (await import('./revoke.ts')).defineRevoke,
  },
  serve: {
    summary: 'run the gate: the console, the API and the fleet behind them',
    load: async () => (await import('./serve.ts')).defineServe,
  },
  setup: {
    summary: 'make the first administrator, with the set-up link of the first start',
    load: async () => (await import('./setup.ts')).defineSetup,
  },
  'setup-link': {
    summary: 'a new set-up link, on the host',
    load: async () => (await import('./setup-link.ts')).defineSetupLink,
  },
  import: {
    summary: 'upload a certificate, key and chain, as on the appliance: refused ones change nothing',
    load: async () => (await import('./import.ts')).defineImport,
  },
  anchor: {
    summary: 'whom the gate trusts: the CAs that every certificate must lead to',
    load: async () => (await import('./anchor.ts')).defineAnchor,
  },
  recover: {
    summary: 'the way back in, on the host: a new console certificate, a new password',
    load: async () => (await import('./recover.ts')).defineRecover,
  },
  db: {
    summary: 'the database: back up, restore, migrate, replace the master key',
    load: async () => (await import('./db.ts')).defineDb,
  },
  audit: {
    summary: 'is the audit log as it was written',
    load: async () => (await import('./audit.ts')).defineAudit,
  },
  pack: {
    summary: 'keys and requests for a whole site, and back: every certificate into its place',
    load: async () => (await import('./pack.ts')).definePack,
  },
  zoo: {
    summary: 'a folder of bad certificates, one for every rule, to test and to train with',
    load: async () => (await import('./zoo.ts')).defineZoo,
  },
  rules: {
    summary: 'what is checked, on which sentence of which source it rests, and how to meet it',
    load: async () => (await import('./rules.ts')).defineRules,
  },
  profiles: {
    summary: 'the sets of rules and settings that a check can use',
    load: async () => (await import('./profiles.ts')).defineProfiles,
  },
  channel: {
    summary: 'connections that carry data only while the certificates of both ends hold',
    load: async () => (await import('./channel.ts')).defineChannel,
  },
  probe: {
    summary: 'what a running server shows: certificate, chain and TLS version, judged like a bundle',
    load: async () => (await import('./probe.ts')).defineProbe,
  },
  bench: {
    summary: 'what a longer key costs on this machine',
    load: async () => (await import('./bench.ts')).defineBench,
  },
  verify: {
    summary: 'does a path lead from a certificate to a trust anchor, and if not, where does it break',
    load: async () => (await import('./verify.ts')).defineVerify,
  },
  conformance: {
    summary: 'how the path validator does against x509-limbo, BetterTLS or NIST PKITS',
    load: async () => (await import('./conformance.ts')).defineConformance,
  },
};

const EXIT_CODES = `
Exit codes:
  0  everything was accepted (with --allow-unsupported: or unsupported)
  1  at least one bundle was refused or unsupported
  2  the command line was wrong, or a path could not be opened
  3  Certgate itself failed
`;

async function main(args: readonly string[]): Promise<ExitCode> {
  let code: ExitCode = EXIT.ok;
  const program = new Command('certgate')
    .description(
      'The certificate gate of on-premises appliances: checks what an OT sensor is given, before it is uploaded.',
    )
    .version(version(), '-V, --version', 'the version of Certgate')
    .helpOption('-h, --help', 'this help; certgate COMMAND --help for one command')
    .addHelpText('after', `\nExample:\n  certgate check sensor.crt sensor.key chain.pem\n${EXIT_CODES}`)
    .showSuggestionAfterError(false);
  quieten(program);
  const asked = args.find((arg) => !arg.startsWith('-') && arg !== 'help');
  for (const [name, { summary, load }] of Object.entries(COMMANDS)) {
    const command = program
      .command(name)
      .summary(summary)
      .description(`${upperFirst(summary)}.`);
    quieten(command);
    if (name === asked) {
      (await load())(command.helpOption('-h, --help', 'this help'), (ended) => (code = ended));
    }
  }
  if (args.length === 0) {
    program.outputHelp();
    return EXIT.usage;
  }
  try {
    await program.parseAsync([...args], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // Help and version end by throwing, too.
    if (error.exitCode === 0) return EXIT.ok;
    throw new UsageError(plainly(error, deepest(program, args)));
  }
  return code;
}

/** The command, or the command of a command, that the words of the command line name. */
function deepest(program: Command, args: readonly string[]): Command {
  let command = program;
  for (const arg of args) {
    const next = command.commands.find((sub) => sub.name() === arg);
    if (next !== undefined) command = next;
  }
  return command;
}

/** `csr new`, without the name of the program. */
const fullName = (command: Command): string =>
  command.parent === null ? '' : `${fullName(command.parent)} ${command.name()}`.trim();

/** Commander neither exits nor writes errors itself: that happens in one place, below. */
function quieten(command: Command): void {
  command.exitOverride().configureOutput({ outputError: () => undefined });
}

const upperFirst = (text: string): string => text[0]!.toUpperCase() + text.slice(1);

// Two folders up from the source and from the bundle alike.
function version(): string {
  const manifest = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}

/** Commander's complaint in our words, with the nearest valid name. */
function plainly(error: CommanderError, command: Command): string {
  const isProgram = command.parent === null;
  const name = fullName(command);
  const help = `See certgate ${isProgram ? '' : `${name} `}--help.`;
  const quoted = /'([^']*)'/.exec(error.message)?.[1] ?? '';
  switch (error.code) {
    case 'commander.unknownOption': {
      const names = command.options.map(({ long }) => long).filter((long) => long !== undefined);
      const meant = didYouMean(quoted.split('=')[0]!, [...names, '--help']);
      return `there is no option ${quoted}${isProgram ? '' : ` for ${name}`}.${meant} ${help}`;
    }
    case 'commander.unknownCommand':
    case 'commander.excessArguments':
      if (!isProgram) return `${name} was given more than it takes. ${help}`;
      return `there is no command ${quoted}.${didYouMean(quoted, Object.keys(COMMANDS))} ${help}`;
    case 'commander.optionMissingArgument':
      return `${quoted} needs a value. ${help}`;
    default:
      return `${error.message.replace(/^error: /, '')}. ${help}`;
  }
}

endQuietlyWhenNobodyReads();
const fail = (error: unknown): void => {
  process.exitCode = complain(error);
};
// What escapes from a callback ends here, too, and never with a stack trace.
process.on('uncaughtException', (error) => {
  fail(error);
  process.exit();
});
main(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
}, fail);
