import type { Command } from 'commander';
import { userInfo } from 'node:os';
import type { ProcessStatus } from '../app/channels/channel-host.ts';
import type { Overlooked, Override } from '../app/channels/channel-socket.ts';
import { tell } from './channel/ask-process.ts';
import type { AddFlags, ForecastFlags, ListFlags } from './channel/inventory.ts';
import { renderStatus } from './channel/render-status.ts';
import { runChannels, type RunFlags } from './channel/run.ts';
import { EXIT, type ExitCode, UsageError } from './failure.ts';
import { readTime } from './inputs.ts';
import type { Finish } from './main.ts';
import { examples, oneOf } from './options.ts';
import { print } from './output.ts';
import { safeJson } from './render/text.ts';
import { addConfigOptions, type ConfigFlags } from './server/config-options.ts';
import { requireSubcommand } from './subcommands.ts';

const FORMATS = ['pretty', 'json'] as const;
const KINDS = ['console', 'ha-listener', 'ha-connector', 'partner'] as const;

const EXAMPLE_CONFIG = `
A configuration (YAML; paths count from its own folder):
  channels:
    - id: console                # TLS in front of an appliance's web console
      kind: console              # or ha-listener, ha-connector, partner
      listen: 0.0.0.0:443
      target: 127.0.0.1:8080
      certificate: sensor.crt
      key: sensor.key
      chain: chain.pem
      anchors: [root.crt]
      crl: on
      crls: [crls/]              # files or folders; a changed file takes effect by itself
`;

const EXAMPLES = [
  "certgate channel add 'Line 1 console' --kind console --appliance 'Line 1' --listen 127.0.0.1:4443 --target 127.0.0.1:8080",
  'certgate channel list',
  'certgate channel status',
  'certgate channel forecast --at 2027-01-31',
  'certgate channel run channels.yaml',
  'certgate channel status channels.yaml',
];

export function defineChannel(command: Command, finish: Finish): void {
  requireSubcommand(command).addHelpText(
    'after',
    `
Channels of the inventory are run by certgate serve, or by certgate channel run on another
host; without a server they can be described in a file.
${EXAMPLE_CONFIG}${examples(EXAMPLES)}`,
  );
  defineInventory(command, finish);
  defineRun(command, finish);
  defineStatus(command, finish);
  defineExceptions(command, finish);
}

function defineInventory(command: Command, finish: Finish): void {
  const load = () => import('./channel/inventory.ts');
  addConfigOptions(command.command('list'))
    .description('What channels the inventory has, and how each fares.')
    .option('--format <format>', 'pretty or json', oneOf('--format', FORMATS), 'pretty')
    .helpOption('-h, --help', 'this help')
    .addHelpText('after', examples(['certgate channel list']))
    .action(async (flags: ListFlags) => finish(await (await load()).listChannels(flags)));
  addConfigOptions(command.command('add'))
    .argument('<NAME>', 'what it is to be called')
    .description('Adds a channel to the inventory; where the server runs, it listens at once.')
    .requiredOption('--kind <kind>', KINDS.join(', '), oneOf('--kind', KINDS))
    .option('--appliance <name>', 'whose active certificate it shows')
    .option('--partner <name>', 'the partner that it leads to; its server name and fingerprints count')
    .option('--listen <host:port>', 'where it listens')
    .option('--target <host:port>', 'what it leads to; a partner has its own address')
    .option('--http', 'console: speak HTTP (X-Forwarded headers, HSTS, WebSockets); else bytes')
    .option('--target-tls', 'console: the web console behind it speaks TLS itself; its certificate must hold')
    .option(
      '--target-fingerprint <sha256...>',
      'console: the same, and it must show this certificate, which may be self-signed',
    )
    .option('--server-name <name>', 'ha-connector, --target-tls: the name in the certificate of the target')
    .option('--node <token>', 'run it on the host with the API token of this name (default: on the server)')
    .option(
      '--validation <how>',
      'mandatory or none (default: as the appliance or partner is set)',
      oneOf('--validation', ['mandatory', 'none'] as const),
    )
    .option(
      '--crl <state>',
      'on or off (default: as the appliance or partner is set)',
      oneOf('--crl', ['on', 'off'] as const),
    )
    .option('--observe', 'judge and report, block nothing: for the first weeks')
    .helpOption('-h, --help', 'this help')
    .addHelpText('after', examples([EXAMPLES[0]!]))
    .action(async (name: string, flags: AddFlags) => finish(await (await load()).addChannel(name, flags)));
  addConfigOptions(command.command('remove'))
    .argument('<CHANNEL>', 'its name')
    .description('Takes a channel out of the inventory; its connections end.')
    .helpOption('-h, --help', 'this help')
    .addHelpText('after', examples(["certgate channel remove 'Line 1 console'"]))
    .action(async (name: string, flags: ConfigFlags) => finish(await (await load()).removeChannel(name, flags)));
  addConfigOptions(command.command('forecast'))
    .argument('[CHANNEL]', 'its name (default: all)')
    .description('What would be blocked at a time, with the anchors of now and provided that CRLs are renewed.')
    .option('--at <time>', '2027-01-31, 2027-01-31T08:00:00Z', readTime)
    .option('--format <format>', 'pretty or json', oneOf('--format', FORMATS), 'pretty')
    .helpOption('-h, --help', 'this help')
    .addHelpText('after', examples(['certgate channel forecast --at 2027-01-31']))
    .action(async (name: string | undefined, flags: ForecastFlags) =>
      finish(await (await load()).forecastChannels(name, flags)),
    );
}

