import { once } from 'node:events';
import { connect as connectTcp, createServer as createTcpServer, type AddressInfo, type Socket } from 'node:net';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import { swapIdentity } from '../../platform/tls/hot-swap.ts';
import { peerChain } from '../../platform/tls/peer-chain.ts';
import { serverOptions } from '../../platform/tls/server-options.ts';
import { ACCEPTED, refusalLine } from './acceptance.ts';
import type { ChannelContext, ChannelIdentity } from './channel-context.ts';
import { ChannelCore, nameOf } from './channel-core.ts';
import type { Address, ConsoleSettings, HaSettings } from './channel-settings.ts';
import { HttpFront } from './http-front.ts';
import { cutOff } from './join.ts';
import { LargeReads } from './large-reads.ts';
import { TlsTarget } from './tls-target.ts';

/** Ours is the only verdict on clients: OpenSSL needs no authorities, and would load those of the public web. */
const NO_AUTHORITIES: readonly string[] = [];

const CLIENT = { purpose: 'client' } as const;

/** TLS outside, the service itself inside: in front of an appliance's console, and the listening half of an HA link. */
export class ListeningChannel {
  readonly core: ChannelCore;
  readonly #mutual: boolean;
  // A swap changes what the TLS server presents; the TCP server in front of it turns away whom no handshake is due.
  readonly #front = createTcpServer({ allowHalfOpen: true, noDelay: true }, (socket) => this.#receive(socket));
  #tls: Server | undefined;
  #presented: ChannelIdentity | undefined;
  /** By `address:port`, until they carry data or are gone. */
  readonly #waiting = new Map<string, Socket>();
  readonly #http: HttpFront | undefined;
  readonly #target: TlsTarget | undefined;

