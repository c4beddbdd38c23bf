import { PassThrough } from 'node:stream';
import type { FastifyRequest } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { mayRole, type Permission } from '../../service/access/roles.ts';
import type { HubEvent, HubTopic } from '../../service/inventory/event-hub.ts';
import type { ServerEvent } from '../contract/events.ts';
import { toTime } from '../contract/values.ts';
import { SESSION_COOKIE, userOf } from './authorise.ts';
import { RequestError } from './problems.ts';
import type { Services } from './services.ts';

/** How often it is asked whether the sessions of the streams go on. */
const LOOK_MS = 5000;
/** Proxies and the server's own limit end connections on which nothing is said. */
const HEARTBEAT_EVERY = 3;
/** With a name of its own: no change, yet pages hear it, and know a silent connection from a dead one. */
const BEAT = 'event: beat\ndata: still here\n\n';
/** A reader who is behind by more is let go; he comes back, and is told what he missed. */
const MOST_BUFFERED = 64 * 1024;
const MOST_STREAMS = 400;
/** Pages that one person has open. */
const MOST_OF_ONE = 20;
const RETRY_MS = 2000;

/** What not every role may read. */
const GUARDED: Partial<Record<HubTopic, Permission>> = { audit: 'audit:read', users: 'users:write' };

interface EventStream {
  readonly out: PassThrough;
  readonly actor: string;
  readonly isOpen: () => Promise<boolean>;
}

/** Says what changed, as it changes (server-sent events): pages then read it again. */
export const eventRoutes =
  ({ events, sessions, tokens }: Services): FastifyPluginAsyncZod =>
  async (server) => {
    const streams = new Set<EventStream>();
    let beats = 0;
    const look = async (): Promise<void> => {
      beats++;
      for (const { out, isOpen } of streams) {
        if (!(await isOpen().catch(() => true))) out.end();
        else if (beats % HEARTBEAT_EVERY === 0) write(out, BEAT);
      }
    };
    const timer = setInterval(() => void look(), LOOK_MS).unref();
    // Before the server waits for open requests to end.
    server.addHook('preClose', async () => {
      clearInterval(timer);
      for (const { out } of streams) out.end();
    });
    const text = z.string().describe('text/event-stream; each `data:` is JSON {topic, id?, at}');
    const headers = z.object({ 'last-event-id': z.string().max(100).optional() });
    server.get(
      '/events',
      // A question for the headers alone would leave a stream behind that nobody reads.
      { exposeHeadRoute: false, config: { access: 'inventory:read' }, schema: { headers, response: { 200: text } } },
      async (request, reply) => {
        if (!/text\/event-stream|\*\/\*/.test(request.headers.accept ?? '')) {
          throw new RequestError(406, 'not-acceptable', 'This is a stream of events: send Accept: text/event-stream.');
        }
        const own = [...streams].filter(({ actor }) => actor === request.actor).length;
        if (streams.size >= MOST_STREAMS || own >= MOST_OF_ONE) {
          throw new RequestError(503, 'too-many-streams', 'Too many pages listen already; look again later.');
        }
        const out = new PassThrough();
        const stream = { out, actor: request.actor, isOpen: sessionOf(request, { sessions, tokens }) };
        streams.add(stream);
        const may = filterFor(request);
        const tell = (event: HubEvent): void => {
          if (may(event.topic)) write(out, shown(event));
        };
        write(out, `retry: ${RETRY_MS}\nid: ${events.position}\n\n`);
        const position = request.headers['last-event-id'];
        for (const missed of position === undefined ? [] : (events.since(position) ?? [events.all()])) tell(missed);
        const unsubscribe = events.subscribe(tell);
        out.once('close', () => {
          unsubscribe();
          streams.delete(stream);
        });
        return reply
          .type('text/event-stream; charset=utf-8')
          .header('X-Accel-Buffering', 'no')
          .send(out as never);
      },
    );
  };

function write(out: PassThrough, text: string): void {
  if (out.writableEnded || out.destroyed) return;
  if (out.writableLength + out.readableLength > MOST_BUFFERED) out.destroy();
  else out.write(text);
}

function shown({ position, topic, id, at }: HubEvent): string {
  const event: ServerEvent = { topic, ...(id !== undefined && { id }), at: toTime(at) };
  return `id: ${position}\ndata: ${JSON.stringify(event)}\n\n`;
}

function filterFor(request: FastifyRequest): (topic: HubTopic) => boolean {
  // On the host's socket everybody may everything.
  if (request.user === undefined) return () => true;
  const { role } = userOf(request);
  const { scopes } = request;
  return (topic) => {
    const needed = GUARDED[topic];
    return needed === undefined || (mayRole(role, needed) && (scopes === undefined || scopes.includes(needed)));
  };
}

/** Whether whoever opened the stream is still signed in, or his token still good. */
function sessionOf(
  { headers, cookies, scopes, user }: FastifyRequest,
  { sessions, tokens }: Pick<Services, 'sessions' | 'tokens'>,
): () => Promise<boolean> {
  if (user === undefined) return () => Promise.resolve(true);
  const bearer = /^Bearer (\S+)$/i.exec(headers.authorization ?? '')?.[1];
  if (scopes !== undefined && bearer !== undefined) {
    return () =>
      tokens.resolve(bearer).then(
        () => true,
        () => false,
      );
  }
  const cookie = cookies[SESSION_COOKIE] ?? '';
  return () => sessions.isOpen(cookie);
}
