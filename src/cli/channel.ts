import type { Command } from 'commander';
import type { ProcessEvent, ChannelStatus } from '../app/channels/channel-process.ts';
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
  const { serveStatus } = await import('../app/channels/channel-socket.ts');
  const log = (event: ProcessEvent): void => print(`${safeJson(event)}\n`);
  const running = await ChannelProcess.start(config, log).catch((error: Error) => {
    throw new UsageError(error.message);
  });
  const socket = await serveStatus(config.socket, running);
  process.on('SIGHUP', () => void running.reload());
  await untilEnded();
  socket.close();
  await running.stop();
  return EXIT.ok;
}

async function showStatus(path: string, { at, format }: { at?: Date; format: 'pretty' | 'json' }): Promise<ExitCode> {
  const { socket } = await load(path);
  const { askStatus } = await import('../app/channels/channel-socket.ts');
  const channels = await askStatus(socket, at === undefined ? {} : { at: at.getTime() }).catch(() => {
    throw new UsageError(`No channel process answers at ${socket}. Start it with: certgate channel run ${path}`);
  });
  if (format === 'json') print(`${safeJson({ channels }, 2)}\n`);
  else print(`${channels.map((channel) => renderChannel(channel, at).join('\n')).join('\n\n')}\n`);
  const blocked = channels.some(
    ({ halted, findings, wouldClose = [] }) =>
      halted || (at !== undefined && findings.length > 0) || wouldClose.length > 0,
  );
  return blocked ? EXIT.refused : EXIT.ok;
}

function renderChannel(channel: ChannelStatus, at: Date | undefined): string[] {
  const style = styleOf(process.stdout);
  const { id, kind, listening, halted, findings, connections, wouldClose = [], validation, observe } = channel;
  const blocked = halted || (at !== undefined && findings.length > 0 && validation === 'mandatory' && !observe);
  const sign = blocked
    ? style.paint('red', `${style.sign.bad} ${at === undefined ? 'HALTED' : 'WOULD HALT'}`)
    : style.paint('green', `${style.sign.ok} FLOWS`);
  const mode = `${kind}, validation ${validation}${observe ? ', observing only' : ''}`;
  const lines = (text: string): string[] => wrap(visible(text), style.columns - 4).map((line) => `    ${line}`);
  return [
    `${sign}  ${style.paint('bold', visible(id))}  ${style.paint('dim', `${mode}, at ${visible(listening.host)}:${listening.port}`)}`,
    `  ${connections.length} connection${connections.length === 1 ? '' : 's'}`,
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
