import { chmodSync, existsSync, rmSync } from 'node:fs';
import { connect, type ListenOptions, type Server } from 'node:net';

/** A listener could not be opened; the message says what stands in its way. */
export class ListenError extends Error {
  override readonly name = 'ListenError';
}

/** @throws {ListenError} */
export function listenOn(server: Server, options: ListenOptions, what: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (error: NodeJS.ErrnoException): void =>
      reject(new ListenError(`${what}: ${reasonOf(error, options)}`));
    server.once('error', fail);
    server.listen(options, () => {
      server.off('error', fail);
      resolve();
    });
  });
}

function reasonOf({ code, message }: NodeJS.ErrnoException, { port }: ListenOptions): string {
  if (code === 'EADDRINUSE') return `port ${port} is in use by another program. Choose another, or stop that one.`;
  if (code === 'EACCES')
    return `this user may not open port ${port}. Ports below 1024 need a privilege; 8443 does not.`;
  if (code === 'EADDRNOTAVAIL') return 'this host has no such address.';
  return `${message}.`;
}

/** A unix socket that only its owner can open. One that a dead process left is taken over. @throws {ListenError} */
export async function listenOnSocket(server: Server, path: string): Promise<void> {
  if (Buffer.byteLength(path) > 107) {
    throw new ListenError(
      `The path of the unix socket is too long for this system (107 bytes): ${path}. Set the key socket.`,
    );
  }
  await demandSocketFree(path);
  rmSync(path, { force: true });
  await listenOn(server, { path }, 'The unix socket');
  chmodSync(path, 0o600);
}

/** @throws {ListenError} where a server answers there */
export async function demandSocketFree(path: string): Promise<void> {
  if (!existsSync(path) || !(await answers(path))) return;
  throw new ListenError(`Another certgate serve runs with this data folder: it answers at ${path}. Stop it first.`);
}

export const answers = (path: string): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ path });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