  constructor(settings: ConsoleSettings | HaSettings, context: ChannelContext) {
    this.#mutual = settings.kind !== 'console';
    if (settings.kind === 'console' && settings.http === true) this.#http = new HttpFront(settings.target);
    this.core = new ChannelCore(settings, context, {
      dials: false,
      ...(this.#mutual && { expectation: CLIENT }),
    });
    if (settings.kind === 'console' && settings.targetTls !== undefined) {
      this.#target = this.core.target = new TlsTarget(this.core);
    }
  }

  /** @throws where there is no identity to show, it cannot be loaded, or the address is taken */
  async start(): Promise<Address> {
    const { settings, context, limits } = this.core;
    const identity = context.identity.current();
    if (identity === undefined) throw new Error(`Channel ${settings.id} has no certificate to show.`);
    const server = createServer({
      ...serverOptions(identity.tls, NO_AUTHORITIES),
      handshakeTimeout: limits.handshakeMs,
      // We judge; OpenSSL's own judgement would end the connection without saying why.
      requestCert: this.#mutual,
      rejectUnauthorized: false,
    });
    this.#tls = server;
    this.#presented = identity;
    // Node reports a handshake that failed or took too long, and leaves the socket open.
    server.on('tlsClientError', (error: NodeJS.ErrnoException & { reason?: string }, socket: TLSSocket) => {
      const late = error.code === 'ERR_TLS_HANDSHAKE_TIMEOUT';
      const problem = error.reason ?? error.message;
      this.core.refuse(socket, late ? 'handshake-timeout' : 'handshake', { problem });
    });
    server.on('secureConnection', (socket: TLSSocket) => this.#admit(socket));
    this.core.judgeOwn();
    this.#front.listen(settings.listen.port, settings.listen.host);
    await once(this.#front, 'listening');
    const { address, port } = this.#front.address() as AddressInfo;
    return { host: address, port };
  }

  #receive(socket: Socket): void {
    if (!this.core.mayTry(socket)) return;
    const name = nameOf(socket);
    this.#waiting.set(name, socket);
    socket.once('close', () => this.#waiting.delete(name));
    this.#tls!.emit('connection', socket);
  }

  #admit(socket: TLSSocket): void {
    socket.on('error', () => socket.destroy());
    const { core } = this;
    const peer = nameOf(socket);
    // Trust may have changed since the TCP connection came.
    if (core.halted) {
      const overlookable = core.own?.overlookable ?? [];
      return core.refuse(socket, 'own-certificate', { findings: core.ownFindings, overlookable });
    }
    const chain = this.#mutual ? peerChain(socket) : [];
    const { admitted, findings, fingerprint, overlookable } = core.admitPeer(chain);
    if (!admitted) {
      const farewell = refusalLine(findings);
      return core.refuse(socket, 'peer-certificate', { findings, fingerprint, overlookable, chain, farewell });
    }
    const wire = this.#waiting.get(peer);
    // Gone meanwhile.
    if (wire === undefined) return void socket.destroy();
    if (this.#http !== undefined) return this.#serve(this.#http, { socket, wire, peer });
    if (this.#target !== undefined) return this.#carryToTls(this.#target, { socket, wire, peer });
    const reads = new LargeReads();
    const inner = connectTcp({ ...core.settings.target, allowHalfOpen: true, onread: reads.onread });
    const unreachable = (error: Error): void => {
      clearTimeout(timer);
      inner.destroy();
      if (!socket.destroyed) core.refuse(socket, 'target-unreachable', { problem: error.message, fingerprint }, peer);
    };
    const timer = setTimeout(() => unreachable(new Error('it did not answer in time')), core.limits.handshakeMs);
    inner.on('error', unreachable);
    socket.once('close', () => inner.destroy());
    inner.once('close', () => clearTimeout(timer));
    inner.once('connect', () => {
      clearTimeout(timer);
      inner.off('error', unreachable);
      inner.on('error', () => inner.destroy());
      if (socket.destroyed) return void inner.destroy();
      this.#carry({ outer: socket, wire, inner, reads, peer, chain });
    });
  }

  #serve(http: HttpFront, { socket, wire, peer }: { socket: TLSSocket; wire: Socket; peer: string }): void {
    const address = socket.remoteAddress ?? 'unknown';
    const cut = (): void => {
      http.cut(socket);
      cutOff(wire, socket);
    };
    if (!this.core.watch(socket, peer, cut)) return;
    this.#settled(peer);
    const target = this.#target;
    http.take(socket, address, target && ((done) => target.dial({ client: socket, peer, allowHalfOpen: false }, done)));
  }

  #carryToTls(target: TlsTarget, { socket, wire, peer }: { socket: TLSSocket; wire: Socket; peer: string }): void {
    target.dial({ client: socket, peer, allowHalfOpen: true }, (_error, inner) => {
      // What speaks against it has been said.
      if (inner === undefined) socket.destroy();
      else this.#carry({ outer: socket, wire, inner, peer, chain: [] });
    });
  }

  #carry(admitted: Parameters<ChannelCore['carry']>[0]): void {
    const { outer, peer } = admitted;
    // Nothing may be written before it is sure that the answer is yes, so the word of acceptance is carry's to allow.
    const accept = (): void => void (this.#mutual && outer.write(ACCEPTED));
    if (!this.core.carry(admitted, { accept, ...(this.#mutual && { farewell: refusalLine }) })) return;
    this.#settled(peer);
  }

  #settled(peer: string): void {
    const waiting = this.#waiting.get(peer);
    if (waiting !== undefined) this.core.settled(waiting);
    this.#waiting.delete(peer);
  }

  /**
   * Shows this certificate from now on; open connections keep theirs.
   * @throws {TlsIdentityError}, and the old one stays
   */
  async present(identity: ChannelIdentity | undefined): Promise<void> {
    if (identity === undefined || identity === this.#presented || this.#tls === undefined) return;
    await swapIdentity(this.#tls, identity.tls, NO_AUTHORITIES);
    this.#presented = identity;
  }

  /** How strict to be from now on; addresses, kind and whether HTTP is spoken stay. `sweep` of the core applies it. */
  reconfigure(settings: ConsoleSettings | HaSettings): void {
    this.core.reconfigure(settings, this.#mutual ? CLIENT : undefined);
  }

  /** After a change of identity, trust or policy. @throws {TlsIdentityError}, and the old certificate stays */
  async renew(): Promise<void> {
    try {
      await this.present(this.core.context.identity.current());
    } finally {
      this.core.sweep();
    }
  }

  async stop(): Promise<void> {
    if (!this.#front.listening) return;
    const stopped = this.core.stop(this.#front);
    this.#http?.closeIdle();
    await stopped;
  }
}
