import { createPrivateKey } from 'node:crypto';
import { createSecureContext, type SecureContext } from 'node:tls';
import { CIPHERS, type TlsIdentity } from './server-options.ts';

/**
 * For connections out of this process: the same versions and ciphers as our listeners. Made once for an identity, not for
 * every connection: reading an RSA key costs more than a handshake's other work.
 */
export function clientContext(identity: TlsIdentity | undefined): SecureContext {
  return createSecureContext({
    minVersion: 'TLSv1.2',
    ciphers: CIPHERS,
    ecdhCurve: 'X25519:P-256:P-384',
    // Ours is the only verdict; without this OpenSSL would load the roots of the public web.
    ca: [],
    ...(identity !== undefined && { cert: identity.certificates, key: pemOf(identity.key) }),
  });
}

const pemOf = (pkcs8: Uint8Array): string =>
  createPrivateKey({ key: Buffer.from(pkcs8), format: 'der', type: 'pkcs8' }).export({
    format: 'pem',
    type: 'pkcs8',
  }) as string;
