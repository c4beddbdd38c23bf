import { request } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { LINK_PATH, LINK_PROTOCOL } from './frames.ts';

/** The server cannot be reached, or does not let this process in. */
export class LinkError extends Error {
  override readonly name = 'LinkError';
}

const PATIENCE_MS = 10_000;

/**
 * Asks a server for the feed.
 * @param to its unix socket, which only its owner can open, or a verified TLS connection and a token
 * @throws {LinkError}
 */
export function openLink(
  to: { socketPath: string } | { socket: Socket; host: string; token: string },
): Promise<Duplex> {
  const where = 'socketPath' in to ? to.socketPath : to.host;
  return new Promise((resolve, reject) => {
    const fail = (message: string): void => reject(new LinkError(message));
    const asked = request({
      path: LINK_PATH,
      method: 'GET',
      timeout: PATIENCE_MS,
      ...('socketPath' in to ? { socketPath: to.socketPath } : { createConnection: () => to.socket, host: to.host }),
      headers: {
        Connection: 'Upgrade',
        Upgrade: LINK_PROTOCOL,
        ...('token' in to && { Authorization: `Bearer ${to.token}` }),
      },
    });
    asked.on('upgrade', (_response, socket, head) => {
      socket.setTimeout(0);
      if (head.length > 0) socket.unshift(head);
      resolve(socket);
    });
    asked.on('response', (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => (text = (text + part).slice(0, 4096)));
      response.on('end', () => {
        asked.destroy();
        fail(`${where} answers ${response.statusCode}: ${detailOf(text)}`);
      });
    });
    asked.on('timeout', () => asked.destroy(new Error('it does not answer')));
    asked.on('error', (error: NodeJS.ErrnoException) => fail(`${where} cannot be reached: ${reasonOf(error)}`));
    asked.end();
  });
}

const reasonOf = ({ code, message }: NodeJS.ErrnoException): string =>
  code === 'ENOENT' || code === 'ECONNREFUSED' ? 'certgate serve does not run there' : message;

function detailOf(text: string): string {
  try {
    return (JSON.parse(text) as { detail?: string }).detail ?? text;
  } catch {
    return text.slice(0, 200);
  }
}
