import { once } from 'node:events';
import { connect as connectTcp, createServer, type AddressInfo, isIP, type Socket } from 'node:net';
import { connect as connectTls, type SecureContext, type TLSSocket } from 'node:tls';
import type { Finding } from '../../core/base/finding.ts';
import { clientContext } from '../../platform/tls/client-context.ts';
import type { PeerExpectation } from '../../platform/tls/peer-judge.ts';
import { peerChain } from '../../platform/tls/peer-chain.ts';
import { readAnswer } from './acceptance.ts';
import type { ChannelContext, ChannelIdentity, RefusalReason } from './channel-context.ts';
import { ChannelCore } from './channel-core.ts';
import { showsCertificate } from './own-verdict.ts';
import { type Address, type HaSettings, type PartnerSettings, serverNameOf } from './channel-settings.ts';

/** Plain inside, verified TLS outside: the connecting half of an HA link, and the way to a partner. */
export class DiallingChannel {
  readonly core: ChannelCore;
  #settings: HaSettings | PartnerSettings;
  // Paused until the verdict: not a byte is read from the local side before.
  readonly #server = createServer({ pauseOnConnect: true, allowHalfOpen: true, noDelay: true }, (local) => {
    if (this.core.mayTry(local)) this.#dial(local);
  });
  /** What is shown when asked; made once for each identity. */
  #context: SecureContext | undefined;
  #presented: ChannelIdentity | undefined;

  constructor(settings: HaSettings | PartnerSettings, context: ChannelContext) {
    this.#settings = settings;
    this.core = new ChannelCore(settings, context, { dials: true, expectation: expectationOf(settings) });
  }

  /** @throws where our own certificate cannot be loaded or the address is taken */
  async start(): Promise<Address> {
    const { listen } = this.#settings;
    await this.present(this.core.context.identity.current());
    this.core.judgeOwn();
    this.#server.listen(listen.port, listen.host);
    await once(this.#server, 'listening');
    const { address, port } = this.#server.address() as AddressInfo;
    return { host: address, port };
  }

  #dial(local: Socket): void {
    const { core } = this;
    const { host, port } = this.#settings.target;
    const target = `${host}:${port}`;
    const wire = connectTcp({ host, port, allowHalfOpen: true });
    let connected = false;
    let settled = false;
    // One outcome and one line of the log for each connection, whichever of the two ends, or the clock, is first.
    const settle = (outcome: () => void): void => {
      if (settled) return;
      settled = true;
      clearTimeout(timer);
      outcome();
    };
    const fail = (reason: RefusalReason, why: Parameters<ChannelCore['refuse']>[2] = {}): void =>
      settle(() => {
        wire.destroy();
        core.refuse(local, reason, why, target);
      });
    const timer = setTimeout(() => fail('handshake-timeout'), core.limits.handshakeMs);
    local.once('close', () => settle(() => wire.destroy()));
    const failed = (error: NodeJS.ErrnoException & { reason?: string }): void => {
      // Of several addresses that all refuse, Node says the code alone.
      const problem = error.reason ?? (error.message || error.code);
      fail(connected ? 'handshake' : 'target-unreachable', { problem });
    };
    wire.on('error', failed);
    wire.once('connect', () => {
      connected = true;
      // TLS upon a connection of our own, which can be reset: that of `tls.connect` cannot.
      const remote = connectTls({ ...this.#tlsOptions(), socket: wire });
      remote.on('error', failed);
      remote.once('close', () => fail('handshake', { problem: 'the other end closed the connection' }));
      remote.once('secureConnect', () => {
        if (settled) return;
        // Synchronous up to here and on: nothing was written, so nothing can have leaked before the verdict.
        const chain = peerChain(remote);
        const { admitted, findings, fingerprint, overlookable } = core.admitPeer(chain);
        if (!admitted) return fail('peer-certificate', { findings, fingerprint, overlookable, chain });
        const carry = (): void =>
          settle(() => {
            if (core.carry({ outer: remote, wire, inner: local, peer: target, chain })) core.settled(local);
          });
        if (this.#settings.kind === 'partner') carry();
        else void this.#whenAccepted(remote, carry, fail);
      });
    });
  }

  async #whenAccepted(
    remote: TLSSocket,
    carry: () => void,
    fail: (reason: RefusalReason, why: { findings: readonly Finding[] }) => void,
  ): Promise<void> {
    const answer = await readAnswer(remote, this.core.limits.handshakeMs);
    if (answer.accepted) carry();
    else fail('refused-by-other-end', { findings: [refusedThere(answer.why)] });
  }

  #tlsOptions() {
    const name = serverNameOf(this.#settings).value;
    return {
      ...(this.#context !== undefined && { secureContext: this.#context }),
      // Our verdict, synchronous in secureConnect, takes the place of OpenSSL's, which knows no CRL that is current.
      rejectUnauthorized: false,
      ...(isIP(name) === 0 && { servername: name }),
    } as const;
  }

  /** Shows this certificate on every new connection. @throws where it cannot be loaded, and the old one stays */
  async present(identity: ChannelIdentity | undefined): Promise<void> {
    if (identity === this.#presented && this.#context !== undefined) return;
    this.#context = clientContext(showsCertificate(this.#settings) ? identity?.tls : undefined);
    this.#presented = identity;
  }

  /** Whom to expect and how strictly from now on; addresses and kind stay. `sweep` of the core applies it. */
  reconfigure(settings: HaSettings | PartnerSettings): void {
    const shows = showsCertificate(this.#settings) !== showsCertificate(settings);
    this.#settings = settings;
    // Made anew by the next `present`.
    if (shows) this.#context = undefined;
    this.core.reconfigure(settings, expectationOf(settings));
  }

  /** After a change of identity, trust or policy. @throws where the identity cannot be loaded, and the old one stays */
  async renew(): Promise<void> {
    try {
      await this.present(this.core.context.identity.current());
    } finally {
      this.core.sweep();
    }
  }

  async stop(): Promise<void> {
    if (this.#server.listening) await this.core.stop(this.#server);
  }
}

const expectationOf = (settings: HaSettings | PartnerSettings): PeerExpectation => ({
  purpose: 'server',
  names: [serverNameOf(settings)],
});

const refusedThere = (why: string): Finding => ({
  rule: 'trust-path',
  status: 'refused',
  location: { file: 'leaf' },
  found: why,
  required: 'a certificate that the other end accepts',
  message: `The other end does not accept our certificate: ${why}`,
  fix: 'See the log at the other end; what it says is about the certificate that this side shows.',
  source: { document: 'Certgate', section: 'HA link' },
});
