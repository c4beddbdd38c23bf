import type { Server } from 'node:https';
import type { SecureContextOptions } from 'node:tls';
import cookie from '@fastify/cookie';
import helmet from '@fastify/helmet';
import multipart from '@fastify/multipart';
import rateLimit from '@fastify/rate-limit';
import swagger, { type FastifyDynamicSwaggerOptions as SwaggerOptions } from '@fastify/swagger';
import fastify, { type FastifyBaseLogger, type FastifyInstance } from 'fastify';
import { jsonSchemaTransform, serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod';
import { applianceRoutes } from './appliances.ts';
import { auditRoutes } from './audit.ts';
import { authorise } from './authorise.ts';
import { checkRoutes } from './checks.ts';
import { healthRoutes } from './health.ts';
import { answerWithProblems } from './problems.ts';
import type { Services } from './services.ts';
import { sessionRoutes } from './session.ts';
import { setupRoutes } from './setup.ts';
import { tokenRoutes } from './tokens.ts';
import { uploadRoutes } from './uploads.ts';
import { userRoutes } from './users.ts';

export interface ServerOptions {
  readonly tls: SecureContextOptions;
  readonly services: Services;
  readonly logger: FastifyBaseLogger;
  readonly version: string;
  /** Whether the certificate served comes from a CA: only then may browsers be told to insist on it. */
  readonly hasCaCertificate: () => boolean;
}

/** Three files and a form: the largest bundle that anybody has is far below. */
const BODY_LIMIT = 4 * 1024 * 1024;
const HSTS_SECONDS = 86_400;

/** The HTTPS server with every route, not yet listening. */
export async function buildServer(options: ServerOptions): Promise<FastifyInstance<Server>> {
  const { tls, services, logger } = options;
  const server = fastify({
    https: { ...tls },
    loggerInstance: logger,
    disableRequestLogging: true,
    bodyLimit: BODY_LIMIT,
    // Slow clients: headers, then the whole request, then the next one on the same connection.
    connectionTimeout: 30_000,
    requestTimeout: 30_000,
    keepAliveTimeout: 10_000,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 200 },
  });
  server.server.headersTimeout = 10_000;
  server.server.maxConnections = 1000;
  server.server.on('tlsClientError', (_error, socket) => socket.destroy());
  server.setValidatorCompiler(validatorCompiler);
  server.setSerializerCompiler(serializerCompiler);
  answerWithProblems(server as unknown as FastifyInstance);
  await server.register(helmet, { hsts: false, contentSecurityPolicy: { useDefaults: false, directives: CSP } });
  server.addHook('onSend', async (_request, reply) => {
    if (options.hasCaCertificate()) reply.header('Strict-Transport-Security', `max-age=${HSTS_SECONDS}`);
    if (!reply.hasHeader('Cache-Control')) reply.header('Cache-Control', 'no-store');
  });
  await server.register(cookie);
  await server.register(multipart, { limits: { files: 3, fileSize: 1024 * 1024, fields: 20, fieldSize: 64 * 1024 } });
  await server.register(rateLimit, { max: 600, timeWindow: 60_000 });
  await server.register(swagger, { openapi: openapi(options.version), transform: jsonSchemaTransform });
  authorise(server as unknown as FastifyInstance, services);
  await server.register(healthRoutes(services));
  await server.register(
    async (api) => {
      for (const routes of ROUTES) await api.register(routes(services));
      api.get('/openapi.json', { config: { access: 'public', duringSetup: true }, schema: { hide: true } }, () =>
        server.swagger(),
      );
    },
    { prefix: '/api/v1' },
  );
  return server as unknown as FastifyInstance<Server>;
}

const ROUTES = [
  setupRoutes,
  sessionRoutes,
  userRoutes,
  tokenRoutes,
  auditRoutes,
  checkRoutes,
  applianceRoutes,
  uploadRoutes,
];

const CSP = {
  defaultSrc: ["'none'"],
  baseUri: ["'none'"],
  formAction: ["'self'"],
  frameAncestors: ["'none'"],
};

const openapi = (version: string): NonNullable<SwaggerOptions['openapi']> => ({
  openapi: '3.1.0',
  info: { title: 'Certgate', version, description: 'The certificate gate of on-premises appliance fleets.' },
  components: {
    securitySchemes: {
      token: { type: 'http', scheme: 'bearer' },
      session: { type: 'apiKey', in: 'cookie', name: '__Host-certgate' },
    },
  },
  security: [{ token: [] }, { session: [] }],
});
