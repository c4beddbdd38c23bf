import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { type Config, loadConfig } from '../../src/app/config/config.ts';
import { openSystem, type System } from '../../src/app/system.ts';
import { makeSelfSigned } from '../../src/app/console/self-signed.ts';
import { toPem } from '../../src/making/encode/der.ts';
import { buildServer } from '../../src/http/routes/server.ts';
import type { Role } from '../../src/service/access/roles.ts';

/** The API of a real system in this process, asked without a network. */
export interface InProcess {
  readonly system: System;
  readonly server: FastifyInstance;
  /** The data folder of the server. */
  readonly config: Config;
  close(): Promise<void>;
}

export interface Start {
  readonly webFolder?: string;
  /** Over HTTPS on loopback, for what needs a network. */
  readonly listen?: boolean;
  readonly environment?: Record<string, string>;
  /** What the database holds already when the server is started. */
  readonly prepare?: (system: System) => Promise<void>;
}

export async function startInProcess({
  webFolder,
  prepare,
  environment,
  listen = false,
}: Start = {}): Promise<InProcess> {
  const folder = mkdtempSync(join(tmpdir(), 'certgate-http-'));
  const config = loadConfig({
    environment: { CERTGATE_DATA: join(folder, 'data'), CERTGATE_MASTER_KEY: 'ab'.repeat(32), ...environment },
  });
  const log = pino({ level: 'silent' });
  const system = await openSystem(config, log);
  await prepare?.(system);
  const view = {
    presented: () => ({
      fingerprint: '00',
      origin: 'upload' as const,
      subject: 'CN=console',
      notAfter: Date.now() + 86_400_000,
      fromCa: true,
    }),
    settled: () => Promise.resolve(),
  };
  const server = (await buildServer(
    {
      services: { ...system.services, console: view },
      logger: log as never,
      version: '0.0.0',
      webFolder,
      hstsSeconds: () => 0,
      requestsPerMinute: 100_000,
      requestMs: 30_000,
    },
    listen ? await ownCertificate() : {},
  )) as unknown as FastifyInstance;
  await server.ready();
  system.watch.start(system.services.channelView);
  if (listen) await server.listen({ port: 0, host: '127.0.0.1' });
  return {
    system,
    server,
    config,
    async close() {
      await server.close();
      await system.watch.stop();
      await system.store.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function ownCertificate(): Promise<{ cert: string; key: Buffer }> {
  const { certificates, key } = await makeSelfSigned('localhost', new Date());
  return { cert: certificates, key: Buffer.from(toPem('PRIVATE KEY', key)) };
}

export const PASSWORD = 'correct-horse-battery';

export interface Person {
  readonly cookie: string;
  readonly csrf: string;
}

/** A user of this role, signed in. */
export async function signIn({ system, server }: InProcess, role: Role): Promise<Person> {
  await system.services.users.create({ name: `${role}-user`, password: PASSWORD, role }, 'host');
  const reply = await server.inject({
    method: 'POST',
    url: '/api/v1/session',
    payload: { name: `${role}-user`, password: PASSWORD },
  });
  const cookie = String(reply.headers['set-cookie']).split(';')[0]!;
  return { cookie, csrf: reply.json().csrfToken };
}

export const headersOf = ({ cookie, csrf }: Person): Record<string, string> => ({ cookie, 'x-csrf-token': csrf });
