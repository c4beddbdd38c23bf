import type { ProcessStatus } from '../../app/channels/channel-host.ts';
import type { ChannelStatus } from '../../app/channels/running-channel.ts';
import { styleOf } from '../output.ts';
import { visible, wrap } from '../render/text.ts';

/** What a process that runs channels says of itself, for people. */
export function renderStatus({ channels, clock, server, silent = [] }: ProcessStatus, at: Date | undefined): string {
  const style = styleOf(process.stdout);
  const parts: string[] = [];
  if (!clock.trusted) {
    parts.push(`${style.paint('red', `${style.sign.bad} CLOCK UNTRUSTED`)}  it went back; ${clock.now} is assumed`);
  }
  if (server !== undefined && !server.connected) {
    const why = server.problem === undefined ? '' : `: ${visible(server.problem)}`;
    parts.push(`${style.paint('yellow', `${style.sign.warning} SERVER AWAY`)}  since ${server.since}${why}`);
  }
  for (const { name, problem } of silent) {
    parts.push(
      `${style.paint('red', `${style.sign.bad} NOT LISTENING`)}  ${style.paint('bold', visible(name))}\n    ${visible(problem)}`,
    );
  }
  for (const channel of channels) parts.push(renderChannel(channel, at).join('\n'));
  return parts.length === 0 ? 'No channels.\n' : `${parts.join('\n\n')}\n`;
}

function renderChannel(channel: ChannelStatus, at: Date | undefined): string[] {
  const style = styleOf(process.stdout);
  const {
    id,
    name = id,
    kind,
    listening,
    target,
    halted,
    findings,
    connections,
    wouldClose = [],
    validation,
    observe,
  } = channel;
  const { accepted, bytesIn, bytesOut, problems, overrides } = channel;
  const refused = Object.entries(channel.refused);
  const blocked = halted || (at !== undefined && findings.length > 0 && validation === 'mandatory' && !observe);
  const sign = blocked
    ? style.paint('red', `${style.sign.bad} ${at === undefined ? 'HALTED' : 'WOULD HALT'}`)
    : style.paint('green', `${style.sign.ok} FLOWS`);
  const mode = `${kind}, validation ${validation}${observe ? ', observing only' : ''}`;
  const lines = (text: string): string[] => wrap(visible(text), style.columns - 4).map((line) => `    ${line}`);
  return [
    `${sign}  ${style.paint('bold', visible(name))}  ${style.paint('dim', `${mode}, at ${visible(listening.host)}:${listening.port} → ${visible(target.host)}:${target.port}`)}`,
    `  ${connections.length} connection${connections.length === 1 ? '' : 's'}, ${accepted} so far, ${bytesIn} bytes in, ${bytesOut} out`,
    ...(refused.length === 0
      ? []
      : [`  Refused: ${refused.map(([reason, count]) => `${count} ${reason}`).join(', ')}`]),
    ...problems.flatMap((problem) => [
      '  Something could not be taken in; what was in force before still is:',
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
