import type { AddressInfo } from 'node:net';
import type { FastifyBaseLogger } from 'fastify';
import { buildHostServer, buildServer, type ServerOptions } from '../http/routes/server.ts';
import type { Services } from '../http/routes/services.ts';
import type { Config } from './config/config.ts';
import { ConsoleCertificate } from './console/console-certificate.ts';
import { hostActions } from './host-actions.ts';
import { listenOn, listenOnSocket } from './listen.ts';
import { createLogger } from './logger.ts';
import { createMetrics } from './metrics.ts';
import { openSystem } from './system.ts';
import { packageVersion } from './version.ts';

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

/**
 * Starts the server: database, vault, services; then the listeners, the host's socket first and the network last.
 * @throws {StoreError | VaultError | ListenError}
 */
export async function serve(config: Config): Promise<Running> {
  // Whatever this process makes is its owner's alone.
  process.umask(0o077);
  const log = createLogger(config.logLevel);
  const system = await openSystem(config, log);
  const stops: (() => Promise<unknown>)[] = [() => system.store.close()];
  const stop = async (): Promise<void> => {
    for (const step of stops.splice(0).toReversed()) await step();
  };
  try {
    const { store, vault, services: parts } = system;
    const certificate = new ConsoleCertificate({ store, vault, ...parts }, { hostname: config.hostname, log });
    const tls = await certificate.load();
    const view: Services['console'] = {
      presented: () => certificate.presented,
      settled: (id) => certificate.settled(id),
    };
    const metrics = createMetrics(view);
    const options: ServerOptions = {
      services: { ...parts, console: view },
      logger: log as unknown as FastifyBaseLogger,
      version: packageVersion(),
      hstsSeconds: () => (certificate.presented.fromCa ? config.hstsSeconds : 0),
      requestsPerMinute: config.requestsPerMinute,
      onAnswer: metrics.answered,
    };
    const server = await buildServer(options, tls);
    let port = config.listen.port;
    const origin = (): string => `https://${config.hostname}:${port}`;
    const host = hostActions(system, view, origin);
    const hostServer = await buildHostServer({ ...options, services: { ...options.services, host } });

    await hostServer.ready();
    stops.push(() => hostServer.close());
    await listenOnSocket(hostServer.server, config.socket);
    let metricsPort: number | undefined;
    if (config.metrics !== undefined) {
      stops.push(() => new Promise((resolve) => metrics.server.close(resolve)));
      await listenOn(metrics.server, { ...config.metrics }, 'The metrics listener (metrics.port)');
      metricsPort = (metrics.server.address() as AddressInfo).port;
    }
    await server.ready();
    stops.push(async () => {
      await certificate.stop();
      await server.close();
    });
    const { host: address } = config.listen;
    await listenOn(
      server.server,
      { port, ...(address !== undefined && { host: address }) },
      'The HTTPS listener (listen.port)',
    );
    port = (server.server.address() as AddressInfo).port;
    certificate.follow(server.server);
    const started = { port, metricsPort, fingerprint: certificate.presented.fingerprint, version: options.version };
    log.info(started, 'certgate serves');
    return {
      origin: origin(),
      port,
      metricsPort,
      fingerprint: () => certificate.presented.fingerprint,
      setupDone: () => parts.setup.isDone(),
      newSetupLink: async () => (await host.setupLink()).link,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
