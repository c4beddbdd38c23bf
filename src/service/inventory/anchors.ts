import { randomUUID } from 'node:crypto';
import type { Selectable } from 'kysely';
import { DerError } from '../../core/der/errors.ts';
import { identify } from '../../core/files/identify.ts';
import { Certificate } from '../../core/x509/certificate.ts';
import { basicConstraints } from '../../core/x509/extensions/basic-constraints.ts';
import { keyUsage } from '../../core/x509/extensions/key-usage.ts';
import { ATTRIBUTE } from '../../core/x509/name.ts';
import type { Schema } from '../../platform/store/schema.ts';
import type { Store } from '../../platform/store/store.ts';
import type { Actor, AuditLog } from '../audit/audit-log.ts';
import { sha256, spoken, typed } from './fingerprint.ts';
import { InventoryError } from './inventory-error.ts';

/** A CA certificate that every path must end in. Times in milliseconds. */
export interface Anchor {
  readonly id: string;
  readonly name: string;
  readonly subject: string;
  /** SHA-256, `AB:CD:…`. */
  readonly fingerprint: string;
  readonly notAfter: number;
  readonly addedBy: string;
  readonly addedAt: number;
}

/** What a file holds, shown before anybody trusts it. */
export interface AnchorCandidate {
  /** The CN, or what comes nearest. */
  readonly name: string;
  readonly subject: string;
  readonly issuer: string;
  /** SHA-256, `AB:CD:…`: to be compared with what the CA publishes elsewhere. */
  readonly fingerprint: string;
  readonly notBefore: number;
  readonly notAfter: number;
  readonly selfSigned: boolean;
  /** Why it cannot be an anchor. */
  readonly problem?: string;
  /** What to know before trusting it. */
  readonly warnings: readonly string[];
}

export interface NewAnchor {
  /** Default: the CN of its subject. */
  readonly name?: string | undefined;
  /** PEM or DER. */
  readonly file: Uint8Array;
  /** SHA-256 in any usual spelling: what the administrator compared. */
  readonly fingerprint?: string | undefined;
}

/** The trust anchors: whoever decides on them decides on everything, so each is added by its fingerprint. */
export class Anchors {
  readonly #store: Store;
  readonly #audit: AuditLog;
  readonly #now: () => number;
  readonly #listeners = new Set<() => void>();

  constructor(store: Store, audit: AuditLog, now: () => number = Date.now) {
    this.#store = store;
    this.#audit = audit;
    this.#now = now;
  }

  /** Called after each committed change. Returns how to stop that. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async list(): Promise<Anchor[]> {
    const query = this.#store.db.selectFrom('anchors').selectAll().where('removed_at', 'is', null);
    return (await query.orderBy('name').orderBy('id').execute()).map(toAnchor);
  }

  /** DER. */
  async certificates(): Promise<Uint8Array[]> {
    const query = this.#store.db.selectFrom('anchors').select('der').where('removed_at', 'is', null);
    return (await query.orderBy('id').execute()).map(({ der }) => new Uint8Array(der));
  }

  /** One of them, DER. @throws {InventoryError} `not-found` */
  async certificate(id: string): Promise<Uint8Array> {
    const query = this.#store.db.selectFrom('anchors').select('der').where('id', '=', id);
    const row = await query.where('removed_at', 'is', null).executeTakeFirst();
    if (row === undefined) throw noSuchAnchor();
    return new Uint8Array(row.der);
  }

