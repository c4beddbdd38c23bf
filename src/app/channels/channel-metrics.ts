import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client';
import { parseCertificate } from '../../core/x509/certificate.ts';
import type { Address } from '../../service/channels/channel-settings.ts';
import type { AnsweringProcess } from './channel-host.ts';
import type { RunningChannel } from './running-channel.ts';

/** Serves /metrics and nothing else, in plain HTTP: meant for loopback. @throws where the address is taken */
export async function serveMetrics({ host, port }: Address, process: AnsweringProcess): Promise<Server> {
  const registry = createRegistry(process);
  const server = createServer((request, response) => {
    if (request.method !== 'GET' || request.url !== '/metrics') {
      response.writeHead(404).end();
      return;
    }
    registry.metrics().then(
      (text) => response.writeHead(200, { 'Content-Type': registry.contentType }).end(text),
      () => response.writeHead(500).end(),
    );
  });
  await once(server.listen(port, host), 'listening');
  return server;
}

interface Metric {
  readonly kind: typeof Counter | typeof Gauge;
  readonly name: string;
  readonly help: string;
  readonly labels?: readonly string[];
  readonly values: (
    channel: RunningChannel,
  ) => Iterable<readonly [labels: Readonly<Record<string, string>>, value: number]>;
}

const METRICS: readonly Metric[] = [
  {
    kind: Counter,
    name: 'handshakes_total',
    help: 'Connections tried, by result',
    labels: ['result', 'reason'],
    values: ({ core: { counters } }) => [
      [{ result: 'accepted', reason: '' }, counters.accepted],
      ...[...counters.refused].map(([reason, count]) => [{ result: 'refused', reason }, count] as const),
    ],
  },
  {
    kind: Counter,
    name: 'bytes_total',
    help: 'Bytes carried; in: from the side that speaks TLS',
    labels: ['direction'],
    values: (channel) => {
      const { bytesIn, bytesOut } = channel.traffic();
      return [
        [{ direction: 'in' }, bytesIn],
        [{ direction: 'out' }, bytesOut],
      ];
    },
  },
  {
    kind: Gauge,
    name: 'connections',
    help: 'Connections that carry data now',
    values: ({ core }) => [[{}, core.connections.size]],
  },
  {
    kind: Gauge,
    name: 'halted',
    help: '1: no data flows because our own certificate does not hold',
    values: ({ core }) => [[{}, core.halted ? 1 : 0]],
  },
  {
    kind: Gauge,
    name: 'overrides',
    help: 'Exceptions that are open',
    values: ({ core }) => [[{}, core.context.breakGlass?.of(core.settings.id).length ?? 0]],
  },
  {
    kind: Gauge,
    name: 'certificate_expiry_days',
    help: "Until our own certificate's notAfter",
    values: ({ core }) => {
      const [leaf] = core.context.identity.current()?.chain ?? [];
      if (leaf === undefined) return [];
      return [[{}, (parseCertificate(leaf).notAfter.seconds * 1000 - core.now()) / 86_400_000]];
    },
  },
  {
    kind: Gauge,
    name: 'crl_age_seconds',
    help: 'Since thisUpdate of each CRL',
    labels: ['issuer'],
    values: ({ core, held }) =>
      held.trust.crls.map(({ issuer, list }) => [
        { issuer: issuer.toString() },
        core.now() / 1000 - list.thisUpdate.seconds,
      ]),
  },
];

function createRegistry(process: AnsweringProcess): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  for (const { kind, name, help, labels = [], values } of METRICS) {
    const metric: Counter | Gauge = new kind({
      name: `certgate_channel_${name}`,
      help,
      labelNames: ['channel', ...labels],
      registers: [registry],
      collect() {
        metric.reset();
        for (const channel of process.running) {
          const { id } = channel.core.settings;
          const name = process.nameOf?.(id) ?? id;
          for (const [held, number] of values(channel)) metric.inc({ channel: name, ...held }, number);
        }
      },
    });
  }
  if (process.serverConnected !== undefined) {
    const connected: Gauge = new Gauge({
      name: 'certgate_channel_server_connected',
      help: '0: the server that feeds the channels is away, and they go on with what they know',
      registers: [registry],
      collect: () => connected.set(process.serverConnected === true ? 1 : 0),
    });
  }
  return registry;
}
