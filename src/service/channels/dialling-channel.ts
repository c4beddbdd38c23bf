import { createPrivateKey } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type AddressInfo, isIP, type Server, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import type { Finding } from '../../core/base/finding.ts';
import { peerChain } from '../../platform/tls/peer-chain.ts';
import { readAnswer } from './acceptance.ts';
import type { ChannelContext } from './channel-context.ts';
import { ChannelCore, nameOf } from './channel-core.ts';
import { type Address, type HaSettings, type PartnerSettings, serverNameOf } from './channel-settings.ts';

/** Plain inside, verified TLS outside: the connecting half of an HA link, and the way to a partner. */
export class DiallingChannel {
  readonly core: ChannelCore;
  readonly #settings: HaSettings | PartnerSettings;
  #server: Server | undefined;
  #open = 0;

  constructor(settings: HaSettings | PartnerSettings, context: ChannelContext) {
    this.#settings = settings;
    const expectation = { purpose: 'server', names: [serverNameOf(settings)] } as const;
    this.core = new ChannelCore(settings, context, { ownPurpose: 'client', expectation });
  }

  /** @throws where the address is taken */
  async start(): Promise<Address> {
    const { listen } = this.#settings;
    // Paused until the verdict: not a byte is read from the local side before.
    const server = createServer({ pauseOnConnect: true, allowHalfOpen: true }, (local) => {
      if (!this.core.mayTry(local, this.#open)) return;
      this.#open++;
      local.once('close', () => this.#open--);
      this.#dial(local);
    });
    this.#server = server;
    this.core.judgeOwn();
    server.listen(listen.port, listen.host);
    await once(server, 'listening');
    const { address, port } = server.address() as AddressInfo;
    return { host: address, port };
  }

  #dial(local: Socket): void {
    const { core } = this;
    const remote = connectTls(this.#tlsOptions());
    local.on('error', () => local.destroy());
    local.once('close', () => remote.destroy());
    const timer = setTimeout(() => {
      core.refuse(local, 'handshake-timeout');
      remote.destroy();
    }, core.limits.handshakeMs);
    remote.on('error', (error: NodeJS.ErrnoException) => {
      clearTimeout(timer);
      if (local.destroyed) return;
      core.refuse(local, error.syscall === 'connect' ? 'target-unreachable' : 'handshake');
    });
    remote.once('secureConnect', () => {
      clearTimeout(timer);
      // Synchronous up to here and on: nothing was written, so nothing can have leaked before the verdict.
      const chain = peerChain(remote);
      const admission = core.admitPeer(chain);
      if (!admission.admitted) {
        remote.destroy();
        return core.refuse(local, 'peer-certificate', admission);
      }
      const carry = (): void => core.carry({ outer: remote, inner: local, peer: nameOf(remote), chain, admission });
      if (this.#settings.kind === 'partner') carry();
      else void this.#whenAccepted(local, remote, carry);
    });
  }

  async #whenAccepted(local: Socket, remote: TLSSocket, carry: () => void): Promise<void> {
    const answer = await readAnswer(remote, this.core.limits.handshakeMs);
    if (answer.accepted) {
      if (local.destroyed || remote.destroyed) remote.destroy();
      else carry();
      return;
    }
    this.core.refuse(local, 'refused-by-other-end', { findings: [refusedThere(answer.why)] });
    remote.destroy();
  }

  #tlsOptions() {
    const settings = this.#settings;
    const { host, port } = settings.target;
    const name = serverNameOf(settings).value;
    const identity = this.core.context.identity.current();
    const shows = settings.kind !== 'partner' || settings.clientCertificate === true;
    return {
      host,
      port,
      minVersion: 'TLSv1.2',
      // Our verdict, synchronous in secureConnect, takes the place of OpenSSL's, which knows no CRL that is current.
      rejectUnauthorized: false,
      ...(isIP(name) === 0 && { servername: name }),
      ...(shows && identity !== undefined && { cert: identity.tls.certificates, key: pemOf(identity.tls.key) }),
    } as const;
  }

  /** After a change of identity, trust or policy. */
  async renew(): Promise<void> {
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

const pemOf = (pkcs8: Uint8Array): string =>
  createPrivateKey({ key: Buffer.from(pkcs8), format: 'der', type: 'pkcs8' }).export({
    format: 'pem',
    type: 'pkcs8',
  }) as string;

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
