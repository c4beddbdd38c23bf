import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client';
import { parseCertificate } from '../../core/x509/certificate.ts';
import type { Address } from '../../service/channels/channel-settings.ts';
import type { ChannelProcess } from './channel-process.ts';
import type { RunningChannel } from './running-channel.ts';

/** Serves /metrics and nothing else, in plain HTTP: meant for loopback. @throws where the address is taken */
export async function serveMetrics({ host, port }: Address, process: ChannelProcess): Promise<Server> {
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

type Value = (channel: RunningChannel) => Iterable<readonly [labels: Record<string, string>, value: number]>;

function createRegistry(process: ChannelProcess): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const define = (kind: typeof Counter | typeof Gauge, name: string, help: string, labels: string[], value: Value) => {
    const metric = new kind({
      name: `certgate_channel_${name}`,
      help,
      labelNames: ['channel', ...labels],
      registers: [registry],
      collect() {
        const total = metric as Counter | Gauge;
        total.reset();
        for (const channel of process.running) {
          const { id } = channel.core.settings;
          for (const [held, number] of value(channel)) total.inc({ channel: id, ...held }, number);
        }
      },
    });
  };
  define(
    Counter,
    'handshakes_total',
    'Connections tried, by result',
    ['result', 'reason'],
    ({ core: { counters } }) => [
      [{ result: 'accepted', reason: '' }, counters.accepted],
      ...[...counters.refused].map(([reason, count]) => [{ result: 'refused', reason }, count] as const),
    ],
  );
  define(Counter, 'bytes_total', 'Bytes carried; in: from the side that speaks TLS', ['direction'], (channel) => {
    const { bytesIn, bytesOut } = channel.status(undefined);
    return [
      [{ direction: 'in' }, bytesIn],
      [{ direction: 'out' }, bytesOut],
    ];
  });
  define(Gauge, 'connections', 'Connections that carry data now', [], ({ core }) => [[{}, core.connections.size]]);
  define(Gauge, 'halted', '1: no data flows because our own certificate does not hold', [], ({ core }) => [
    [{}, core.halted ? 1 : 0],
  ]);
  define(Gauge, 'overrides', 'Exceptions that are open', [], ({ core }) => [
    [{}, core.context.breakGlass?.of(core.settings.id).length ?? 0],
  ]);
  define(Gauge, 'certificate_expiry_days', "Until our own certificate's notAfter", [], ({ core }) => {
    const [leaf] = core.context.identity.current()?.chain ?? [];
    if (leaf === undefined) return [];
    return [[{}, (parseCertificate(leaf).notAfter.seconds * 1000 - core.now()) / 86_400_000]];
  });
  define(Gauge, 'crl_age_seconds', 'Since thisUpdate of each CRL', ['issuer'], ({ core, trust }) =>
    trust.crls.map(({ issuer, list }) => [{ issuer: issuer.toString() }, core.now() / 1000 - list.thisUpdate.seconds]),
  );
  return registry;
}
