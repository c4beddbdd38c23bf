import { request as httpRequest } from 'node:http';
import { buildHostServer } from '../http/routes/server.ts';
import { answers } from './listen.ts';
import type { Config } from './config/config.ts';
import { ConsoleCertificate } from './console/console-certificate.ts';
import { hostActions } from './host-actions.ts';
import { createLogger } from './logger.ts';
import { openSystem } from './system.ts';
import { packageVersion } from './version.ts';

export interface ApiAnswer {
  readonly status: number;
  /** Parsed JSON; undefined where there is none. */
  readonly body: unknown;
}

/** The API, however it is reached. */
export interface Api {
  /** Whether a running server answers. */
  readonly online: boolean;
  send(method: string, path: string, body?: unknown): Promise<ApiAnswer>;
  close(): Promise<void>;
}

/**
 * The API as the host's owner sees it: through the unix socket of the server that runs, else upon the database itself,
 * without server, network or valid certificate.
 * @throws {StoreError | VaultError}
 */
export async function openHostApi(config: Config): Promise<Api> {
  return (await answers(config.socket)) ? throughSocket(config.socket) : withoutServer(config);
}

const throughSocket = (socketPath: string): Api => ({
  online: true,
  send: (method, path, body) =>
    new Promise((resolve, reject) => {
      const text = body === undefined ? undefined : JSON.stringify(body);
      const headers = text === undefined ? {} : { 'Content-Type': 'application/json' };
      const request = httpRequest({ socketPath, method, path, headers }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => resolve(answer(response.statusCode ?? 0, Buffer.concat(chunks).toString())));
        response.on('error', reject);
      });
      request.on('error', reject);
      request.end(text);
    }),
  close: () => Promise.resolve(),
});

async function withoutServer(config: Config): Promise<Api> {
  process.umask(0o077);
  const log = createLogger(config.logLevel ?? 'error');
  const system = await openSystem(config, log);
  const { store, vault, services: parts } = system;
  const certificate = new ConsoleCertificate({ store, vault, ...parts }, { hostname: config.hostname, log });
  // Never served from here: it only says what the server will present.
  await certificate.load();
  const view = { presented: () => certificate.presented, settled: () => Promise.resolve() };
  const host = hostActions(system, view, () => `https://${config.hostname}:${config.listen.port}`);
  const server = await buildHostServer({
    services: { ...parts, console: view, host },
    logger: log as never,
    version: packageVersion(),
    hstsSeconds: () => 0,
    requestsPerMinute: 0,
    requestMs: 30_000,
  });
  return {
    online: false,
    async send(method, path, body) {
      const reply = await server.inject({
        method: method as 'GET',
        url: path,
        ...(body !== undefined && { payload: body as object }),
      });
      return answer(reply.statusCode, reply.payload);
    },
    async close() {
      await server.close();
      await store.close();
    },
  };
}

export const answer = (status: number, text: string): ApiAnswer => {
  try {
    return { status, body: text === '' ? undefined : (JSON.parse(text) as unknown) };
  } catch {
    return { status, body: undefined };
  }
};
