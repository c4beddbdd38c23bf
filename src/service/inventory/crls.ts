import { randomUUID } from 'node:crypto';
import { type Selectable, sql, type Transaction } from 'kysely';
import type { Crypto, CrlFailure, CrlReply, CrlRequest, CrlSource } from '../../core/base/ports.ts';
import { DerError } from '../../core/der/errors.ts';
import type { OpenedBundle } from '../../core/files/bundle.ts';
import { identify } from '../../core/files/identify.ts';
import { isDelta, numberOf } from '../../core/revocation/crl-facts.ts';
import { judgeCrl } from '../../core/revocation/judge-crl.ts';
import { crlLocations } from '../../core/revocation/locations.ts';
import { type OpenCrl, openCrl } from '../../core/revocation/open-crl.ts';
import { scopeKey } from '../../core/revocation/scope.ts';
import type { Certificate } from '../../core/x509/certificate.ts';
import type { Name } from '../../core/x509/name.ts';
import type { Schema } from '../../platform/store/schema.ts';
import type { Store } from '../../platform/store/store.ts';
import type { Actor, AuditLog } from '../audit/audit-log.ts';
import type { Anchors } from './anchors.ts';
import { CrlSigners } from './crl-signers.ts';
import { sha256, spoken } from './fingerprint.ts';
import { type CrlRow, type HeldCrl, toHeld } from './held-crl.ts';
import { InventoryError } from './inventory-error.ts';

export type { HeldCrl } from './held-crl.ts';

export interface KeptCrl {
  readonly crl: HeldCrl;
  readonly outcome: 'added' | 'replaced' | 'unchanged';
}

export interface CrlParts {
  readonly store: Store;
  readonly audit: AuditLog;
  readonly anchors: Anchors;
  readonly crypto: Crypto;
  /** Fetches over the network; absent: CRLs only come by upload. */
  readonly source?: CrlSource<OpenCrl> | undefined;
}

/** The CRLs held: one for each issuer and scope, the newest that came; an older one never takes its place. */
export class Crls {
  readonly #parts: CrlParts;
  readonly #signers: CrlSigners;
  readonly #now: () => number;
  readonly #listeners = new Set<() => void>();
  /** By fingerprint: opening a long one takes a while. */
  readonly #opened = new Map<string, OpenCrl>();
  /** What came for an upload and whose signer nobody knew; by URL. */
  readonly #waiting = new Map<string, { readonly crl: OpenCrl; readonly at: number }>();

  constructor(parts: CrlParts, now: () => number = Date.now) {
    this.#parts = parts;
    this.#signers = new CrlSigners(parts.store, parts.anchors, parts.crypto);
    this.#now = now;
  }

