import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect as connectTls, createServer as createTlsServer, type Server as TlsServer } from 'node:tls';
import type { ChannelIdentity } from '../../src/service/channels/channel-context.ts';
import { type Bench, dialPlain, pemKey } from './bench.ts';
import { type Address, ChannelRun, Tap } from './field.ts';

export type RigKind = 'console' | 'console-http' | 'ha' | 'partner';

const NAMES = { console: 'sensor.contoso.com', 'console-http': 'sensor.contoso.com', ha: 'ha.contoso.com' };
const PARTNER = 'siem.contoso.com';
const UPGRADE = 'GET /ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n';
const UPGRADED = 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n';

/** One channel of one kind between two ends of ours, with a tap before and behind it. */
export class ByteRig {
  readonly kind: RigKind;
  /** The process whose verdict counts. */
  readonly run: ChannelRun;
  /** Before and behind the channel: where TLS is, and where it is not. */
  outside!: Tap;
  inside!: Tap;
  readonly #bench: Bench;
  readonly #dialling: ChannelRun | undefined;
  #server!: Server;
  readonly #accepted: Socket[] = [];
  #wake: () => void = () => undefined;

  constructor(bench: Bench, kind: RigKind) {
    this.#bench = bench;
    this.kind = kind;
    this.run = new ChannelRun(bench);
    if (kind === 'ha') this.#dialling = new ChannelRun(bench);
  }

  /** @param doomed what the end shows that is to be blocked @param taps whether they stand in between */
  async start(doomed: ChannelIdentity, taps = true): Promise<void> {
    const { kind, run } = this;
    const behind = await this.#serve(kind === 'partner' ? doomed : undefined);
    const tap = await Tap.start(behind);
    const target = taps ? tap.at : behind;
    this.dials = target;
    if (kind === 'partner') {
      this.outside = tap;
      run.add({ id: 'link', kind, target, more: [`serverName: ${PARTNER}`] });
      await run.start();
      this.inside = await Tap.start(run.at('link'));
    } else {
      this.inside = tap;
      const more = kind === 'console-http' ? ['http: true'] : [];
      const identity = kind === 'ha' ? await this.#bench.identity(NAMES.ha) : doomed;
      run.add({ id: 'link', kind: kind === 'ha' ? 'ha-listener' : 'console', target, identity, more });
      await run.start();
      this.outside = await Tap.start(run.at('link'));
    }
    this.listens = run.at('link');
    this.#entry = taps ? (kind === 'partner' ? this.inside.at : this.outside.at) : this.listens;
    if (this.#dialling === undefined) return;
    // The verdict that counts is the listening end's; this one would halt itself in the same moment.
    const more = [`serverName: ${NAMES.ha}`, 'observe: true'];
    this.#dialling.add({ id: 'link', kind: 'ha-connector', target: this.#entry, identity: doomed, more });
    await this.#dialling.start();
  }
  listens!: Address;
  dials!: Address;
  #entry!: Address;

  /** Another certificate in place of the one that was to be blocked. */
  async show(identity: ChannelIdentity): Promise<void> {
    if (this.kind === 'partner') {
      const options = { cert: identity.tls.certificates, key: pemKey(identity) };
      return (this.#server as TlsServer).setSecureContext(options);
    }
    const run = this.#dialling ?? this.run;
    run.show('link', identity);
    await run.line('link', 'reloaded', ({ what }) => what === 'certificate', ++this.#shown);
  }
  #shown = 0;

  /** What stands at the far end, and keeps whoever comes. */
  async #serve(identity: ChannelIdentity | undefined): Promise<Address> {
    const take = (socket: Socket): void => {
      socket.on('error', () => undefined);
      this.#accepted.push(socket);
      this.#wake();
    };
    if (this.kind === 'console-http') {
      const server = createHttpServer();
      server.on('upgrade', (_asked, socket: Socket) => {
        socket.write(UPGRADED);
        take(socket);
      });
      this.#server = server;
    } else if (identity !== undefined) {
      const server: TlsServer = createTlsServer({ cert: identity.tls.certificates, key: pemKey(identity) }, take);
      this.#server = server;
    } else this.#server = createServer(take);
    await once(this.#server.listen(0, '127.0.0.1'), 'listening');
    return { host: '127.0.0.1', port: (this.#server.address() as AddressInfo).port };
  }

  /** Somebody who comes to the channel from the near side, whether or not he will be let in. */
  async dial(options: object = {}): Promise<Socket> {
    if (this.#dialling !== undefined) return dialPlain(this.#dialling.at('link'));
    if (this.kind === 'partner') return dialPlain(this.#entry);
    const ca = readFileSync(join(this.#bench.folder, 'root.crt'));
    const socket = connectTls({ ...this.#entry, servername: NAMES[this.kind as 'console'], ca, ...options });
    socket.on('error', () => undefined);
    await once(socket, 'secureConnect');
    if (this.kind === 'console') return socket;
    socket.write(UPGRADE);
    for (let head = ''; !head.endsWith('\r\n\r\n');) {
      await once(socket, 'readable');
      for (let byte = socket.read(1); byte !== null && !head.endsWith('\r\n\r\n'); byte = socket.read(1)) head += byte;
    }
    return socket;
  }

  /** The next that came to the far end. */
  async accepted(): Promise<Socket> {
    while (this.#accepted.length === 0) await new Promise<void>((resolve) => (this.#wake = resolve));
    return this.#accepted.shift()!;
  }

  async stop(): Promise<void> {
    await Promise.all([this.run.stop(), this.#dialling?.stop()]);
    this.outside?.stop();
    this.inside?.stop();
    this.#server?.close();
  }
}

/** The name in the certificate that is to be blocked. */
export const doomedName = (kind: RigKind): string =>
  kind === 'partner' ? PARTNER : kind === 'ha' ? 'sensor.contoso.com' : NAMES[kind];
