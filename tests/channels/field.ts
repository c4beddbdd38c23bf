import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { PROGRAM } from '../cli/program.ts';
import type { ChannelIdentity } from '../../src/service/channels/channel-context.ts';
import { type Bench, pemKey } from './bench.ts';

/** Channel processes as an operator runs them, fed from files, and what stands around them. */

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** Stands in a connection and counts what passes, byte by byte, without looking into it. */
export class Tap {
  readonly at: Address;
  /** Whom new connections lead to. */
  upstream: Address | undefined;
  connections = 0;
  /** From whoever dials the tap. */
  forth = 0;
  back = 0;
  /** When the first byte came from whoever dialled, milliseconds. */
  first: number | undefined;
  #held: Promise<void> | undefined;
  #release = (): void => undefined;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(server: Server, upstream: Address | undefined) {
    this.#server = server;
    this.upstream = upstream;
    this.at = { host: '127.0.0.1', port: (server.address() as AddressInfo).port };
    server.on('connection', (dialling: Socket) => this.#join(dialling));
  }

  static async start(upstream?: Address): Promise<Tap> {
    const server = createServer({ allowHalfOpen: true, noDelay: true });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    return new Tap(server, upstream);
  }

  #join(dialling: Socket): void {
    this.connections++;
    if (this.upstream === undefined) return void dialling.destroy();
    const dialled = connect({ ...this.upstream, allowHalfOpen: true, noDelay: true });
    dialling.on('data', (bytes: Buffer) => {
      this.first ??= Date.now();
      this.forth += bytes.length;
    });
    dialling.pipe(dialled);
    const answer = (): void => void dialled.on('data', (bytes: Buffer) => (this.back += bytes.length)).pipe(dialling);
    if (this.#held === undefined) answer();
    else void this.#held.then(answer);
    for (const [socket, other] of [
      [dialling, dialled],
      [dialled, dialling],
    ] as const) {
      this.#sockets.add(socket);
      socket.on('error', () => other.destroy()).once('close', () => this.#sockets.delete(socket));
      socket.once('close', () => other.end());
    }
  }

  /** New connections get no answer until they are let go on: a handshake that stands still before its verdict. */
  hold(): void {
    this.#held = new Promise((resolve) => (this.#release = resolve));
  }

  release(): void {
    this.#held = undefined;
    this.#release();
  }

  stop(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }
}

export interface LogLine {
  readonly event: string;
  readonly channel: string;
  readonly time: string;
  readonly reason?: string;
  // eslint-disable-next-line typescript/no-explicit-any
  readonly [field: string]: any;
}

/** What a cell's channel is: a folder of its own with certificate, anchors and CRLs, and lines of the configuration. */
export interface CellChannel {
  readonly id: string;
  readonly kind: 'console' | 'ha-listener' | 'ha-connector' | 'partner';
  readonly target: Address;
  /** Undefined: a partner channel that shows none. */
  readonly identity?: ChannelIdentity;
  /** URLs; default: files of its own. */
  readonly crls?: readonly string[];
  /** Further lines of YAML, `key: value`. */
  readonly more?: readonly string[];
}

/** One `certgate channel run`. */
export class ChannelRun {
  readonly folder = mkdtempSync(join(tmpdir(), 'certgate-field-'));
  readonly lines: LogLine[] = [];
  readonly #bench: Bench;
  readonly #waiting = new Set<() => void>();
  readonly #channels: string[] = [];
  #child: ChildProcess | undefined;

  constructor(bench: Bench) {
    this.#bench = bench;
  }

  add({ id, kind, target, identity, crls, more = [] }: CellChannel): void {
    mkdirSync(join(this.folder, id));
    this.put(id, 'root.crt');
    for (const name of ['root.crl', 'issuing.crl'] as const) this.put(id, name);
    if (identity !== undefined) {
      this.show(id, identity);
      writeFileSync(join(this.folder, id, 'end.key'), pemKey(identity), { mode: 0o600 });
    }
    const lists = crls?.map((url) => `"${url}"`) ?? [`${id}/root.crl`, `${id}/issuing.crl`];
    const settings = [
      `kind: ${kind}`,
      'listen: 127.0.0.1:0',
      `target: ${target.host}:${target.port}`,
      ...(identity === undefined ? [] : [`certificate: ${id}/end.crt`, `key: ${id}/end.key`]),
      `anchors: [${id}/root.crt]`,
      'crl: on',
      `crls: [${lists.join(', ')}]`,
      ...more,
    ];
    this.#channels.push([`  - id: ${id}`, ...settings.map((line) => `    ${line}`)].join('\n'));
  }

  async start(): Promise<void> {
    const config = join(this.folder, 'channels.yaml');
    writeFileSync(config, `channels:\n${this.#channels.join('\n')}\n`);
    const stdio = ['ignore', 'pipe', 'inherit'] as const;
    this.#child = spawn(process.execPath, [PROGRAM, 'channel', 'run', config], { stdio: [...stdio] });
    createInterface(this.#child.stdout!).on('line', (line) => {
      this.lines.push(JSON.parse(line));
      for (const wake of this.#waiting) wake();
    });
    while (this.lines.filter(({ event }) => event === 'listening').length < this.#channels.length) await this.#more();
  }

  #more(): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        this.#waiting.delete(wake);
        resolve();
      };
      this.#waiting.add(wake);
    });
  }

  /** The lines of one channel's log so far. */
  of(id: string, event?: string): LogLine[] {
    return this.lines.filter((line) => line.channel === id && (event === undefined || line.event === event));
  }

  /** The `nth` line of that kind of a channel's log that `holds`, once it is there. */
  async line(id: string, event: string, holds: (line: LogLine) => boolean = () => true, nth = 1): Promise<LogLine> {
    for (;;) {
      const found = this.of(id, event).filter(holds)[nth - 1];
      if (found !== undefined) return found;
      await this.#more();
    }
  }

  at(id: string): Address {
    return this.of(id, 'listening')[0]!['at'];
  }

  /** Gives a channel what the CA says now, or another CA's file. */
  put(id: string, name: 'root.crt' | 'root.crl' | 'issuing.crl', from = this.#bench): void {
    const path = join(this.folder, id, name);
    copyFileSync(join(from.folder, name), `${path}.new`);
    renameSync(`${path}.new`, path);
  }

  /** Another certificate for the same key. */
  show(id: string, { tls }: ChannelIdentity): void {
    const path = join(this.folder, id, 'end.crt');
    writeFileSync(`${path}.new`, tls.certificates);
    renameSync(`${path}.new`, path);
  }

  async stop(): Promise<void> {
    const child = this.#child;
    if (child !== undefined && child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    rmSync(this.folder, { recursive: true, force: true });
  }
}
