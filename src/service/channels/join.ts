import type { Socket } from 'node:net';

/** What went through a joined pair, seen from the first socket. */
export interface Traffic {
  bytesIn: number;
  bytesOut: number;
}

/**
 * Lets bytes flow both ways between two sockets, with back-pressure, until either ends; then both are ended, and
 * `done` is called once. Half-closed connections stay half-closed: the other direction goes on.
 */
export function join(outer: Socket, inner: Socket, done: (traffic: Traffic) => void): { close: () => void } {
  let over = false;
  const finish = (): void => {
    if (over) return;
    over = true;
    const traffic = { bytesIn: outer.bytesRead, bytesOut: outer.bytesWritten };
    outer.destroy();
    inner.destroy();
    done(traffic);
  };
  for (const socket of [outer, inner]) {
    socket.on('error', finish);
    socket.once('close', finish);
  }
  outer.pipe(inner);
  inner.pipe(outer);
  return { close: finish };
}
