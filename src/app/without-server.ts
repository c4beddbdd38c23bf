import { buildHostServer } from '../http/routes/server.ts';
import type { Config } from './config/config.ts';
import { ConsoleCertificate } from './console/console-certificate.ts';
import { type Api, answer } from './host-api.ts';
import { hostActions } from './host-actions.ts';
import { createLogger } from './logger.ts';
import { openSystem } from './system.ts';
import { packageVersion } from './version.ts';

/** The API in this process, upon the database itself. @throws {StoreError | VaultError} */
export async function openWithoutServer(config: Config): Promise<Api> {
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
    async send(method, path, body, headers = {}) {
      const payload = { headers: { ...headers }, ...(body !== undefined && { payload: body as object }) };
      const reply = await server.inject({ method: method as 'GET', url: path, ...payload });
      return answer(reply.statusCode, reply.payload);
    },
    async close() {
      await server.close();
      await store.close();
    },
  };
}
