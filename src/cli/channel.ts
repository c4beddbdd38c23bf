import type { Command } from 'commander';
import { userInfo } from 'node:os';
import type { ProcessEvent, ProcessStatus } from '../app/channels/channel-host.ts';
import type { Overlooked, Override } from '../app/channels/channel-socket.ts';
import type { ChannelStatus } from '../app/channels/running-channel.ts';
import type { Question } from '../app/channels/channel-socket.ts';
import { EXIT, type ExitCode, UsageError } from './failure.ts';
import { readTime } from './inputs.ts';
import type { Finish } from './main.ts';
import { examples, oneOf } from './options.ts';
import { print, styleOf } from './output.ts';
import { safeJson, visible, wrap } from './render/text.ts';
import { requireSubcommand } from './subcommands.ts';
import { untilEnded } from './until-ended.ts';

const FORMATS = ['pretty', 'json'] as const;

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

export function defineChannel(command: Command, finish: Finish): void {
  requireSubcommand(command).addHelpText(
    'after',
    EXAMPLE_CONFIG + examples(['certgate channel run channels.yaml', 'certgate channel status channels.yaml']),
  );
  command
    .command('run')
    .argument('<CONFIG>', 'a YAML file')
    .description('Runs the channels until it is ended. Each event is a line of JSON on stdout.')
    .helpOption('-h, --help', 'this help')
    .addHelpText('after', EXAMPLE_CONFIG)
    .action(async (path: string) => finish(await runChannels(path)));
  command
    .command('status')
    .argument('<CONFIG>', 'the same file')
    .description('What flows, what is halted and why; with --at also what would be blocked at another time.')
    .helpOption('-h, --help', 'this help')
    .option('--at <time>', 'what would be blocked then: 2027-01-31, 2027-01-31T08:00:00Z', readTime)
    .option('--format <format>', 'pretty or json', oneOf('--format', FORMATS), 'pretty')
    .addHelpText('after', examples(['certgate channel status channels.yaml --at 2027-01-31']))
    .action(async (path: string, flags: { at?: Date; format: (typeof FORMATS)[number] }) =>
      finish(await showStatus(path, flags)),
    );
  defineExceptions(command, finish);
}

function defineExceptions(command: Command, finish: Finish): void {
  command
    .command('override')
    .argument('<CONFIG>', 'the same file')
    .argument('<CHANNEL>', 'its id')
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
      ]),
    )
    .action(async (path: string, channel: string, flags: OverrideFlags) =>
      finish(await override(path, channel, flags)),
    );
  command
    .command('trust-clock')
    .argument('<CONFIG>', 'the same file')
    .description("This machine's clock is right, and the later time that was seen before was not.")
    .helpOption('-h, --help', 'this help')
    .action(async (path: string) => {
      await tell(path, { ask: 'trust-clock' });
      finish(EXIT.ok);
    });
}

function collectOverlooked(value: string, previous: readonly Overlooked[] = []): readonly Overlooked[] {
  return [...previous, oneOf('--overlook', ['date', 'stale-crl', 'chain'] as const)(value)];
}

