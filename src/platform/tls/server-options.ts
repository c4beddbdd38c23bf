import { createPrivateKey, constants, X509Certificate } from 'node:crypto';
import { createSecureContext, type SecureContextOptions } from 'node:tls';

/** What a listener presents. */
export interface TlsIdentity {
  /** PEM: the certificate, then its chain. */
  readonly certificates: string;
  /** Unencrypted DER PKCS#8. Copies inside OpenSSL live as long as its context. */
  readonly key: Uint8Array;
}

/** Key and certificate cannot be used together, or not at all. */
export class TlsIdentityError extends Error {
  override readonly name = 'TlsIdentityError';
}

// Forward secrecy and authenticated encryption only. Node's default also offers CBC and static RSA suites.
export const CIPHERS = [
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'TLS_AES_128_GCM_SHA256',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
].join(':');

/**
 * The whole set of options for a listener, to be passed whole at every swap: `setSecureContext` forgets what it is not
 * given again.
 * @param clientAuthorities PEM; where given, clients are asked for a certificate, and judged by the caller
 * @throws {TlsIdentityError} where the key is not the certificate's: OpenSSL notices that only for keys of one type
 */
export function serverOptions(identity: TlsIdentity, clientAuthorities?: readonly string[]): SecureContextOptions {
  const key = privateKeyPem(identity);
  return {
    cert: identity.certificates,
    key,
    minVersion: 'TLSv1.2',
    ciphers: CIPHERS,
    honorCipherOrder: true,
    ecdhCurve: 'X25519:P-256:P-384',
    // A resumed session skips every check of the peer's certificate.
    secureOptions: constants.SSL_OP_NO_TICKET | constants.SSL_OP_NO_RENEGOTIATION,
    sessionIdContext: 'certgate',
    ...(clientAuthorities !== undefined && { ca: [...clientAuthorities] }),
  };
}

function privateKeyPem({ certificates, key }: TlsIdentity): string {
  try {
    const privateKey = createPrivateKey({ key: Buffer.from(key), format: 'der', type: 'pkcs8' });
    if (!new X509Certificate(certificates).checkPrivateKey(privateKey)) {
      throw new TlsIdentityError('The private key does not belong to the certificate.');
    }
    return privateKey.export({ format: 'pem', type: 'pkcs8' }) as string;
  } catch (error) {
    if (error instanceof TlsIdentityError) throw error;
    throw new TlsIdentityError(`Certificate or key cannot be loaded: ${(error as Error).message}`, { cause: error });
  }
}

/** @throws {TlsIdentityError} where OpenSSL does not take the options together */
export function demandLoadable(options: SecureContextOptions): void {
  try {
    createSecureContext(options);
  } catch (error) {
    throw new TlsIdentityError(`OpenSSL refuses this certificate or key: ${(error as Error).message}`, {
      cause: error,
    });
  }
}
