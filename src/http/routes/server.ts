import type { Server } from 'node:https';
import type { SecureContextOptions } from 'node:tls';
import cookie from '@fastify/cookie';
import helmet from '@fastify/helmet';
import multipart from '@fastify/multipart';
import rateLimit from '@fastify/rate-limit';
import swagger from '@fastify/swagger';
import fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify';
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod';
import { anchorRoutes } from './anchors.ts';
import { applianceRoutes } from './appliances.ts';
import { auditRoutes } from './audit.ts';
import { authorise } from './authorise.ts';
import { channelRoutes, channelStateRoutes, overrideListRoutes, overrideRoutes } from './channels.ts';
import { checkRoutes } from './checks.ts';
import { compressAnswers } from './compress.ts';
import { consoleRoutes } from './console.ts';
import { crlPointRoutes } from './crl-points.ts';
import { crlRoutes } from './crls.ts';
import { csrRoutes } from './csrs.ts';
import { eventRoutes } from './events.ts';
import { exportRoutes } from './exports.ts';
import { fleetListRoutes } from './fleet-list.ts';
import { fleetRoutes } from './fleet.ts';
import { healthRoutes } from './health.ts';
import { hostRoutes } from './host.ts';
import { identityRoutes } from './identities.ts';
import { openapiOptions } from './openapi.ts';
import { overviewRoutes } from './overview.ts';
import { pageRoutes } from './page.ts';
import { partnerRoutes } from './partners.ts';
import { answerWithProblems } from './problems.ts';
import type { Services } from './services.ts';
import { sessionRoutes } from './session.ts';
import { settingsRoutes } from './settings.ts';
import { setupRoutes } from './setup.ts';
import { standingRoutes } from './standing.ts';
import { tokenRoutes } from './tokens.ts';
import { uploadHistoryRoutes } from './upload-history.ts';
import { uploadRoutes } from './uploads.ts';
import { userRoutes } from './users.ts';
import { WebFiles } from './web-files.ts';

export interface ServerOptions {
  readonly services: Services;
  readonly logger: FastifyBaseLogger;
  readonly version: string;
  /** For how many seconds browsers are told to insist on HTTPS; 0 where they are not, e.g. under a self-signed certificate. */
  readonly hstsSeconds: () => number;
  readonly requestsPerMinute: number;
  /** How long a request may take to arrive, in milliseconds. */
  readonly requestMs: number;
  /** Where the built console lies; absent: a plain page stands in. */
  readonly webFolder?: string | undefined;
  /** Of every answer, for statistics. */
  readonly onAnswer?: (answer: { method: string; route: string; status: number; seconds: number }) => void;
}

/** Three files and a form: the largest bundle that anybody has is far below. */
const BODY_LIMIT = 4 * 1024 * 1024;
const FILE_LIMIT = 1024 * 1024;

const CONNECTIONS = 1000;

// Slow clients: a request, body and all, has its time; handshake, headers and the pause between two requests a third.
const limits = (options: ServerOptions) => ({
  connectionTimeout: options.requestMs,
  requestTimeout: options.requestMs,
  keepAliveTimeout: Math.ceil(options.requestMs / 3),
  // At the end idle connections are closed, and requests finished.
  forceCloseConnections: 'idle' as const,
  loggerInstance: options.logger,
  logController: new LogController({ disableRequestLogging: true }),
  bodyLimit: BODY_LIMIT,
  routerOptions: { maxParamLength: 200 },
});

/** The HTTPS server with every route, not yet listening. */
export async function buildServer(options: ServerOptions, tls: SecureContextOptions): Promise<FastifyInstance<Server>> {
  const third = Math.ceil(options.requestMs / 3);
  // Node looks for slow clients every half minute unless told otherwise.
  const https = { ...tls, handshakeTimeout: third, connectionsCheckingInterval: Math.min(third, 5000) };
  const server = fastify({ ...limits(options), https });
  server.server.headersTimeout = third;
  server.server.maxConnections = CONNECTIONS;
  server.server.on('tlsClientError', (_error, socket) => socket.destroy());
  const plain = server as unknown as FastifyInstance;
  await plain.register(rateLimit, { max: options.requestsPerMinute, timeWindow: 60_000 });
  await furnish(plain, options);
  return server as unknown as FastifyInstance<Server>;
}

/** The same for the host's own commands: over a unix socket, or without any. Nobody is asked who he is. */
export async function buildHostServer(options: ServerOptions): Promise<FastifyInstance> {
  const server = fastify(limits(options)) as unknown as FastifyInstance;
  await furnish(server, options);
  return server;
}

async function furnish(server: FastifyInstance, options: ServerOptions): Promise<void> {
  const { services, webFolder } = options;
  server.setValidatorCompiler(validatorCompiler);
  server.setSerializerCompiler(serializerCompiler);
  answerWithProblems(server);
  await server.register(helmet, { hsts: false, contentSecurityPolicy: { useDefaults: false, directives: CSP } });
  server.addHook('onSend', async (_request, reply) => {
    const seconds = options.hstsSeconds();
    if (seconds > 0) reply.header('Strict-Transport-Security', `max-age=${seconds}`);
    if (!reply.hasHeader('Cache-Control')) reply.header('Cache-Control', 'no-store');
  });
  compressAnswers(server);
  logAnswers(server, options);
  await server.register(cookie);
  await server.register(multipart, { limits: { files: 3, fileSize: FILE_LIMIT, fields: 20, fieldSize: 64 * 1024 } });
  await server.register(swagger, openapiOptions(options.version));
  authorise(server, services);
  await server.register(healthRoutes(services));
  await server.register(pageRoutes(services, webFolder === undefined ? undefined : new WebFiles(webFolder)));
  await server.register(
    async (api) => {
      for (const routes of services.host === undefined ? [...ROUTES, ...OF_PEOPLE] : ROUTES) {
        await api.register(routes(services));
      }
      if (services.host !== undefined) await api.register(hostRoutes(services.host));
      api.get('/openapi.json', { config: OPEN_AND_LONG, schema: { hide: true } }, () => server.swagger());
    },
    { prefix: '/api/v1' },
  );
}

function logAnswers(server: FastifyInstance, { onAnswer }: ServerOptions): void {
  server.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'none';
    const { method, actor, ip } = request;
    const { statusCode: status, elapsedTime } = reply;
    onAnswer?.({ method, route, status, seconds: elapsedTime / 1000 });
    // The route, not the address: nothing that somebody typed gets into the log.
    request.log.info({ method, route, status, actor, ip, ms: Math.round(elapsedTime) }, 'request');
  });
}

const ROUTES = [
  userRoutes,
  auditRoutes,
  checkRoutes,
  applianceRoutes,
  uploadRoutes,
  uploadHistoryRoutes,
  identityRoutes,
  csrRoutes,
  exportRoutes,
  fleetRoutes,
  fleetListRoutes,
  standingRoutes,
  overviewRoutes,
  eventRoutes,
  partnerRoutes,
  settingsRoutes,
  anchorRoutes,
  crlRoutes,
  crlPointRoutes,
  consoleRoutes,
  channelRoutes,
  channelStateRoutes,
  overrideListRoutes,
];

/** What needs a person, and on the host makes no sense. */
const OF_PEOPLE = [setupRoutes, sessionRoutes, tokenRoutes, overrideRoutes];

const OPEN_AND_LONG = { access: 'public', duringSetup: true, compress: true } as const;

const CSP = {
  defaultSrc: ["'none'"],
  baseUri: ["'none'"],
  formAction: ["'self'"],
  frameAncestors: ["'none'"],
};
