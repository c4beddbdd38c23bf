import { Duplex, PassThrough } from 'node:stream';
import { connect, createSecureContext, type SecureContextOptions, TLSSocket } from 'node:tls';
import { TlsIdentityError } from './server-options.ts';

const TIME_LIMIT_MS = 5_000;

/**
 * Shakes hands with these options inside this process and returns the SHA-256 of the certificate that a client gets, hex
 * in upper case with colons. What works here works on the wire: a key of another type than the certificate's, for one,
 * loads without complaint and then fails every client.
 * @throws {TlsIdentityError}
 */
export async function trialHandshake(options: SecureContextOptions): Promise<string> {
  const [clientSide, serverSide] = duplexPair();
  const server = new TLSSocket(serverSide as never, { isServer: true, secureContext: createSecureContext(options) });
  // The trial asks what is presented, not whether it is trusted.
  const client = connect({ socket: clientSide, rejectUnauthorized: false, minVersion: 'TLSv1.2' });
  const ends = [client, server, clientSide, serverSide];
  try {
    return await new Promise<string>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('it did not finish in time')), TIME_LIMIT_MS);
      timer.unref();
      const fail = (error: Error): void => {
        clearTimeout(timer);
        reject(error);
      };
      for (const end of ends) end.on('error', fail);
      client.once('secureConnect', () => {
        clearTimeout(timer);
        resolve(client.getPeerCertificate().fingerprint256);
      });
    });
  } catch (error) {
    throw new TlsIdentityError(`A trial handshake with this certificate failed: ${(error as Error).message}`, {
      cause: error,
    });
  } finally {
    for (const end of ends) end.destroy();
  }
}

/** Two ends of a connection that never leaves the process. */
function duplexPair(): [Duplex, Duplex] {
  const [there, back] = [new PassThrough(), new PassThrough()];
  return [Duplex.from({ readable: back, writable: there }), Duplex.from({ readable: there, writable: back })];
}
