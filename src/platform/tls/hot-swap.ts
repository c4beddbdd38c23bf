import type { Server } from 'node:tls';
import { demandLoadable, serverOptions, type TlsIdentity } from './server-options.ts';
import { trialHandshake } from './trial-handshake.ts';

/** What a listener can do so that its certificate can be changed while it runs; https.Server and tls.Server both do. */
export type Swappable = Pick<Server, 'setSecureContext'>;

/**
 * Changes what a listener presents without closing a connection: those that are open keep what they have, new ones get
 * the new certificate. Nothing is changed unless a trial handshake with it works.
 * @returns the SHA-256 of the certificate now presented
 * @throws {TlsIdentityError} and then the listener presents what it did before
 */
export async function swapIdentity(
  server: Swappable,
  identity: TlsIdentity,
  clientAuthorities?: readonly string[],
): Promise<string> {
  const options = serverOptions(identity, clientAuthorities);
  demandLoadable(options);
  const fingerprint = await trialHandshake(options);
  server.setSecureContext(options);
  return fingerprint;
}
