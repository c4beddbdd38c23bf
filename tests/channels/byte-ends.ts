import { existsSync, readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import type { Address } from './field.ts';

const RECORD = 1024;
const PUSH_EVERY_MS = 5;

/** An end that sends all the time, each kilobyte with the moment at which it was sent, and notes what it gets. */
export class ByteEnd {
  readonly socket: Socket;
  sent = 0;
  received = 0;
  /** Of what it got: when the newest of it was sent, milliseconds. */
  newest = 0;
  readonly #pushing: NodeJS.Timeout;

  /** @param before bytes that come first and are no records */
  constructor(socket: Socket) {
    this.socket = socket;
    socket.on('error', () => undefined);
    socket.on('data', (bytes: Buffer) => this.#take(bytes));
    this.#pushing = setInterval(() => this.#push(), PUSH_EVERY_MS);
    socket.once('close', () => clearInterval(this.#pushing));
  }

  #push(): void {
    // What waits is enough.
    if (this.socket.writableNeedDrain || !this.socket.writable) return;
    const bytes = Buffer.alloc(64 * RECORD);
    for (let at = 0; at < bytes.length; at += RECORD) bytes.writeDoubleBE(Date.now(), at);
    this.socket.write(bytes);
    this.sent += bytes.length;
  }

  #take(bytes: Buffer): void {
    // Of a record whose stamp is cut in two the next has the same.
    for (let at = (RECORD - (this.received % RECORD)) % RECORD; at + 8 <= bytes.length; at += RECORD)
      this.newest = Math.max(this.newest, bytes.readDoubleBE(at));
    this.received += bytes.length;
  }
}

export const canSeeQueues = existsSync('/proc/net/tcp');

/** Bytes that the system still holds to send on connections of a channel that listens and dials there. */
export function stillToSend({ listens, dials }: { listens: Address; dials: Address }): number {
  const rows = readFileSync('/proc/net/tcp', 'utf8').trim().split('\n').slice(1);
  let bytes = 0;
  for (const row of rows) {
    // proc_net_tcp(5): sl local_address rem_address st tx_queue:rx_queue, all hexadecimal
    const [, local = '', remote = '', , queues = ''] = row.trim().split(/\s+/);
    const port = (address: string): number => Number.parseInt(address.split(':')[1]!, 16);
    if (port(local) !== listens.port && port(remote) !== dials.port) continue;
    bytes += Number.parseInt(queues.split(':')[0]!, 16);
  }
  return bytes;
}