async function load(path: string) {
  const { loadChannelConfig } = await import('../app/channels/channel-config.ts');
  try {
    return loadChannelConfig(path);
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

async function runChannels(path: string): Promise<ExitCode> {
  const config = await load(path);
  const { ChannelProcess } = await import('../app/channels/channel-process.ts');
  const { answerAt } = await import('../app/channels/channel-socket.ts');
  const log = (event: ProcessEvent): void => print(`${safeJson(event)}\n`);
  const startFailed = (error: Error): never => {
    throw new UsageError(error.message);
  };
  const running = await ChannelProcess.start(config, log).catch(startFailed);
  const servers = [await answerAt(config.socket, running).catch(startFailed)];
  if (config.metrics !== undefined) {
    const { serveMetrics } = await import('../app/channels/channel-metrics.ts');
    servers.push(await serveMetrics(config.metrics, running).catch(startFailed));
  }
  process.on('SIGHUP', () => void running.look());
  await untilEnded();
  for (const server of servers) server.close();
  // Told twice, it does not wait for connections to end.
  void untilEnded().then(() => process.exit(EXIT.ok));
  await running.stop();
  return EXIT.ok;
}

/** @throws {UsageError} where no process answers, or it says no */
async function tell(path: string, question: Question): Promise<unknown> {
  const { socket } = await load(path);
  const { ask, NobodyThereError } = await import('../app/channels/channel-socket.ts');
  try {
    const answered = await ask(socket, question);
    if ('problem' in answered) throw new UsageError(answered.problem);
    return answered.answer;
  } catch (error) {
    if (!(error instanceof NobodyThereError)) throw error;
    throw new UsageError(`No channel process answers at ${socket}. Start it with: certgate channel run ${path}`);
  }
}

async function showStatus(path: string, { at, format }: { at?: Date; format: 'pretty' | 'json' }): Promise<ExitCode> {
  const status = (await tell(path, { ask: 'status', ...(at && { at: at.getTime() }) })) as ProcessStatus;
  const { channels, clock } = status;
  if (format === 'json') print(`${safeJson(status, 2)}\n`);
  else {
    const style = styleOf(process.stdout);
    if (!clock.trusted)
      print(`${style.paint('red', `${style.sign.bad} CLOCK UNTRUSTED`)}  it went back; ${clock.now} is assumed\n\n`);
    print(`${channels.map((channel) => renderChannel(channel, at).join('\n')).join('\n\n')}\n`);
  }
  const blocked = channels.some(
    ({ halted, findings, wouldClose = [] }) =>
      halted || (at !== undefined && findings.length > 0) || wouldClose.length > 0,
  );
  return blocked ? EXIT.refused : EXIT.ok;
}

interface OverrideFlags {
  readonly fingerprint?: string;
  readonly overlook?: readonly Overlooked[];
  readonly reason?: string;
  readonly hours?: number;
  readonly end?: string;
}

async function override(path: string, channel: string, flags: OverrideFlags): Promise<ExitCode> {
  if (flags.end !== undefined) {
    await tell(path, { ask: 'end-override', id: flags.end });
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
  const opened = (await tell(path, { ...question, ...(hours !== undefined && { hours }) })) as Override;
  const until = new Date(opened.endsAt).toISOString();
  print(`Open until ${until}: ${channel} overlooks ${overlook.join(', ')} of ${opened.fingerprint}.\n`);
  print(`End it before: certgate channel override ${path} ${channel} --end ${opened.id}\n`);
  return EXIT.ok;
}

function renderChannel(channel: ChannelStatus, at: Date | undefined): string[] {
  const style = styleOf(process.stdout);
  const { id, kind, listening, target, halted, findings, connections, wouldClose = [], validation, observe } = channel;
  const { accepted, bytesIn, bytesOut, problems, overrides } = channel;
  const refused = Object.entries(channel.refused);
  const blocked = halted || (at !== undefined && findings.length > 0 && validation === 'mandatory' && !observe);
  const sign = blocked
    ? style.paint('red', `${style.sign.bad} ${at === undefined ? 'HALTED' : 'WOULD HALT'}`)
    : style.paint('green', `${style.sign.ok} FLOWS`);
  const mode = `${kind}, validation ${validation}${observe ? ', observing only' : ''}`;
  const lines = (text: string): string[] => wrap(visible(text), style.columns - 4).map((line) => `    ${line}`);
  return [
    `${sign}  ${style.paint('bold', visible(id))}  ${style.paint('dim', `${mode}, at ${visible(listening.host)}:${listening.port} → ${visible(target.host)}:${target.port}`)}`,
    `  ${connections.length} connection${connections.length === 1 ? '' : 's'}, ${accepted} so far, ${bytesIn} bytes in, ${bytesOut} out`,
    ...(refused.length === 0
      ? []
      : [`  Refused: ${refused.map(([reason, count]) => `${count} ${reason}`).join(', ')}`]),
    ...problems.flatMap((problem) => [
      '  A file could not be taken in; what was read before is in force:',
      ...lines(problem),
    ]),
    ...overrides.map(
      ({ id: override, overlooks, fingerprint, endsAt, by }) =>
        `  EXCEPTION ${override} until ${new Date(endsAt).toISOString()}: ${overlooks.join(', ')} of ${fingerprint.slice(0, 16)}…, by ${visible(by)}`,
    ),
    ...findings.flatMap(({ message, fix }) => [
      '  Own certificate:',
      ...lines(message),
      ...(fix === undefined ? [] : lines(`Fix: ${fix}`)),
    ]),
    ...wouldClose.flatMap(({ peer, findings: why }) => [
      `  Would close ${visible(peer)}:`,
      ...lines(why[0]?.message ?? ''),
    ]),
  ];
}
