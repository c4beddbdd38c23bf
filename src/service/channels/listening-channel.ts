import { once } from 'node:events';
import { connect as connectTcp, type AddressInfo, type Socket } from 'node:net';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import { swapIdentity } from '../../platform/tls/hot-swap.ts';
import { peerChain } from '../../platform/tls/peer-chain.ts';
import { serverOptions } from '../../platform/tls/server-options.ts';
import { ACCEPTED, refusalLine } from './acceptance.ts';
import type { ChannelContext } from './channel-context.ts';
import { ChannelCore, nameOf } from './channel-core.ts';
import type { Address, ConsoleSettings, HaSettings } from './channel-settings.ts';

// Fewer, larger reads from the target: a third off the CPU time of downloads.
const READ_BYTES = 256 * 1024;

/** TLS outside, plain inside: in front of an appliance's console, and the listening half of an HA link. */
export class ListeningChannel {
  readonly core: ChannelCore;
  readonly #mutual: boolean;
  #server: Server | undefined;
  #open = 0;

  constructor(settings: ConsoleSettings | HaSettings, context: ChannelContext) {
    this.#mutual = settings.kind !== 'console';
    this.core = new ChannelCore(settings, context, {
      ownPurpose: 'server',
      ...(this.#mutual && { expectation: { purpose: 'client' } }),
    });
  }

  /** @throws where there is no identity to show, it cannot be loaded, or the address is taken */
  async start(): Promise<Address> {
    const { settings, context, limits } = this.core;
    const identity = context.identity.current();
    if (identity === undefined) throw new Error(`Channel ${settings.id} has no certificate to show.`);
    const server = createServer({
      ...serverOptions(identity.tls),
      handshakeTimeout: limits.handshakeMs,
      // We judge; OpenSSL's own judgement would end the connection without saying why.
      requestCert: this.#mutual,
      rejectUnauthorized: false,
    });
    this.#server = server;
    server.on('connection', (socket: Socket) => {
      if (!this.core.mayTry(socket, this.#open)) return;
      this.#open++;
      socket.once('close', () => this.#open--);
    });
    // Node reports a handshake that failed or took too long, and leaves the socket open.
    server.on('tlsClientError', (error: NodeJS.ErrnoException, socket: TLSSocket) => {
      const late = error.code === 'ERR_TLS_HANDSHAKE_TIMEOUT';
      this.core.refuse(socket, late ? 'handshake-timeout' : 'handshake');
    });
    server.on('secureConnection', (socket: TLSSocket) => this.#admit(socket));
    this.core.judgeOwn();
    server.listen(settings.listen.port, settings.listen.host);
    await once(server, 'listening');
    const { address, port } = server.address() as AddressInfo;
    return { host: address, port };
  }

  #admit(socket: TLSSocket): void {
    socket.on('error', () => socket.destroy());
    const { core } = this;
    // Trust may have changed since the TCP connection came.
    if (core.halted) return core.refuse(socket, 'own-certificate', { findings: core.ownFindings });
    const chain = this.#mutual ? peerChain(socket) : [];
    const admission = core.admitPeer(chain);
    if (!admission.admitted) {
      const { findings, fingerprint } = admission;
      const farewell = refusalLine(findings);
      return core.refuse(socket, 'peer-certificate', { findings, fingerprint, farewell });
    }
    const peer = nameOf(socket);
    const { host, port } = core.settings.target;
    const inner = connectTcp({ host, port, ...inLargeReads() });
    const unreachable = (): void => core.refuse(socket, 'target-unreachable');
    inner.once('error', unreachable);
    inner.once('connect', () => {
      inner.off('error', unreachable);
      if (socket.destroyed) return void inner.destroy();
      if (this.#mutual) socket.write(ACCEPTED);
      core.carry({ outer: socket, inner, peer, chain, admission });
    });
    socket.once('close', () => inner.destroy());
  }

  /** After a change of identity, trust or policy. @throws {TlsIdentityError}, and the old certificate stays */
  async renew(): Promise<void> {
    const identity = this.core.context.identity.current();
    if (identity !== undefined && this.#server !== undefined) await swapIdentity(this.#server, identity.tls);
    this.core.sweep();
  }

  async stop(): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    const closed = once(server, 'close');
    server.close();
    this.core.stop();
    await closed;
  }
}

const inLargeReads = (): object => ({ readableHighWaterMark: READ_BYTES });
