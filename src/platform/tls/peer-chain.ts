import type { DetailedPeerCertificate, TLSSocket } from 'node:tls';

/** More than any path may have; a peer that sends more is not followed further. */
const MOST_CERTIFICATES = 20;

/**
 * The certificates that the peer sent, DER, its own first; empty where it sent none. To be asked once, straight after the
 * handshake: of a resumed session nothing is left, and `getPeerX509Certificate` would destroy the rest of the chain.
 */
export function peerChain(socket: TLSSocket): Uint8Array[] {
  const chain: Uint8Array[] = [];
  let current: DetailedPeerCertificate | undefined = socket.getPeerCertificate(true);
  while (current?.raw !== undefined && chain.length < MOST_CERTIFICATES) {
    chain.push(current.raw);
    // Node links a root, and a certificate whose issuer it does not know, to itself.
    const next: DetailedPeerCertificate | undefined = current.issuerCertificate;
    if (
      next === undefined ||
      next === current ||
      chain.some((der) => next.raw !== undefined && Buffer.compare(der, next.raw) === 0)
    )
      break;
    current = next;
  }
  return chain;
}
