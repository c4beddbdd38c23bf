import type { AddressInfo } from 'node:net';
import type { Server } from 'node:tls';
import { connect } from 'node:tls';

const TIME_LIMIT_MS = 5_000;

/** The SHA-256 of the certificate that a new connection to this listener really gets, `AB:CD:…`. */
export function servedFingerprint(server: Pick<Server, 'address'>): Promise<string> {
  const { port, address, family } = server.address() as AddressInfo;
  const loopback = family === 'IPv6' ? '::1' : '127.0.0.1';
  const host = address === '::' || address === '0.0.0.0' ? loopback : address;
  return new Promise((resolve, reject) => {
    // The question is what is presented, not whether it is trusted; nothing is sent.
    const socket = connect({ host, port, rejectUnauthorized: false, minVersion: 'TLSv1.2' });
    const timer = setTimeout(() => socket.destroy(new Error('the listener does not answer itself')), TIME_LIMIT_MS);
    socket.once('secureConnect', () => {
      resolve(socket.getPeerCertificate().fingerprint256);
      socket.destroy();
    });
    socket.once('error', reject);
    socket.once('close', () => clearTimeout(timer));
  });
}
