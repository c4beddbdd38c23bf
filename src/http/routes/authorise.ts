import type { FastifyInstance, FastifyRequest } from 'fastify';
import { AccessError } from '../../service/access/access-error.ts';
import { mayRole, type Permission } from '../../service/access/roles.ts';
import type { User } from '../../service/access/users.ts';
import type { Services } from './services.ts';

/**
 * `public`: for everybody; `signed-in`: whoever has proved who he is; `session`: the same, and not by a token, which must
 * never make itself more; else exactly this permission.
 */
export type Access = Permission | 'public' | 'signed-in' | 'session';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Who may; a route that does not say is open to nobody. */
    access?: Access;
    /** Answers before there is an administrator, too. */
    duringSetup?: boolean;
    /** Takes the files and fields of a bundle, as multipart/form-data or JSON. */
    form?: 'upload' | 'check';
  }
  interface FastifyInstance {
    /** Every route there is, as `GET /path`, and who may use it. */
    accessList: ReadonlyMap<string, Access>;
  }
  interface FastifyRequest {
    /** Of every route whose access is not `public`. */
    user?: User;
    /** Of the token that asks; a browser's session may all that its user may. */
    scopes?: readonly Permission[] | undefined;
    /** As the audit log calls whoever asks. */
    actor: string;
  }
}

export const SESSION_COOKIE = '__Host-certgate';
const CSRF_HEADER = 'x-csrf-token';
const READING = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Decides before any handler runs, and before a body is read. */
export function authorise(server: FastifyInstance, services: Services): void {
  server.decorateRequest('actor', 'nobody');
  server.decorate('accessList', listAccess(server));
  if (services.host !== undefined) {
    // Whoever can open the socket can read the database beside it.
    server.addHook('onRequest', async (request) => void (request.actor = 'host'));
    return;
  }
  server.addHook('onRequest', async (request) => {
    const { access, duringSetup } = request.routeOptions.config;
    if (request.is404) return;
    if (duringSetup !== true && !(await services.setup.isDone())) {
      throw new AccessError(
        'setup-needed',
        'There is no administrator yet: use the set-up link that the host showed at its first start. For a new one, on the host: certgate setup-link',
      );
    }
    if (access === 'public') return;
    const { user, scopes, actor } = await whoAsks(request, services);
    request.user = user;
    request.scopes = scopes;
    request.actor = actor;
    if (access === 'signed-in') return;
    if (access === 'session') {
      if (scopes === undefined) return;
      throw new AccessError(
        'forbidden',
        'A token cannot do this, whatever its scopes: sign in with name and password.',
      );
    }
    const may = access !== undefined && mayRole(user.role, access) && (scopes === undefined || scopes.includes(access));
    if (!may)
      throw new AccessError(
        'forbidden',
        `This needs the permission ${access ?? 'nobody has'}, which ${actor} does not have.`,
      );
  });
}

/** @throws {TypeError} while the server is built, for a route that does not say who may use it */
function listAccess(server: FastifyInstance): ReadonlyMap<string, Access> {
  const list = new Map<string, Access>();
  server.addHook('onRoute', ({ method, url, config }) => {
    const access = (config as { access?: Access } | undefined)?.access;
    if (access === undefined) throw new TypeError(`the route ${String(method)} ${url} does not say who may use it`);
    for (const one of [method].flat()) list.set(`${one} ${url}`, access);
  });
  return list;
}

interface Asking {
  readonly user: User;
  /** Of a token; a browser's session may all that its user may. */
  readonly scopes: readonly Permission[] | undefined;
  readonly actor: string;
}

async function whoAsks(request: FastifyRequest, { sessions, tokens }: Services): Promise<Asking> {
  const bearer = /^Bearer (\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
  if (bearer !== undefined) {
    const { token, user } = await tokens.resolve(bearer);
    return { user, scopes: token.scopes, actor: `${user.name} (token ${token.name})` };
  }
  const cookie = request.cookies[SESSION_COOKIE];
  if (cookie === undefined)
    throw new AccessError('not-signed-in', 'Sign in first, or send a token: Authorization: Bearer …');
  const header = request.headers[CSRF_HEADER];
  const changes = !READING.has(request.method);
  const user = await sessions.resume(
    cookie,
    changes ? { csrfToken: Array.isArray(header) ? header[0] : header } : undefined,
  );
  return { user, scopes: undefined, actor: user.name };
}

/** Of a route that is not public. */
export function userOf(request: FastifyRequest): User {
  if (request.user === undefined) throw new AccessError('not-signed-in', 'Sign in first.');
  return request.user;
}
