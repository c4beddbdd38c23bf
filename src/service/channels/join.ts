import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { LargeReads } from './large-reads.ts';

/** What went through a joined pair, as the plain side saw it: without the bytes of TLS and of the link's own line. */
export interface Traffic {
  /** From outside to inside. */
  readonly bytesIn: number;
  readonly bytesOut: number;
}

export interface Joined {
  readonly traffic: () => Traffic;
  readonly close: () => void;
  /** The same, and what the system still holds for either side is thrown away: a block holds for those bytes, too. */
  readonly cut: () => void;
}

/** One direction over and the other silent for so long: whoever is left has gone without saying so. */
const HALF_CLOSED_MS = 300_000;
/** For the last bytes of the one side to get out after the other has gone. */
const LINGER_MS = 30_000;
/** A dead peer is noticed some minutes after this. */
const KEEP_ALIVE_MS = 60_000;

const carriers = new WeakMap<TLSSocket, Socket>();
/** Which TCP connection carries a TLS connection, for `cutOff`. */
export const carriedBy = (socket: TLSSocket, wire: Socket): void => void carriers.set(socket, wire);

/**
 * Ends a TCP connection, and whatever runs on top of it, by a reset: after an ordinary end the system goes on sending
 * what it holds, some megabytes where the reader is slow.
 */
export function cutOff(wire: Socket, above?: Socket): void {
  if (!(wire instanceof TLSSocket)) wire.resetAndDestroy();
  else {
    carriers.get(wire)?.resetAndDestroy();
    wire.destroy();
  }
  above?.destroy();
}

/**
 * Lets bytes flow both ways between two sockets, with back-pressure. A direction that ends leaves the other one open;
 * when both are over, or one fails, both are closed and `done` is called once.
 * @param wire the TCP connection that carries `outer` @param inner must be the plain one
 * @param reads of `inner`, where it reads into buffers of its own
 */
export function join(
  { outer, wire, inner, reads }: { outer: Socket; wire: Socket; inner: Socket; reads?: LargeReads },
  done: (traffic: Traffic) => void,
): Joined {
  let over = false;
  const traffic = (): Traffic => ({ bytesIn: inner.bytesWritten, bytesOut: inner.bytesRead });
  const finish = (): void => {
    if (over) return;
    over = true;
    const total = traffic();
    outer.destroy();
    inner.destroy();
    done(total);
  };
  for (const [socket, other] of [
    [outer, inner],
    [inner, outer],
  ] as const) {
    socket.setKeepAlive(true, KEEP_ALIVE_MS);
    socket.setNoDelay(true);
    socket.on('error', finish);
    socket.once('end', () => {
      for (const each of [outer, inner]) each.setTimeout(HALF_CLOSED_MS, finish);
    });
    socket.once('close', () => {
      const inOrder = socket.readableEnded && socket.writableFinished;
      if (!inOrder || other.destroyed) return finish();
      // All that came was handed on, not all of it need have left.
      setTimeout(finish, LINGER_MS).unref();
    });
  }
  reads?.flow(inner, outer);
  outer.pipe(inner);
  // Where `inner` reads into its own buffers this carries the end alone.
  inner.pipe(outer);
  const cut = (): void => {
    if (over) return;
    over = true;
    const total = traffic();
    // This one first: the end of TLS ends it, too, and in order.
    cutOff(inner);
    cutOff(wire, outer);
    done(total);
  };
  return { traffic, close: finish, cut };
}
