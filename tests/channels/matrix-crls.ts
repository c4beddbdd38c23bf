import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { basename, join } from 'node:path';
import type { Bench } from './bench.ts';

const FILES = ['root.crl', 'issuing.crl'];

/** A CRL server that goes down for one user and stays up for others. */
export class MatrixCrls {
  readonly #folder: string;
  readonly #down = new Set<string>();
  readonly #server = createServer((asked, answer) => {
    const [, user = '', file = ''] = asked.url!.split('/');
    if (this.#down.has(user)) asked.socket.destroy();
    else answer.end(readFileSync(join(this.#folder, basename(file))));
  });

  constructor({ folder }: Bench) {
    this.#folder = folder;
    this.down('nobody');
  }

  async start(): Promise<void> {
    await once(this.#server.listen(0, '127.0.0.1'), 'listening');
  }

  /** Where `user` gets its lists. */
  urls(user: string): string[] {
    const { port } = this.#server.address() as AddressInfo;
    return FILES.map((file) => `http://127.0.0.1:${port}/${user}/${file}`);
  }

  /** Where nobody ever got any. */
  get dead(): string[] {
    return this.urls('nobody');
  }

  down(user: string): void {
    this.#down.add(user);
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}
