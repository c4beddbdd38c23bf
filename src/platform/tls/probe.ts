import { isIP, connect as connectTcp } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { peerChain } from './peer-chain.ts';
import { type StartTls, startTls } from './starttls.ts';

export interface ProbeTarget {
  readonly host: string;
  readonly port: number;
  /** Sent as SNI; default: the host, where it is a name. */
  readonly serverName?: string;
  readonly startTls?: StartTls;
  readonly timeoutMs: number;
}

/** What a client sees of a server. */
export interface Probed {
  /** DER, the server's own certificate first, as it sends them. */
  readonly chain: readonly Uint8Array[];
  /** `TLSv1.3`, `TLSv1.2` … */
  readonly protocol: string;
  /** As IANA calls it. */
  readonly cipher: string;
  /** `X25519`, `P-256`; undefined where nobody knows. */
  readonly keyExchange: string | undefined;
  /** Milliseconds from the first TLS byte to the end of the handshake. */
  readonly handshakeMs: number;
}

/** The server cannot be asked: the message says at which step and why. */
export class ProbeError extends Error {
  override readonly name = 'ProbeError';
}

/** Connects as a client would, sends nothing, and says what the server presented. @throws {ProbeError} */
export async function probe(target: ProbeTarget): Promise<Probed> {
  const { host, port, timeoutMs } = target;
  const socket = connectTcp({ host, port });
  const timer = setTimeout(
    () => socket.destroy(new ProbeError(`${host}:${port} did not finish within ${timeoutMs / 1000} s.`)),
    timeoutMs,
  );
  try {
    await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject));
    // From here on errors arrive at whoever waits; none may end the process in between.
    socket.on('error', () => undefined);
    if (target.startTls !== undefined) await startTls(socket, target.startTls);
    const name = target.serverName ?? host;
    const started = performance.now();
    const tls = connectTls({
      socket,
      // Whatever the server shows is to be seen, weak or untrusted as it may be; nothing is ever sent.
      rejectUnauthorized: false,
      minVersion: 'TLSv1',
      ciphers: 'ALL:@SECLEVEL=0',
      ...(isIP(name) === 0 && { servername: name }),
    });
    await handshake(tls);
    return facts(tls, performance.now() - started);
  } catch (error) {
    if (error instanceof ProbeError) throw error;
    throw new ProbeError(explain(error as NodeJS.ErrnoException, target), { cause: error });
  } finally {
    clearTimeout(timer);
    socket.destroy();
  }
}

const handshake = (tls: TLSSocket): Promise<void> =>
  new Promise((resolve, reject) => {
    tls.once('secureConnect', resolve).once('error', reject);
    tls.once('close', () => reject(new Error('the server closed the connection during the handshake')));
  });

function facts(tls: TLSSocket, handshakeMs: number): Probed {
  const exchange = tls.getEphemeralKeyInfo() as { name?: string; type?: string } | null;
  return {
    chain: peerChain(tls),
    protocol: tls.getProtocol() ?? 'unknown',
    cipher: tls.getCipher().standardName,
    keyExchange: exchange?.name ?? exchange?.type,
    handshakeMs,
  };
}

function explain(error: NodeJS.ErrnoException, { host, port }: ProbeTarget): string {
  switch (error.code) {
    case 'ECONNREFUSED':
      return `Nothing listens at ${host}:${port}.`;
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `The name ${host} cannot be resolved.`;
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return `There is no way to ${host} from here.`;
    case 'ERR_SSL_WRONG_VERSION_NUMBER':
    case 'ERR_SSL_PACKET_LENGTH_TOO_LONG':
      return `${host}:${port} answers, but not with TLS. Mail, directory and PostgreSQL servers need --starttls.`;
    case 'ECONNRESET':
      return `${host}:${port} ended the connection during the handshake; it may accept only clients with a certificate.`;
    default:
      return `${host}:${port}: ${error.message}`;
  }
}
