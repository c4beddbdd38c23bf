import type { z } from 'zod';
import type {
  channelForecastSchema,
  channelSchema,
  channelStateSchema,
  newChannelSchema,
} from '../../http/contract/channels.ts';
import type { partnerSchema } from '../../http/contract/partner.ts';
import { type Api, openHostApi } from '../../app/host-api.ts';
import { EXIT, type ExitCode, UsageError } from '../failure.ts';
import { print, styleOf } from '../output.ts';
import { safeJson, visible, wrap } from '../render/text.ts';
import { expectOk } from '../server/answers.ts';
import { type ConfigFlags, configOf, explained } from '../server/config-options.ts';
import { applianceId } from '../server/find-appliance.ts';
import { addressOf } from './run.ts';

type Channel = z.infer<typeof channelSchema>;
type State = z.infer<typeof channelStateSchema>;
type Forecast = z.infer<typeof channelForecastSchema>;

export interface ListFlags extends ConfigFlags {
  readonly format: 'pretty' | 'json';
}
export interface ForecastFlags extends ListFlags {
  readonly at?: Date;
}
export interface AddFlags extends ConfigFlags {
  readonly kind: Channel['kind'];
  readonly appliance?: string;
  readonly partner?: string;
  readonly listen?: string;
  readonly target?: string;
  readonly http?: boolean;
  readonly serverName?: string;
  readonly targetTls?: boolean;
  readonly targetFingerprint?: readonly string[];
  readonly node?: string;
  readonly validation?: 'mandatory' | 'none';
  readonly crl?: 'on' | 'off';
  readonly observe?: boolean;
}

async function withApi<T>(flags: ConfigFlags, work: (api: Api) => Promise<T>): Promise<T> {
  const config = explained(() => configOf(flags));
  const api = await explained(() => openHostApi(config));
  try {
    return await work(api);
  } finally {
    await api.close();
  }
}

const get = async <T>(api: Api, path: string): Promise<T> => expectOk<T>(await api.send('GET', `/api/v1${path}`));

async function channelNamed(api: Api, wanted: string): Promise<Channel> {
  const all = await get<Channel[]>(api, '/channels');
  const found = all.find(({ id, name }) => id === wanted || name.toLowerCase() === wanted.trim().toLowerCase());
  if (found !== undefined) return found;
  const names = all.map(({ name }) => name).join(', ');
  throw new UsageError(`there is no channel ${wanted}; there ${all.length === 0 ? 'is none yet' : `are ${names}`}.`);
}

/** What channels the inventory has, and how each fares. */
export const listChannels = (flags: ListFlags): Promise<ExitCode> =>
  withApi(flags, async (api) => {
    const [channels, states] = await Promise.all([
      get<Channel[]>(api, '/channels'),
      get<State[]>(api, '/channels/states'),
    ]);
    const both = channels.map((channel) => ({
      ...channel,
      state: states.find(({ channelId }) => channelId === channel.id),
    }));
    if (flags.format === 'json') print(`${safeJson(both, 2)}\n`);
    else if (both.length === 0) print('No channels yet. Make one with: certgate channel add --help\n');
    else print(`${both.map((one) => renderEntry(one).join('\n')).join('\n\n')}\n`);
    return both.some(({ state }) => state !== undefined && BAD.has(state.condition)) ? EXIT.refused : EXIT.ok;
  });

const BAD = new Set<State['condition']>(['blocked', 'not-listening', 'no-process']);
const WORDS: Readonly<Record<State['condition'], string>> = {
  flows: 'FLOWS',
  observed: 'OBSERVED',
  overridden: 'EXCEPTION',
  blocked: 'BLOCKED',
  'not-listening': 'NOT LISTENING',
  'no-process': 'NOT RUNNING',
  disabled: 'DISABLED',
};

function renderEntry({ name, kind, listen, target, node, state }: Channel & { state: State | undefined }): string[] {
  const style = styleOf(process.stdout);
  const condition = state?.condition ?? 'no-process';
  const bad = BAD.has(condition);
  const sign = bad ? style.sign.bad : condition === 'flows' ? style.sign.ok : style.sign.warning;
  const at = state?.listening ?? listen;
  const to = state?.target ?? target;
  const where = `${kind}, at ${at.host}:${at.port}${to === null ? '' : ` → ${to.host}:${to.port}`}${node === null ? '' : `, on ${node}`}`;
  const lines = (text: string): string[] => wrap(visible(text), style.columns - 4).map((line) => `    ${line}`);
  const finding = state?.findings[0];
  return [
    `${style.paint(bad ? 'red' : 'green', `${sign} ${WORDS[condition]}`)}  ${style.paint('bold', visible(name))}  ${style.paint('dim', visible(where))}`,
    ...(state === undefined || condition === 'no-process' || condition === 'disabled'
      ? []
      : [`  ${state.connections} live, ${state.handshakes.accepted} accepted so far`]),
    ...(state?.problem == null ? [] : lines(state.problem)),
    ...(finding === undefined ? [] : lines(finding.message)),
    ...(finding?.fix === undefined ? [] : lines(`Fix: ${finding.fix}`)),
  ];
}

