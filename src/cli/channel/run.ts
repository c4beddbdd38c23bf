import { readFileSync, statSync } from 'node:fs';
import type { Server } from 'node:net';
import { dirname, join } from 'node:path';
import type { AnsweringProcess, ProcessEvent } from '../../app/channels/channel-host.ts';
import type { FedProcess } from '../../app/channels/fed-process.ts';
import type { Group } from '../../app/channels/feed.ts';
import { EXIT, type ExitCode, UsageError } from '../failure.ts';
import { readOptionFile } from '../inputs.ts';
import { print } from '../output.ts';
import { safeJson } from '../render/text.ts';
import { type ConfigFlags, configOf, explained } from '../server/config-options.ts';
import { untilEnded } from '../until-ended.ts';
import { loadChannels } from './ask-process.ts';

export interface RunFlags extends ConfigFlags {
  readonly kind?: Exclude<Group, 'all'>;
  readonly server?: string;
  readonly tokenFile?: string;
  readonly cacert?: string;
  readonly fingerprint?: readonly string[];
  readonly metrics?: string;
}

const log = (event: ProcessEvent): void => print(`${safeJson(event)}\n`);

const startFailed = (error: Error): never => {
  throw new UsageError(error.message);
};

/** Runs channels until it is told to end: those of a file, or those that the inventory of a server names. */
export async function runChannels(path: string | undefined, flags: RunFlags): Promise<ExitCode> {
  // Whoever reads the log may go away; connections do not end for that.
  for (const stream of [process.stdout, process.stderr])
    stream.removeAllListeners('error').on('error', () => undefined);
  if (path !== undefined) {
    if (flags.kind !== undefined || flags.server !== undefined) {
      throw new UsageError('Give either a file, or --kind or --server: a process is fed from one of them.');
    }
    return runFromFile(path);
  }
  if (flags.kind === undefined && flags.server === undefined) {
    throw new UsageError(
      'Say which channels: a file (certgate channel run channels.yaml), those of this host in the inventory (--kind console), or those that a server gives to this host (--server https://gate.contoso.com:8443 --token-file FILE).',
    );
  }
  return runFromInventory(flags);
}

async function runFromFile(path: string): Promise<ExitCode> {
  const config = await loadChannels(path);
  const { ChannelProcess } = await import('../../app/channels/channel-process.ts');
  const answerFor = await prepareAnswers(config);
  const running = await ChannelProcess.start(config, log).catch(startFailed);
  process.on('SIGHUP', () => void running.look());
  const servers = await answerFor(running);
  await untilEnded();
  return end(running, servers);
}

async function runFromInventory(flags: RunFlags): Promise<ExitCode> {
  const config = explained(() => configOf(flags));
  process.umask(0o077);
  const [{ FedProcess }, { copyVault }, { processFolder }, { packageVersion }, { answers }, { crlFetching }] =
    await Promise.all([
      import('../../app/channels/fed-process.ts'),
      import('../../app/channels/sealed-copy.ts'),
      import('../../app/channels/channel-processes.ts'),
      import('../../app/version.ts'),
      import('../../app/listen.ts'),
      import('../../app/crl-fetching.ts'),
    ]);
  const group = flags.kind ?? 'all';
  const local = processFolder(config, group);
  const folder = flags.server === undefined ? local : join(dirname(local), `remote-${group}`);
  const socket = join(folder, 'channel.sock');
  if (await answers(socket)) throw new UsageError(`Another process runs these channels: it answers at ${socket}.`);
  const vault = explained(() => copyVault(config));
  const fetching = explained(() => crlFetching(config));
  const connect = await connector(flags, config.socket);
  const metrics = flags.metrics === undefined ? undefined : addressOf(flags.metrics);
  const answerFor = await prepareAnswers({ socket, metrics });
  process.on('SIGHUP', () => undefined);
  let stop = (): void => undefined;
  const told = new Promise<void>((resolve) => (stop = resolve));
  const running: FedProcess = await FedProcess.start({
    folder,
    vault,
    group,
    version: packageVersion(),
    connect,
    log,
    fetching,
    onStop: () => stop(),
  });
  const servers = await answerFor(running);
  await Promise.race([untilEnded(), told]);
  return end(running, servers);
}

/** How the process answers to commands and Prometheus; loaded before it listens, so that it answers as soon as it does. */
async function prepareAnswers({
  socket,
  metrics,
}: {
  socket: string;
  metrics: { host: string; port: number } | undefined;
}): Promise<(running: AnsweringProcess) => Promise<Server[]>> {
  const { answerAt } = await import('../../app/channels/channel-socket.ts');
  const told = metrics && (await import('../../app/channels/channel-metrics.ts'));
  return async (running) => {
    const servers: Server[] = [await answerAt(socket, running).catch(startFailed)];
    if (told !== undefined) servers.push(await told.serveMetrics(metrics!, running).catch(startFailed));
    return servers;
  };
}

async function end(running: { stop(): Promise<void> }, servers: readonly Server[]): Promise<ExitCode> {
  for (const server of servers) server.close();
  // Told twice, it does not wait for connections to end.
  void untilEnded().then(() => process.exit(EXIT.ok));
  await running.stop();
  return EXIT.ok;
}

/** How this process reaches its server, anew each time: a token or a certificate may be replaced meanwhile. */
async function connector(flags: RunFlags, socketPath: string) {
  const { openLink } = await import('../../app/channels/link-client.ts');
  const { server, tokenFile, cacert, fingerprint } = flags;
  if (server === undefined) return () => openLink({ socketPath });
  if (tokenFile === undefined) {
    throw new UsageError(
      '--server needs --token-file FILE with an API token that has the scope channels:run; its name is the name of this node.',
    );
  }
  readToken(tokenFile);
  const { verifiedSocket, serverUrl } = await import('../server/remote-api.ts');
  const url = serverUrl(server);
  const ca = cacert === undefined ? undefined : Buffer.from(await readOptionFile('--cacert', cacert)).toString();
  return async () => {
    const socket = await verifiedSocket(url, { server, ca, fingerprint });
    return openLink({ socket, host: url.hostname, token: readToken(tokenFile) });
  };
}

/** @throws {UsageError} where it cannot be read, or others can read it */
function readToken(path: string): string {
  try {
    if ((statSync(path).mode & 0o077) !== 0) {
      throw new UsageError(`Others may read the token in ${path}. Put it right with: chmod 600 ${path}`);
    }
    return readFileSync(path, 'utf8').trim();
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`The token file ${path} cannot be read: ${(error as NodeJS.ErrnoException).code}.`);
  }
}

/** @throws {UsageError} */
export function addressOf(text: string, option = '--metrics'): { host: string; port: number } {
  const match = /^(?:\[([^\]]+)\]|([^:\s]+)):(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  if (match !== null && port <= 65_535) return { host: match[1] ?? match[2]!, port };
  throw new UsageError(`${option} ${text} is no address; write host:port, e.g. 127.0.0.1:9465 or [::1]:9465.`);
}
