import { X509Certificate } from 'node:crypto';
import type { Server } from 'node:https';
import { swapIdentity } from '../../platform/tls/hot-swap.ts';
import {
  demandLoadable,
  serverOptions,
  type TlsIdentity,
  TlsIdentityError,
} from '../../platform/tls/server-options.ts';
import { trialHandshake } from '../../platform/tls/trial-handshake.ts';
import { VaultError } from '../../platform/vault/vault.ts';
import type { Logger } from '../logger.ts';
import { CONSOLE_ID } from '../../service/inventory/appliances.ts';
import type { Identity, IdentityMaterial } from '../../service/inventory/identities.ts';
import type { ConsoleParts } from './install.ts';
import { servedFingerprint } from './read-back.ts';
import { makeSelfSigned } from './self-signed.ts';

/** What the listener presents now. */
export interface Presented {
  /** SHA-256, `AB:CD:…`. */
  readonly fingerprint: string;
  readonly origin: 'self-signed' | 'upload' | 'generated' | 'emergency';
  readonly subject: string;
  /** Milliseconds. */
  readonly notAfter: number;
  readonly identityId: string | undefined;
  readonly fromCa: boolean;
}

/** A new certificate was not served, and the one before is back. */
export class ConsoleSwapError extends Error {
  override readonly name = 'ConsoleSwapError';
}

const LOOK_EVERY_MS = 5_000;

/**
 * The certificate of the console's own listener: the active identity of the appliance `console`, whatever it is worth,
 * for who could upload a better one if the console were closed? Where it cannot be loaded at all, a fresh self-signed one.
 */
export class ConsoleCertificate {
  readonly #parts: ConsoleParts;
  readonly #log: Logger;
  readonly #hostname: string;
  #identity: TlsIdentity | undefined;
  #presented: Presented | undefined;
  #server: Server | undefined;
  #swapping: Promise<void> = Promise.resolve();
  /** Identities that could not be served, and why. */
  readonly #refused = new Map<string, string>();
  #timer: NodeJS.Timeout | undefined;
  #unsubscribe: (() => void) | undefined;

  constructor(parts: ConsoleParts, options: { hostname: string; log: Logger }) {
    this.#parts = parts;
    this.#hostname = options.hostname;
    this.#log = options.log;
  }

  get presented(): Presented {
    if (this.#presented === undefined) throw new TypeError('nothing is loaded yet');
    return this.#presented;
  }

  /** What to start the listener with. */
  async load(): Promise<ReturnType<typeof serverOptions>> {
    try {
      const material = await this.#parts.identities.material(CONSOLE_ID);
      if (material === undefined) throw new Error('the console has no certificate');
      try {
        const identity = tlsIdentityOf(material);
        const options = serverOptions(identity);
        demandLoadable(options);
        await trialHandshake(options);
        this.#took(identity, presentedOf(material));
        return options;
      } finally {
        material.key.fill(0);
      }
    } catch (error) {
      this.#log.error(
        { err: error },
        "the console's own certificate cannot be used; a self-signed one stands in until another is uploaded",
      );
      return this.#emergency();
    }
  }

