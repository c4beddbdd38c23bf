import { createHash, createPrivateKey } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync } from 'node:fs';
import { createServer, connect, type AddressInfo, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openCrl, type OpenCrl } from '../../src/core/revocation/open-crl.ts';
import { parseCertificate } from '../../src/core/x509/certificate.ts';
import { toHex } from '../../src/core/der/values.ts';
import { toPem } from '../../src/making/encode/der.ts';
import { newKey } from '../../src/making/issue/key.ts';
import { createLabCa, type LabCa } from '../../src/making/issue/lab-ca.ts';
import { encodeName, subjectAttributes } from '../../src/making/encode/name-fields.ts';
import { Trust } from '../../src/platform/tls/trust.ts';
import { BreakGlass } from '../../src/service/channels/break-glass.ts';
import type { ChannelContext, ChannelIdentity, LoggedEvent } from '../../src/service/channels/channel-context.ts';
import { MonotonicClock } from '../../src/service/channels/trusted-time.ts';

/** A CA, certificates of any life time, and contexts for channels that log into a list. */
export class Bench {
  readonly ca: LabCa;
  readonly folder: string;
  /** One for all: making one takes longer than most tests. */
  #key: ReturnType<typeof newKey> | undefined;

  private constructor(ca: LabCa, folder: string) {
    this.ca = ca;
    this.folder = folder;
  }

  static async make(name = 'Channel Lab'): Promise<Bench> {
    const folder = mkdtempSync(join(tmpdir(), 'certgate-channels-'));
    const now = new Date(Date.now() - 86_400_000);
    const ca = await createLabCa(folder, {
      name,
      organization: 'Contoso',
      country: 'US',
      passphrase: 'x',
      now,
    });
    ca.newCrls(new Date());
    return new Bench(ca, folder);
  }

  async identity(hostname: string, life = { from: -3_600_000, to: 86_400_000 }): Promise<ChannelIdentity> {
    const key = await (this.#key ??= newKey(2048));
    const subject = { country: 'US', organization: 'Contoso', organizationalUnit: 'Plant', commonName: hostname };
    const crt = this.ca.sign({
      subject: encodeName(subjectAttributes(subject)),
      subjectPublicKeyInfo: key.spki,
      names: [hostname, '127.0.0.1'],
      notBefore: new Date(Date.now() + life.from),
      notAfter: new Date(Date.now() + life.to),
    });
    this.ca.record(crt, new Date());
    const issuing = this.ca.issuing.certificate;
    return {
      tls: {
        certificates: toPem('CERTIFICATE', crt) + toPem('CERTIFICATE', issuing),
        key: key.privateKey.export({ type: 'pkcs8', format: 'der' }),
      },
      chain: [crt, issuing],
    };
  }

  revoke({ chain }: ChannelIdentity): void {
    this.ca.revoke(toHex(parseCertificate(chain[0]!).serialNumber.content()), 1, new Date());
    this.ca.newCrls(new Date());
  }

  crls(): OpenCrl[] {
    return ['root.crl', 'issuing.crl'].map((name) => openCrl(readFileSync(join(this.folder, name))));
  }

  trust(): Trust {
    return new Trust([this.ca.root.certificate], this.crls());
  }

  /** @param ahead milliseconds: how far the channel's clock is before ours */
  context(identity: ChannelIdentity | undefined, ahead = { ms: 0 }): TestContext {
    const events: LoggedEvent[] = [];
    const held = { identity, trust: this.trust() };
    const clock = new MonotonicClock(0, undefined, { clock: () => Date.now() + ahead.ms });
    return {
      held,
      events,
      identity: { current: () => held.identity },
      trust: () => held.trust,
      clock,
      breakGlass: new BreakGlass([], { clock, keep: () => undefined, log: () => undefined }),
      log: (event) => void events.push(event),
    };
  }
}

export interface TestContext extends ChannelContext {
  /** Change these, then `renew` the channel. */
  readonly held: { identity: ChannelIdentity | undefined; trust: Trust };
  readonly events: LoggedEvent[];
  readonly breakGlass: BreakGlass;
}

/** What stands behind a channel: answers every byte with the same byte, and counts what came. */
export class EchoTarget {
  readonly server: Server;
  received = 0;
  readonly sockets = new Set<Socket>();

  constructor() {
    this.server = createServer((socket) => {
      this.sockets.add(socket);
      socket.on('data', (bytes) => (this.received += bytes.length));
      socket.on('error', () => socket.destroy());
      socket.pipe(socket);
    });
  }

  async start(): Promise<{ host: string; port: number }> {
    await once(this.server.listen(0, '127.0.0.1'), 'listening');
    return { host: '127.0.0.1', port: (this.server.address() as AddressInfo).port };
  }

  stop(): void {
    for (const socket of this.sockets) socket.destroy();
    this.server.close();
  }
}

export async function dialPlain(at: { host: string; port: number }): Promise<Socket> {
  const socket = connect(at);
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}

/** What comes back for `text`; '' when the connection ends instead. */
export function echo(socket: Socket, text: string): Promise<string> {
  return new Promise((resolve) => {
    if (socket.destroyed) return resolve('');
    const settle = (answer: string): void => {
      socket.off('data', onData).off('close', onClose);
      resolve(answer);
    };
    const onData = (bytes: Buffer): void => settle(String(bytes));
    const onClose = (): void => settle('');
    socket.once('data', onData).once('close', onClose);
    socket.write(text);
  });
}

/** Until the connection is over, whether in order or not. */
export const gone = (socket: Socket): Promise<void> =>
  new Promise((resolve) => {
    if (socket.destroyed) resolve();
    else socket.once('close', () => resolve());
  });

/** PEM. */
export const pemKey = ({ tls }: ChannelIdentity): string =>
  createPrivateKey({ key: Buffer.from(tls.key), format: 'der', type: 'pkcs8' })
    .export({ format: 'pem', type: 'pkcs8' })
    .toString();

export const fingerprintOf = (der: Uint8Array): string => createHash('sha256').update(der).digest('hex');