export const addChannel = (name: string, flags: AddFlags): Promise<ExitCode> =>
  withApi(flags, async (api) => {
    if (flags.listen === undefined) throw new UsageError('say where the channel listens: --listen 0.0.0.0:443');
    const input: z.input<typeof newChannelSchema> = {
      kind: flags.kind,
      name,
      listen: addressOf(flags.listen, '--listen'),
      ...(flags.target !== undefined && { target: addressOf(flags.target, '--target') }),
      ...(flags.appliance !== undefined && { applianceId: await applianceId(api, flags.appliance) }),
      ...(flags.partner !== undefined && { partnerId: await partnerId(api, flags.partner) }),
      ...(flags.http === true && { http: true }),
      ...dialledEnd(flags),
      ...(flags.node !== undefined && { node: flags.node }),
      ...(flags.validation !== undefined && { validation: flags.validation }),
      ...(flags.crl !== undefined && { crl: flags.crl }),
      ...(flags.observe === true && { mode: 'observe' as const }),
    };
    const made = expectOk<Channel>(await api.send('POST', '/api/v1/channels', input));
    print(`The channel ${visible(made.name)} is in the inventory (validation ${made.validation}, CRL ${made.crl}).\n`);
    print(
      api.online
        ? 'See how it fares: certgate channel list\n'
        : 'It listens as soon as the server runs: certgate serve\n',
    );
    return EXIT.ok;
  });

/** Whom to expect at the target: of an HA link, or of a web console that speaks TLS itself. */
function dialledEnd(flags: AddFlags): Partial<z.input<typeof newChannelSchema>> {
  const { kind, serverName = null, targetTls, targetFingerprint: fingerprints = [] } = flags;
  if (targetTls === true || fingerprints.length > 0)
    return { targetTls: { serverName, fingerprints: [...fingerprints] } };
  if (kind === 'console' && serverName !== null)
    throw new UsageError('--server-name of a console needs --target-tls: a plain web console shows no certificate.');
  return serverName === null ? {} : { serverName };
}

async function partnerId(api: Api, wanted: string): Promise<string> {
  const all = await get<z.infer<typeof partnerSchema>[]>(api, '/partners');
  const found = all.find(({ id, name }) => id === wanted || name.toLowerCase() === wanted.trim().toLowerCase());
  if (found !== undefined) return found.id;
  throw new UsageError(`there is no partner ${wanted}; there are ${all.map(({ name }) => name).join(', ') || 'none'}.`);
}

export const removeChannel = (wanted: string, flags: ConfigFlags): Promise<ExitCode> =>
  withApi(flags, async (api) => {
    const { id, name, version } = await channelNamed(api, wanted);
    expectOk(await api.send('DELETE', `/api/v1/channels/${id}`, undefined, { 'If-Match': `"${version}"` }));
    print(`The channel ${visible(name)} is removed; its connections end.\n`);
    return EXIT.ok;
  });

/** What would be blocked at a time; ends with 1 where anything would. */
export const forecastChannels = (wanted: string | undefined, flags: ForecastFlags): Promise<ExitCode> =>
  withApi(flags, async (api) => {
    const { at, format } = flags;
    if (at === undefined) throw new UsageError('say for when: --at 2027-01-31');
    const one = wanted === undefined ? undefined : await channelNamed(api, wanted);
    const query = `at=${at.toISOString()}${one === undefined ? '' : `&channelId=${one.id}`}`;
    const forecast = await get<Forecast>(api, `/channels/forecast?${query}`);
    if (format === 'json') print(`${safeJson(forecast, 2)}\n`);
    else
      print(
        `${forecast.channels.map((channel) => renderForecast(channel, at).join('\n')).join('\n') || 'No channels.'}\n`,
      );
    const blocked = forecast.channels.some(
      ({ outcome, connections }) => outcome === 'blocked' || (connections?.wouldClose.length ?? 0) > 0,
    );
    return blocked ? EXIT.refused : EXIT.ok;
  });

const OUTCOMES = { flows: 'FLOWS', observed: 'OBSERVED', blocked: 'WOULD BE BLOCKED', disabled: 'DISABLED' } as const;

function renderForecast(
  { name, outcome, findings, connections, crlsUntil }: Forecast['channels'][number],
  at: Date,
): string[] {
  const style = styleOf(process.stdout);
  const close = connections?.wouldClose ?? [];
  const bad = outcome === 'blocked' || close.length > 0;
  const sign = bad ? style.sign.bad : outcome === 'flows' ? style.sign.ok : style.sign.warning;
  const lines = (text: string): string[] => wrap(visible(text), style.columns - 4).map((line) => `    ${line}`);
  return [
    `${style.paint(bad ? 'red' : 'green', `${sign} ${OUTCOMES[outcome]}`)}  ${style.paint('bold', visible(name))}`,
    ...findings.flatMap(({ message, fix }) => [...lines(message), ...(fix === undefined ? [] : lines(`Fix: ${fix}`))]),
    ...close.flatMap(({ peer, findings: why }) => [`  Would close ${visible(peer)}:`, ...lines(why[0]?.message ?? '')]),
    ...(connections === null && outcome !== 'disabled'
      ? ['  Its process is not connected: live connections are not judged.']
      : []),
    ...(crlsUntil === null || outcome === 'blocked' || at.toISOString() < crlsUntil
      ? []
      : [`  Provided that newer CRLs come: those held last until ${crlsUntil}.`]),
  ];
}