const RUN_NOTES = `
Without CONFIG the channels come from an inventory: with --kind those of the server on this
host (certgate serve starts such a process itself), with --server those that a server elsewhere
gives to this host. Certificates and keys then come from the server and are kept sealed, so that
the channels start and go on while it is away.
`;

function defineRun(command: Command, finish: Finish): void {
  const kinds = ['console', 'ha', 'partner'] as const;
  addConfigOptions(command.command('run'))
    .argument('[CONFIG]', 'a YAML file')
    .description('Runs channels until it is ended. Each event is a line of JSON on stdout.')
    .option('--kind <kind>', 'from the inventory: console, ha or partner', oneOf('--kind', kinds))
    .option('--server <url>', 'from the inventory of that server')
    .option('--token-file <file>', 'an API token with the scope channels:run; its name is the name of this node')
    .option('--cacert <file>', "the CA of that server's certificate, PEM")
    .option(
      '--fingerprint <sha256>',
      "the SHA-256 of that server's certificate, in place of its CA; give the next one, too, before it is renewed",
      (pin: string, before: readonly string[] = []) => [...before, pin],
    )
    .option('--metrics <host:port>', 'where Prometheus asks, plain HTTP (default: nowhere)')
    .helpOption('-h, --help', 'this help')
    .addHelpText(
      'after',
      RUN_NOTES +
        EXAMPLE_CONFIG +
        examples([
          'certgate channel run channels.yaml',
          'certgate channel run --kind console',
          'certgate channel run --server https://gate.contoso.com:8443 --token-file plant-2.token --cacert root.crt',
        ]),
    )
    .action(async (path: string | undefined, flags: RunFlags) => finish(await runChannels(path, flags)));
}

interface StatusFlags extends ConfigFlags {
  readonly at?: Date;
  readonly format: (typeof FORMATS)[number];
}

function defineStatus(command: Command, finish: Finish): void {
  addConfigOptions(command.command('status'))
    .argument('[CONFIG]', 'the file that the channels run from (default: those of the inventory on this host)')
    .description(
      'What flows, what is halted and why, as the processes on this host say, server or not; with --at also what would be blocked at another time.',
    )
    .helpOption('-h, --help', 'this help')
    .option('--at <time>', 'what would be blocked then: 2027-01-31, 2027-01-31T08:00:00Z', readTime)
    .option('--format <format>', 'pretty or json', oneOf('--format', FORMATS), 'pretty')
    .addHelpText(
      'after',
      examples(['certgate channel status', 'certgate channel status channels.yaml --at 2027-01-31']),
    )
    .action(async (path: string | undefined, flags: StatusFlags) => finish(await showStatus(path, flags)));
}

