import type { AddressInfo } from 'node:net';
import type { FastifyBaseLogger } from 'fastify';
import { buildHostServer, buildServer, type ServerOptions } from '../http/routes/server.ts';
import { ChannelProcesses } from './channels/channel-processes.ts';
import { acceptLocalLinks, acceptRemoteLinks } from './channels/link-server.ts';
import { servedChannels } from './channels/server-metrics.ts';
import type { Config } from './config/config.ts';
import { ConsoleCertificate } from './console/console-certificate.ts';
import { hostActions } from './host-actions.ts';
import { demandSocketFree, listenOn, listenOnSocket } from './listen.ts';
import { createLogger, type Logger } from './logger.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import { openSystem, type System } from './system.ts';
import { packageVersion, webFolder } from './version.ts';

export interface Running {
  /** Where browsers find the console. */
  readonly origin: string;
  readonly port: number;
  readonly metricsPort: number | undefined;
  /** SHA-256 of the console's certificate. */
  readonly fingerprint: () => string;
  readonly setupDone: () => Promise<boolean>;
  readonly newSetupLink: () => Promise<string>;
  /** Finishes what is under way, then lets go of everything. */
  stop(): Promise<void>;
}

/** How long requests under way have when the server is stopped. */
const STOP_MS = 10_000;

/** What was started, to be stopped in the reverse order. */
type Stops = (() => Promise<unknown>)[];

/**
 * Starts the server: database, vault, services; then the listeners, the host's socket first and the network last.
 * @throws {StoreError | VaultError | ListenError}
 */
export async function serve(config: Config): Promise<Running> {
  // Whatever this process makes is its owner's alone.
  process.umask(0o077);
  const log = createLogger(config.logLevel);
  await demandSocketFree(config.socket);
  const system = await openSystem(config, log);
  const stops: Stops = [() => system.store.close()];
  const stop = async (): Promise<void> => {
    for (const step of stops.splice(0).toReversed()) await step();
  };
  try {
    return { ...(await start(system, log, stops)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function start(system: System, log: Logger, stops: Stops): Promise<Omit<Running, 'stop'>> {
  const { config, store, vault, services: parts } = system;
  const certificate = new ConsoleCertificate({ store, vault, ...parts }, { hostname: config.hostname, log });
  const tls = await certificate.load();
  const view = { presented: () => certificate.presented, settled: (id: string) => certificate.settled(id) };
  const metrics = createMetrics(
    view,
    servedChannels(parts.channelView, () => parts.channels.list()),
  );
  const options: ServerOptions = {
    services: { ...parts, console: view },
    logger: log as unknown as FastifyBaseLogger,
    version: packageVersion(),
    webFolder: webFolder(),
    hstsSeconds: () => (certificate.presented.fromCa ? config.hstsSeconds : 0),
    requestsPerMinute: config.requestsPerMinute,
    onAnswer: metrics.answered,
    requestMs: config.requestSeconds * 1000,
  };
  let { port } = config.listen;
  const host = hostActions(system, view, () => `https://${config.hostname}:${port}`);

  const hostServer = await buildHostServer({ ...options, services: { ...options.services, host } });
  await hostServer.ready();
  stops.push(() => hostServer.close());
  acceptLocalLinks(hostServer.server, system.channels.links);
  await listenOnSocket(hostServer.server, config.socket);

  const metricsPort = await listenForMetrics(config, metrics, stops);

  const server = await buildServer(options, tls);
  await server.ready();
  stops.push(async () => {
    await certificate.stop();
    const patience = setTimeout(() => server.server.closeAllConnections(), STOP_MS);
    await server.close();
    clearTimeout(patience);
  });
  acceptRemoteLinks(server.server, system.channels.links, parts.tokens);
  const address = config.listen.host === undefined ? {} : { host: config.listen.host };
  await listenOn(server.server, { port, ...address }, 'The HTTPS listener (listen.port)');
  port = (server.server.address() as AddressInfo).port;
  certificate.follow(server.server);

  system.scheduler.start();
  stops.push(() => system.scheduler.stop());
  await runChannels(system, log, stops);
  system.watch.start(parts.channelView);
  stops.push(() => system.watch.stop());
  log.info({ port, metricsPort, fingerprint: certificate.presented.fingerprint }, 'certgate serves');
  return {
    origin: `https://${config.hostname}:${port}`,
    port,
    metricsPort,
    fingerprint: () => certificate.presented.fingerprint,
    setupDone: () => parts.setup.isDone(),
    newSetupLink: async () => (await host.setupLink()).link,
  };
}

/** Feeds whoever runs channels, and runs those of this host. */
async function runChannels({ config, channels }: System, log: Logger, stops: Stops): Promise<void> {
  const { feed, links, crlRefresh, setProcesses } = channels;
  await feed.start();
  crlRefresh.start();
  stops.push(async () => {
    await crlRefresh.stop();
    await feed.stop();
    links.close();
  });
  if (!config.runsChannels) return;
  const processes = new ChannelProcesses({ config, feed, links, log, version: packageVersion() });
  setProcesses(processes);
  processes.start();
  stops.push(() => processes.stop());
}

async function listenForMetrics(
  { metrics: at }: Config,
  { server }: Metrics,
  stops: Stops,
): Promise<number | undefined> {
  if (at === undefined) return undefined;
  stops.push(() => new Promise((resolve) => server.close(resolve)));
  await listenOn(server, { ...at }, 'The metrics listener (metrics.port)');
  return (server.address() as AddressInfo).port;
}