  /** Called when another CRL is held than before. Returns how to stop that. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** By issuer. */
  async list(): Promise<HeldCrl[]> {
    const rows = await this.#rows().orderBy('issuer').orderBy('id').execute();
    return rows.map((row) => toHeld(row, this.#now()));
  }

  /** @throws {InventoryError} `not-found` */
  async open(id: string): Promise<OpenCrl> {
    const row = await this.#rows().where('id', '=', id).executeTakeFirst();
    if (row === undefined) throw noSuchCrl();
    return this.#load(row);
  }

  /**
   * Keeps an uploaded CRL.
   * @param file PEM or DER
   * @throws {InventoryError} `invalid` (no CRL), `crl-refused` (signature, dates), `crl-older`
   */
  async add(file: Uint8Array, actor: Actor): Promise<KeptCrl> {
    const crl = readCrl(file);
    await this.#demandGood(crl);
    return this.#keep(crl, null, actor);
  }

  /**
   * Fetches a CRL now and keeps it.
   * @param actor undefined: it is only renewed, which is nobody's doing and stands in no log
   * @throws {InventoryError} `crl-refused` with what the server, the network or the CRL did wrong, `crl-older`
   */
  async fetch(url: string, actor: Actor | undefined): Promise<KeptCrl> {
    const { source } = this.#parts;
    if (source === undefined) throw new InventoryError('crl-refused', `${NO_FETCHING.message} ${NO_FETCHING.fix}`);
    const signers = await this.#signers.all({ recent: actor === undefined });
    const judge = (crl: OpenCrl): ReturnType<typeof judgeCrl> => this.#judge(crl, signers);
    const { crl, failure } = await source.fetch({ url, judge, anchored: true, want: 'newest' });
    if (failure !== undefined || crl === undefined) {
      const why = failure === undefined ? 'No CRL came.' : `${failure.message} ${failure.fix}`;
      throw new InventoryError('crl-refused', `No CRL from ${failure?.url ?? url}: ${why}`);
    }
    return this.#keep(crl, url, actor);
  }

  /** Lets the next CRL of the same issuer be older: its CA was restored from a backup. @throws {InventoryError} `not-found` */
  async allowOlder(id: string, actor: Actor): Promise<void> {
    await this.#parts.store.db.transaction().execute(async (trx) => {
      const row = await trx.selectFrom('crls').select(['issuer_key', 'issuer']).where('id', '=', id).executeTakeFirst();
      if (row === undefined) throw noSuchCrl();
      await trx
        .updateTable('crls')
        .set({ older_allowed_at: this.#now() })
        .where('issuer_key', '=', row.issuer_key)
        .execute();
      const details = { issuer: row.issuer };
      await this.#parts.audit.append(trx, { actor, action: 'crl.older-allowed', subject: `crl:${id}`, details });
    });
  }

  /** @throws {InventoryError} `not-found` */
  async remove(id: string, actor: Actor): Promise<void> {
    await this.#parts.store.db.transaction().execute(async (trx) => {
      const row = await trx
        .deleteFrom('crls')
        .where('id', '=', id)
        .returning(['issuer', 'crl_number'])
        .executeTakeFirst();
      if (row === undefined) throw noSuchCrl();
      const details = { issuer: row.issuer, number: row.crl_number };
      await this.#parts.audit.append(trx, { actor, action: 'crl.removed', subject: `crl:${id}`, details });
    });
    this.#announce();
  }

  /** Every CRL that may say something about a certificate of these files. */
  async forBundle({ crt, chain }: OpenedBundle): Promise<OpenCrl[]> {
    const certificates = [crt.leaf, ...crt.rest, ...(chain?.certificates ?? [])].flatMap(
      (one) => one?.certificate ?? [],
    );
    return this.ofIssuers(certificates.flatMap(crlIssuers));
  }