  /** What a file holds, nothing of it trusted. @throws {InventoryError} `invalid` where it holds no certificate */
  inspect(file: Uint8Array): AnchorCandidate[] {
    return readCertificates(file).map((certificate) => candidateOf(certificate, this.#now()));
  }

  /**
   * Trusts the certificate of `file` that has this fingerprint.
   * @throws {InventoryError} `invalid`, `confirmation-needed` (no fingerprint, or another), `already-there`
   */
  async add(input: NewAnchor, actor: Actor): Promise<Anchor> {
    const certificate = confirmed(readCertificates(input.file), input.fingerprint);
    const candidate = candidateOf(certificate, this.#now());
    if (candidate.problem !== undefined) throw new InventoryError('invalid', candidate.problem);
    const row = {
      id: randomUUID(),
      name: input.name?.trim() || candidate.name,
      der: certificate.der,
      fingerprint: sha256(certificate.der),
      subject: candidate.subject,
      not_after: candidate.notAfter,
      added_by: actor,
      added_at: this.#now(),
      removed_at: null,
    };
    try {
      await this.#store.db.transaction().execute(async (trx) => {
        await trx.insertInto('anchors').values(row).execute();
        const details = { name: row.name, subject: row.subject, fingerprint: candidate.fingerprint };
        await this.#audit.append(trx, { actor, action: 'anchor.added', subject: `anchor:${row.id}`, details });
      });
    } catch (error) {
      if (this.#store.violatedUnique(error) !== 'anchors_fingerprint') throw error;
      throw new InventoryError('already-there', `"${candidate.name}" is a trust anchor already.`);
    }
    this.#announce();
    return toAnchor(row);
  }

  /** Certificates below it are no longer let in, and channels that rest on it close. @throws {InventoryError} `not-found` */
  async remove(id: string, actor: Actor): Promise<Anchor> {
    const anchor = await this.#store.db.transaction().execute(async (trx) => {
      const row = await trx
        .updateTable('anchors')
        .set({ removed_at: this.#now() })
        .where('id', '=', id)
        .where('removed_at', 'is', null)
        .returningAll()
        .executeTakeFirst();
      if (row === undefined) throw noSuchAnchor();
      const details = { name: row.name, subject: row.subject, fingerprint: spoken(row.fingerprint) };
      await this.#audit.append(trx, { actor, action: 'anchor.removed', subject: `anchor:${id}`, details });
      return toAnchor(row);
    });
    this.#announce();
    return anchor;
  }

  #announce(): void {
    for (const listener of this.#listeners) listener();
  }
}

const noSuchAnchor = (): InventoryError => new InventoryError('not-found', 'There is no such trust anchor.');

function readCertificates(file: Uint8Array): Certificate[] {
  const { blocks, description } = identify(file);
  const found = blocks.filter(({ kind }) => kind === 'certificate' || kind === 'trusted-certificate');
  if (found.length === 0) {
    throw new InventoryError(
      'invalid',
      `The file holds no certificate: it is ${description}. Give the CA's certificate in PEM or DER.`,
    );
  }
  return found.map(({ der, line }) => {
    try {
      return Certificate.parse(der);
    } catch (error) {
      if (!(error instanceof DerError)) throw error;
      throw new InventoryError(
        'invalid',
        `The certificate at line ${line} cannot be read: ${error.message}. Take the file from the CA anew.`,
      );
    }
  });
}

function confirmed(certificates: readonly Certificate[], fingerprint: string | undefined): Certificate {
  const offered = certificates.map(({ der, subject }) => `${nameOf(subject)} ${spoken(sha256(der))}`).join(' · ');
  if (fingerprint === undefined || fingerprint.trim() === '') {
    throw new InventoryError(
      'confirmation-needed',
      `Compare the SHA-256 fingerprint with the one that your CA publishes, and give it: ${offered}`,
    );
  }
  const wanted = typed(fingerprint);
  const match = certificates.find(({ der }) => sha256(der) === wanted);
  if (match === undefined) {
    throw new InventoryError(
      'confirmation-needed',
      `The fingerprint is not that of a certificate in this file. Found: ${offered}. Given: ${fingerprint.trim().slice(0, 200)}. If the CA's own publication says the latter, somebody gave you another file.`,
    );
  }
  return match;
}

/** @throws {InventoryError} `invalid` where it cannot be read */
export function candidateOf(certificate: Certificate, now: number): AnchorCandidate {
  try {
    return describeCandidate(certificate, now);
  } catch (error) {
    if (!(error instanceof DerError)) throw error;
    throw new InventoryError('invalid', `The certificate cannot be read: ${error.message}. Take it from the CA anew.`);
  }
}

function describeCandidate(certificate: Certificate, now: number): AnchorCandidate {
  const { subject, issuer, notBefore, notAfter } = certificate;
  const name = nameOf(subject);
  const problem = whyNoCa(certificate, name);
  const warnings: string[] = [];
  const date = (seconds: number): string => new Date(seconds * 1000).toISOString().slice(0, 10);
  if (notAfter.seconds * 1000 < now) {
    warnings.push(`It expired on ${date(notAfter.seconds)}: nothing below it will be valid.`);
  } else if (notBefore.seconds * 1000 > now) {
    warnings.push(`It is not valid before ${date(notBefore.seconds)}.`);
  }
  if (!certificate.isSelfIssued) {
    warnings.push(
      `It is no root: "${nameOf(issuer)}" issued it, and will not be asked. Everything below it is trusted all the same.`,
    );
  }
  return {
    name,
    subject: subject.toString(),
    issuer: issuer.toString(),
    fingerprint: spoken(sha256(certificate.der)),
    notBefore: notBefore.seconds * 1000,
    notAfter: notAfter.seconds * 1000,
    selfSigned: certificate.isSelfIssued,
    ...(problem !== undefined && { problem }),
    warnings,
  };
}

function whyNoCa(certificate: Certificate, name: string): string | undefined {
  const constraints = certificate.get(basicConstraints);
  if (constraints?.cA !== true && !(certificate.version === 1 && certificate.isSelfIssued)) {
    return `"${name}" is no CA certificate (basicConstraints does not say CA:TRUE). Give the certificate of the CA that issued it, best the root.`;
  }
  if (certificate.get(keyUsage)?.names.has('keyCertSign') === false) {
    return `"${name}" may not issue certificates (keyUsage lacks keyCertSign). Ask the CA for its CA certificate.`;
  }
  return undefined;
}

export function nameOf(subject: Certificate['subject']): string {
  for (const type of [ATTRIBUTE.CN, ATTRIBUTE.OU, ATTRIBUTE.O]) {
    const text = subject.all(type)[0]?.text.trim();
    if (text !== undefined && text !== '') return text;
  }
  return subject.toString();
}

const toAnchor = (row: Selectable<Schema['anchors']>): Anchor => ({
  id: row.id,
  name: row.name,
  subject: row.subject,
  fingerprint: spoken(row.fingerprint),
  notAfter: row.not_after,
  addedBy: row.added_by,
  addedAt: row.added_at,
});
