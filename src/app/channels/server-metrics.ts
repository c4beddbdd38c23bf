import { Counter, Gauge, type Registry } from 'prom-client';
import type { z } from 'zod';
import type { channelStateSchema } from '../../http/contract/channels.ts';
import type { ChannelView } from '../../http/routes/services.ts';

type State = z.input<typeof channelStateSchema>;

interface Metric {
  readonly kind: typeof Counter | typeof Gauge;
  readonly name: string;
  readonly help: string;
  readonly labels?: readonly string[];
  readonly values: (state: State) => Iterable<readonly [labels: Readonly<Record<string, string>>, value: number]>;
}

/** Of the same names as those of a process that is asked itself, so that one dashboard serves both. */
const METRICS: readonly Metric[] = [
  {
    kind: Gauge,
    name: 'condition',
    help: '1 for how it fares: flows, observed, overridden, blocked, not-listening, no-process, disabled',
    labels: ['condition'],
    values: ({ condition }) => [[{ condition }, 1]],
  },
  {
    kind: Counter,
    name: 'handshakes_total',
    help: 'Connections tried, by result',
    labels: ['result', 'reason', 'rule'],
    values: ({ handshakes: { accepted, refused } }) => [
      [{ result: 'accepted', reason: '', rule: '' }, accepted],
      ...refused.map(({ reason, rule, count }) => [{ result: 'refused', reason, rule: rule ?? '' }, count] as const),
    ],
  },
  {
    kind: Counter,
    name: 'bytes_total',
    help: 'Bytes carried; in: from the side that speaks TLS',
    labels: ['direction'],
    values: ({ bytesIn, bytesOut }) => [
      [{ direction: 'in' }, bytesIn],
      [{ direction: 'out' }, bytesOut],
    ],
  },
  {
    kind: Gauge,
    name: 'connections',
    help: 'Connections that carry data now',
    values: ({ connections }) => [[{}, connections]],
  },
  {
    kind: Gauge,
    name: 'halted',
    help: '1: no data flows because a certificate does not hold',
    values: ({ blocked }) => [[{}, blocked === null ? 0 : 1]],
  },
  {
    kind: Gauge,
    name: 'overrides',
    help: 'Exceptions that are open',
    values: ({ overrides }) => [[{}, overrides.length]],
  },
  {
    kind: Gauge,
    name: 'certificate_expiry_days',
    help: "Until its own certificate's notAfter",
    values: ({ certificate }) => (certificate === null ? [] : [[{}, certificate.daysLeft]]),
  },
  {
    kind: Gauge,
    name: 'crl_age_seconds',
    help: 'Since thisUpdate of each CRL',
    labels: ['issuer'],
    values: ({ crls }) => crls.map(({ issuer, ageSeconds }) => [{ issuer }, ageSeconds]),
  },
  {
    kind: Gauge,
    name: 'process_heard_seconds',
    help: 'When its process was last heard, seconds since 1970',
    values: ({ process: { heardAt } }) => (heardAt === null ? [] : [[{}, Date.parse(heardAt) / 1000]]),
  },
  {
    kind: Gauge,
    name: 'process_restarts',
    help: 'How often its process crashed since the server started',
    values: ({ process: { restarts } }) => [[{}, restarts]],
  },
];

/** How all channels of the inventory fare, wherever they run. */
export function registerChannelMetrics(registry: Registry, { states }: ServedChannels): void {
  for (const { kind, name, help, labels = [], values } of METRICS) {
    const metric: Counter | Gauge = new kind({
      name: `certgate_channel_${name}`,
      help,
      labelNames: ['channel', ...labels],
      registers: [registry],
      async collect() {
        const told = await states();
        metric.reset();
        for (const { name: channel, state } of told) {
          for (const [held, number] of values(state)) metric.inc({ channel, ...held }, number);
        }
      },
    });
  }
}

export interface ServedChannels {
  readonly states: () => Promise<readonly { readonly name: string; readonly state: State }[]>;
}

/** Asked once for all metrics of one scrape. */
export function servedChannels(
  view: ChannelView,
  names: () => Promise<readonly { readonly id: string; readonly name: string }[]>,
): ServedChannels {
  let asked: ReturnType<ServedChannels['states']> | undefined;
  const ask = async (): ReturnType<ServedChannels['states']> => {
    const [all, states] = await Promise.all([names(), view.states()]);
    return all.flatMap(({ id, name }) => {
      const state = states.find(({ channelId }) => channelId === id);
      return state === undefined ? [] : [{ name, state }];
    });
  };
  return {
    states: () => {
      asked ??= ask().finally(() => (asked = undefined));
      return asked;
    },
  };
}