  async ofIssuers(issuers: readonly Name[]): Promise<OpenCrl[]> {
    const keys = [...new Set(issuers.map((name) => sha256(name.canonical)))];
    if (keys.length === 0) return [];
    const rows = await this.#rows().where('issuer_key', 'in', keys).orderBy('id').execute();
    return Promise.all(rows.map((row) => this.#load(row)));
  }

  /** The network first, and what is held where it fails: a CRL that is still current serves. */
  get source(): CrlSource<OpenCrl> {
    return { fetch: (request) => this.#fetchOrHeld(request) };
  }

  async #fetchOrHeld(request: CrlRequest<OpenCrl>): Promise<CrlReply<OpenCrl>> {
    const reply = await this.#parts.source?.fetch(request);
    if (reply?.crl !== undefined) {
      await this.#keepIfTrusted(reply.crl, request.url);
      return reply;
    }
    const held = await this.#heldFor(request);
    const failure = reply?.failure ?? (held === undefined ? { ...NO_FETCHING, url: request.url } : undefined);
    return { url: request.url, crl: held, from: held && 'held', failure };
  }

  async #heldFor(request: CrlRequest<OpenCrl>): Promise<OpenCrl | undefined> {
    // Uploaded ones have no URL; whose they are, and whether they are current, the request judges itself.
    const rows = await this.#rows()
      .where(({ eb, or }) => or([eb('url', '=', request.url), eb('url', 'is', null)]))
      .execute();
    for (const row of rows) {
      const crl = await this.#load(row);
      if (!isDelta(crl) && request.judge(crl) === undefined) return crl;
    }
    return undefined;
  }

  // What a bundle's own, unknown CA signed may judge that bundle; it is not kept for others.
  async #keepIfTrusted(crl: OpenCrl, url: string): Promise<void> {
    if (this.#judge(crl, await this.#signers.all({ recent: true })) === undefined) return this.#keepNewer(crl, url);
    if (crl.list.der.length <= LARGEST_WAITING && this.#waiting.size < MOST_WAITING) {
      this.#waiting.set(url, { crl, at: this.#now() });
    }
  }

  /** Keeps what came for an upload before its CA was known here, once that upload's chain is in use. */
  async adopt(): Promise<void> {
    if (this.#waiting.size === 0) return;
    const signers = await this.#signers.all();
    for (const [url, { crl, at }] of this.#waiting) {
      const isGood = this.#judge(crl, signers) === undefined;
      if (isGood || at + LONGEST_WAIT < this.#now()) this.#waiting.delete(url);
      if (isGood) await this.#keepNewer(crl, url);
    }
  }

  async #keepNewer(crl: OpenCrl, url: string): Promise<void> {
    try {
      await this.#keep(crl, url, undefined);
    } catch (error) {
      if (!(error instanceof InventoryError)) throw error;
    }
  }

  async #demandGood(crl: OpenCrl): Promise<void> {
    const problem = this.#judge(crl, await this.#signers.all());
    if (problem !== undefined) throw new InventoryError('crl-refused', `${problem.message} ${problem.fix}`);
  }

  #judge(crl: OpenCrl, trusted: readonly Certificate[]): ReturnType<typeof judgeCrl> {
    const signers = trusted.filter(({ subject }) => subject.equals(crl.issuer));
    if (signers.length === 0) {
      return {
        code: 'bad-signature',
        message: `Nobody here can tell whether this CRL of "${crl.issuer}" is genuine: no certificate of that CA leads to a trust anchor.`,
        fix: 'Add the root of that CA as trust anchor first, or, of an issuing CA, upload a certificate with its chain.',
      };
    }
    return judgeCrl(crl, {
      issuers: [],
      signers,
      at: Math.floor(this.#now() / 1000),
      crypto: this.#parts.crypto,
    });
  }

  async #keep(crl: OpenCrl, url: string | null, actor: Actor | undefined): Promise<KeptCrl> {
    const row = this.#rowOf(crl, url);
    const kept = await this.#parts.store.db.transaction().execute(async (trx): Promise<KeptCrl> => {
      const before = await this.#before(trx, row);
      const outcome = outcomeOf(before, row);
      const id = before?.id ?? row.id;
      if (before !== undefined) {
        const { id: _id, scope_key: _scope, ...change } = row;
        await trx.updateTable('crls').set(change).where('id', '=', id).execute();
      }
      if (actor !== undefined && outcome !== 'unchanged') {
        const details = { issuer: row.issuer, number: row.crl_number, url, fingerprint: spoken(row.fingerprint) };
        await this.#parts.audit.append(trx, { actor, action: `crl.${outcome}`, subject: `crl:${id}`, details });
      }
      return { crl: toHeld({ ...row, id, size: row.der.length }, this.#now()), outcome };
    });
    this.#opened.set(row.fingerprint, crl);
    if (kept.outcome !== 'unchanged') this.#announce();
    return kept;
  }

  /** The row of that scope, locked; undefined where ours was put in just now. */
  async #before(trx: Transaction<Schema>, row: Selectable<Schema['crls']>): Promise<CrlRow | undefined> {
    const inserted = await trx
      .insertInto('crls')
      .values(row)
      .onConflict((conflict) => conflict.column('scope_key').doNothing())
      .executeTakeFirst();
    if (inserted.numInsertedOrUpdatedRows === 1n) return undefined;
    let query = this.#rows(trx).where('scope_key', '=', row.scope_key);
    if (this.#parts.store.kind === 'postgres') query = query.forUpdate();
    return query.executeTakeFirstOrThrow();
  }

