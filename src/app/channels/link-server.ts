import { STATUS_CODES, type IncomingMessage, type Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { AccessError } from '../../service/access/access-error.ts';
import { mayRole } from '../../service/access/roles.ts';
import type { Tokens } from '../../service/access/tokens.ts';
import { problemOf } from '../../http/routes/problems.ts';
import type { ChannelLinks, LinkPeer } from './channel-links.ts';
import { LINK_PATH, LINK_PROTOCOL } from './frames.ts';

/** Only what an HTTP and an HTTPS server have in common. */
type Upgrading = Pick<Server, 'on'>;

/** For a refusal to get through; no limit of the HTTP server counts any more for a connection that asked for another protocol. */
const FAREWELL_MS = 1000;

/** Lets processes of this host in: whoever can open the unix socket can read the database beside it. */
export function acceptLocalLinks(server: Upgrading, links: ChannelLinks): void {
  accept(server, links, async () => ({ node: null }));
}

/** Lets processes of other hosts in, each by a token of its own that has the scope `channels:run`. */
export function acceptRemoteLinks(server: Upgrading, links: ChannelLinks, tokens: Tokens): void {
  accept(server, links, async (request) => {
    const secret = /^Bearer (\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
    if (secret === undefined) throw new AccessError('not-signed-in', 'Send a token: Authorization: Bearer …');
    const node = await demandMayRun(tokens, secret);
    return {
      node,
      mayStay: () =>
        demandMayRun(tokens, secret).then(
          () => true,
          // What the database does not answer just now is no revocation.
          (error: unknown) => !(error instanceof AccessError),
        ),
    };
  });
}

/** @returns the name of the token, which is that of the node @throws {AccessError} */
async function demandMayRun(tokens: Tokens, secret: string): Promise<string> {
  const { token, user } = await tokens.resolve(secret);
  if (token.scopes.includes('channels:run') && mayRole(user.role, 'channels:run')) return token.name;
  throw new AccessError('forbidden', `The token ${token.name} does not have the scope channels:run.`);
}

function accept(server: Upgrading, links: ChannelLinks, whoIs: (request: IncomingMessage) => Promise<LinkPeer>): void {
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy());
    if (request.url !== LINK_PATH || request.headers.upgrade?.toLowerCase() !== LINK_PROTOCOL) {
      return refuse(socket, 404, { detail: 'There is nothing to upgrade to here.' });
    }
    whoIs(request).then(
      (peer) => {
        socket.write(`HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ${LINK_PROTOCOL}\r\n\r\n`);
        if (head.length > 0) socket.unshift(head);
        links.accept(socket, peer);
      },
      (error: Error) => {
        const problem = problemOf(error);
        refuse(socket, problem.status, problem);
      },
    );
  });
}

function refuse(socket: Duplex, status: number, problem: object): void {
  const body = JSON.stringify(problem);
  setTimeout(() => socket.destroy(), FAREWELL_MS).unref();
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\nContent-Type: application/problem+json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}