  async #emergency(): Promise<ReturnType<typeof serverOptions>> {
    const made = await makeSelfSigned(this.#hostname, new Date());
    const certificate = new X509Certificate(made.certificates);
    this.#took(made, {
      fingerprint: certificate.fingerprint256,
      origin: 'emergency',
      subject: certificate.subject.replaceAll('\n', ', '),
      notAfter: Date.parse(certificate.validTo),
      identityId: undefined,
      fromCa: false,
    });
    return serverOptions(made);
  }

  #took(identity: TlsIdentity, presented: Presented): void {
    this.#identity = { certificates: identity.certificates, key: new Uint8Array(identity.key) };
    this.#presented = presented;
  }

  /** Follows every change of the identity, by this process or another. */
  follow(server: Server): void {
    this.#server = server;
    this.#unsubscribe = this.#parts.identities.onChange((id) => {
      if (id === CONSOLE_ID) this.#look('asked');
    });
    this.#timer = setInterval(() => this.#look('by itself'), LOOK_EVERY_MS);
    this.#timer.unref();
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#unsubscribe?.();
    await this.#swapping;
  }

  /** When every change announced so far is served. @throws {ConsoleSwapError} where one could not be */
  async settled(identityId: string): Promise<void> {
    await this.#swapping;
    const why = this.#refused.get(identityId);
    if (why !== undefined) throw new ConsoleSwapError(why);
  }

  #look(occasion: 'asked' | 'by itself'): void {
    this.#swapping = this.#swapping.then(() =>
      this.#swapIfChanged(occasion).catch((error: unknown) =>
        this.#log.error({ err: error }, 'swapping the certificate failed'),
      ),
    );
  }

  async #swapIfChanged(occasion: 'asked' | 'by itself'): Promise<void> {
    const active = await this.#parts.identities.active(CONSOLE_ID);
    if (active === undefined || this.#server === undefined || active.id === this.presented.identityId) return;
    if (occasion === 'by itself' && this.#refused.has(active.id)) return;
    let material: IdentityMaterial | undefined;
    try {
      material = await this.#parts.identities.material(CONSOLE_ID);
      // Changed meanwhile: another look follows.
      if (material?.identity.id !== active.id) return;
      await this.#swapTo(this.#server, material);
      this.#refused.delete(active.id);
    } catch (error) {
      // A database that is away says nothing about the certificate.
      if (!(error instanceof VaultError || error instanceof TlsIdentityError || error instanceof ConsoleSwapError))
        throw error;
      await this.#goBack(active, error.message);
    } finally {
      material?.key.fill(0);
    }
  }

  async #swapTo(server: Server, material: IdentityMaterial): Promise<void> {
    const identity = tlsIdentityOf(material);
    const before = this.#identity!;
    const fingerprint = await swapIdentity(server, identity);
    let served: string;
    try {
      served = await servedFingerprint(server);
    } catch (error) {
      served = `nothing (${(error as Error).message})`;
    }
    if (served !== fingerprint) {
      server.setSecureContext(serverOptions(before));
      throw new ConsoleSwapError(`after the change a new connection got ${served}`);
    }
    this.#took(identity, presentedOf(material));
    this.#log.info({ fingerprint }, 'the console presents another certificate');
  }

  /** The listener has what it had; the inventory must say so, too. */
  async #goBack(identity: Identity, why: string): Promise<void> {
    const message = `The console could not serve the new certificate (${why}); the one before is back.`;
    this.#refused.set(identity.id, message);
    this.#log.error({ identity: identity.id, why }, 'the console could not serve the new certificate');
    const subject = `appliance:${CONSOLE_ID}`;
    const details = { identity: identity.id, fingerprint: identity.fingerprint, why };
    await this.#parts.audit.record({ actor: 'system', action: 'console.not-served', subject, details });
    const { identities } = this.#parts;
    const previous = (await identities.history(CONSOLE_ID)).find(({ state }) => state === 'previous');
    // Two that both cannot be served must not take turns for ever.
    if (previous === undefined || this.#refused.has(previous.id)) return;
    await identities.rollBack(CONSOLE_ID, 'system', { reason: 'the new one could not be served' });
  }
}

const tlsIdentityOf = ({ crtPem, chainPem, key }: IdentityMaterial): TlsIdentity => ({
  certificates: crtPem + (chainPem ?? ''),
  key,
});

function presentedOf({ identity, crtPem }: IdentityMaterial): Presented {
  const certificate = new X509Certificate(crtPem);
  return {
    fingerprint: certificate.fingerprint256,
    origin: identity.origin,
    subject: identity.subject,
    notAfter: identity.notAfter,
    identityId: identity.id,
    fromCa: identity.origin !== 'self-signed' && certificate.issuer !== certificate.subject,
  };
}