  #rowOf(crl: OpenCrl, url: string | null): Selectable<Schema['crls']> {
    const { der, thisUpdate, nextUpdate } = crl.list;
    const { canonical } = crl.issuer;
    return {
      id: randomUUID(),
      scope_key: sha256(`${canonical}\n${scopeKey(crl)}\n${isDelta(crl) ? 'delta' : 'complete'}`),
      issuer_key: sha256(canonical),
      issuer: crl.issuer.toString(),
      url,
      der,
      fingerprint: sha256(der),
      crl_number: numberOf(crl)?.toString() ?? null,
      this_update: thisUpdate.seconds * 1000,
      next_update: nextUpdate === undefined ? null : nextUpdate.seconds * 1000,
      obtained_at: this.#now(),
      older_allowed_at: null,
    };
  }

  async #load(row: CrlRow): Promise<OpenCrl> {
    const known = this.#opened.get(row.fingerprint);
    if (known !== undefined) return known;
    const { der } = await this.#parts.store.db
      .selectFrom('crls')
      .select('der')
      .where('id', '=', row.id)
      .executeTakeFirstOrThrow();
    const crl = openCrl(new Uint8Array(der));
    this.#opened.set(row.fingerprint, crl);
    return crl;
  }

  #rows(db: Store['db'] | Transaction<Schema> = this.#parts.store.db) {
    return db
      .selectFrom('crls')
      .select(['id', 'scope_key', 'issuer_key', 'issuer', 'url', 'fingerprint', 'crl_number'])
      .select(['this_update', 'next_update', 'obtained_at', 'older_allowed_at'])
      .select(sql<number>`length(der)`.as('size'));
  }

  #announce(): void {
    void this.#forgetReplaced();
    for (const listener of this.#listeners) listener();
  }

  async #forgetReplaced(): Promise<void> {
    const held = new Set((await this.list()).map(({ fingerprint }) => fingerprint));
    for (const fingerprint of this.#opened.keys()) if (!held.has(spoken(fingerprint))) this.#opened.delete(fingerprint);
  }
}

const LARGEST_WAITING = 4 * 1024 * 1024;
const MOST_WAITING = 16;
const LONGEST_WAIT = 10 * 60_000;

const noSuchCrl = (): InventoryError => new InventoryError('not-found', 'There is no such CRL.');

const NO_FETCHING: Omit<CrlFailure, 'url'> = {
  code: 'forbidden',
  message: 'This Certgate does not fetch CRLs from the network.',
  fix: "Upload the CA's current CRL by hand.",
};

function readCrl(file: Uint8Array): OpenCrl {
  // A DER CRL of 100 MB is not looked at for what else it could be.
  const content = file[0] === 0x30 ? undefined : identify(file);
  const der = content === undefined ? file : content.blocks.find(({ kind }) => kind === 'crl')?.der;
  if (der === undefined) {
    throw new InventoryError('invalid', `The file holds no CRL: it is ${content!.description}. Give it in PEM or DER.`);
  }
  try {
    // A copy of our own: it stays open longer than the upload lives.
    return openCrl(new Uint8Array(der));
  } catch (error) {
    if (!(error instanceof DerError)) throw error;
    throw new InventoryError('invalid', `The CRL cannot be read: ${error.message}. Fetch it from the CA anew.`);
  }
}

export function crlIssuers(certificate: Certificate): Name[] {
  try {
    return [certificate.issuer, ...crlLocations(certificate).flatMap(({ issuers }) => issuers)];
  } catch (error) {
    // The rule on the certificate's form says so.
    if (error instanceof DerError) return [certificate.issuer];
    throw error;
  }
}

/** @throws {InventoryError} `crl-older` */
function outcomeOf(before: CrlRow | undefined, next: Selectable<Schema['crls']>): KeptCrl['outcome'] {
  if (before === undefined) return 'added';
  if (before.fingerprint === next.fingerprint) return 'unchanged';
  if (before.older_allowed_at !== null) return 'replaced';
  const [held, came] = [before.crl_number, next.crl_number];
  const older =
    held !== null && came !== null && BigInt(came) < BigInt(held)
      ? `it has number ${came}, and number ${held} is held already`
      : next.this_update < before.this_update && 'it was made before the one that is held (thisUpdate)';
  if (older === false) return 'replaced';
  throw new InventoryError(
    'crl-older',
    `This CRL of "${next.issuer}" is older than one seen before: ${older}. Somebody plays back an old list, or a server of the CA lags behind. After a CA was restored from a backup, allow an older one for this issuer, then repeat.`,
  );
}