function defineExceptions(command: Command, finish: Finish): void {
  addConfigOptions(command.command('override'))
    .argument('<CONFIG-OR-CHANNEL>', 'the same file, where the channel runs from one; else the channel itself')
    .argument('[CHANNEL]', 'its id')
    .description(
      'Break-glass: for an hour, or up to 24, one certificate is let through although its date, its chain or the age of the CRL speaks against it. Never one that is revoked or has the wrong name.',
    )
    .helpOption('-h, --help', 'this help')
    .option('--fingerprint <sha256>', 'of the one certificate it is for, as the refused line of the log shows it')
    .option('--overlook <what>', 'date, stale-crl or chain; may be given several times', collectOverlooked)
    .option('--reason <text>', 'for the log and for whoever asks later')
    .option('--hours <number>', 'how long (default: 1, at most 24)', Number)
    .option('--end <id>', 'end an open one before its time')
    .addHelpText(
      'after',
      examples([
        'certgate channel override channels.yaml ha --fingerprint 5f3a… --overlook date --reason "renewal arrives at 6:00, change 4711"',
        'certgate channel override channels.yaml ha --end 9c01d2e4',
        'certgate channel override "Line 1 console" --fingerprint 5f3a… --overlook date --reason "renewal arrives at 6:00, change 4711"',
      ]),
    )
    .action(async (first: string, second: string | undefined, flags: OverrideFlags) =>
      finish(await (second === undefined ? override(undefined, first, flags) : override(first, second, flags))),
    );
  addConfigOptions(command.command('trust-clock'))
    .argument('[CONFIG]', 'the same file (default: the processes of the inventory on this host)')
    .description("This machine's clock is right, and the later time that was seen before was not.")
    .helpOption('-h, --help', 'this help')
    .action(async (path: string | undefined, flags: ConfigFlags) => {
      await tell(path, { ask: 'trust-clock' }, flags);
      finish(EXIT.ok);
    });
}

function collectOverlooked(value: string, previous: readonly Overlooked[] = []): readonly Overlooked[] {
  return [...previous, oneOf('--overlook', ['date', 'stale-crl', 'chain'] as const)(value)];
}

async function showStatus(path: string | undefined, flags: StatusFlags): Promise<ExitCode> {
  const { at, format } = flags;
  const statuses = (await tell(path, { ask: 'status', ...(at && { at: at.getTime() }) }, flags)) as ProcessStatus[];
  if (format === 'json') print(`${safeJson(path === undefined ? statuses : statuses[0], 2)}\n`);
  else print(statuses.map((status) => renderStatus(status, at)).join('\n'));
  const blocked = statuses.some(
    ({ channels, silent = [] }) =>
      channels.some(
        ({ halted, findings, wouldClose = [] }) =>
          halted || (at !== undefined && findings.length > 0) || wouldClose.length > 0,
      ) || silent.length > 0,
  );
  return blocked ? EXIT.refused : EXIT.ok;
}

interface OverrideFlags extends ConfigFlags {
  readonly fingerprint?: string;
  readonly overlook?: readonly Overlooked[];
  readonly reason?: string;
  readonly hours?: number;
  readonly end?: string;
}

async function override(path: string | undefined, channel: string, flags: OverrideFlags): Promise<ExitCode> {
  if (flags.end !== undefined) {
    await tell(path, { ask: 'end-override', id: flags.end }, flags);
    print(`The exception ${flags.end} is over; its connections are closed.\n`);
    return EXIT.ok;
  }
  const { fingerprint, overlook, reason, hours } = flags;
  if (fingerprint === undefined || overlook === undefined || reason === undefined) {
    throw new UsageError(
      'An exception needs --fingerprint, --overlook and --reason. See certgate channel override --help.',
    );
  }
  const by = process.env['SUDO_USER'] ?? userInfo().username;
  const question = { ask: 'override', channel, overlooks: [...overlook], fingerprint, reason, by } as const;
  const [opened] = (await tell(path, { ...question, ...(hours !== undefined && { hours }) }, flags)) as [Override];
  const until = new Date(opened.endsAt).toISOString();
  const named = path === undefined ? `'${channel}'` : `${path} ${channel}`;
  print(`Open until ${until}: ${channel} overlooks ${overlook.join(', ')} of ${opened.fingerprint}.\n`);
  print(`End it before: certgate channel override ${named} --end ${opened.id}\n`);
  return EXIT.ok;
}
