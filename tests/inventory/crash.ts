import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createPrivateKey, generateKeyPairSync, X509Certificate } from 'node:crypto';
import { symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import { sql } from 'kysely';
import { spkiOf } from '../../src/making/issue/key.ts';
import { openSqliteStore } from '../../src/platform/store/sqlite/sqlite-store.ts';
import type { AuditHead } from '../../src/service/audit/audit-log.ts';
import type { Upload } from '../../src/service/inventory/gate.ts';
import { FleetLab, type Inventory, inventoryOn, newSecrets, sensor } from './fleet-lab.ts';

interface Done {
  readonly active: string;
  readonly head: AuditHead;
}

const CHANGES = new Set(['certificate.activated', 'certificate.rolled-back']);

/** A database on which a child process uploads, activates and rolls back until it is killed. Run it from the root. */
export class CrashLab {
  readonly #lab: FleetLab;
  readonly #program: string;
  readonly #secrets = newSecrets();
  #lanes = 0;

  private constructor(lab: FleetLab, program: string) {
    this.#lab = lab;
    this.#program = program;
  }

  static async create(): Promise<CrashLab> {
    const lab = await FleetLab.create({ keys: 0 });
    const program = join(lab.folder, 'crash-child.mjs');
    // Bundled once: from its sources each child would need a second to start.
    await build({
      entryPoints: ['tests/inventory/crash-child.ts'],
      bundle: true,
      platform: 'node',
      format: 'esm',
      packages: 'external',
      outfile: program,
    });
    symlinkSync(resolve('node_modules'), join(lab.folder, 'node_modules'));
    return new CrashLab(lab, program);
  }

  close(): Promise<void> {
    return this.#lab.close();
  }

  /**
   * Kills so many children on a database of its own, each up to 150 ms after its first change was acknowledged, and
   * demands after each that nothing acknowledged is lost and the identity is whole. Gives how many were acknowledged.
   */
  async lane(kills: number): Promise<number> {
    const lane = this.#lanes++;
    const database = join(this.#lab.folder, `crash-${lane}.db`);
    const settings = join(this.#lab.folder, `settings-${lane}.json`);
    const id = await this.#prepare(database, settings);
    let acknowledged = 0;
    for (let round = 0; round < kills; round++) {
      const ms = Math.random() * 150;
      const done = await this.#killedAfter([database, settings], ms);
      acknowledged += done.length;
      const store = await openSqliteStore(database);
      try {
        await this.#demandWhole(inventoryOn(store, { secrets: this.#secrets }), id, done.at(-1)!);
      } catch (error) {
        throw new Error(`lane ${lane}, round ${round}, killed after ${ms} ms: ${(error as Error).message}`, {
          cause: error,
        });
      } finally {
        await store.close();
      }
    }
    return acknowledged;
  }

  async #prepare(database: string, settings: string): Promise<string> {
    const store = await openSqliteStore(database);
    const fleet = inventoryOn(store, { secrets: this.#secrets });
    await this.#lab.trust(fleet);
    const { id } = await sensor(fleet, 'crash');
    const bundles = Array.from({ length: 4 }, (): Upload => {
      const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      const bundle = this.#lab.bundle('crash.contoso.com', { privateKey, spki: spkiOf(privateKey) });
      return { ...bundle, reason: 'a lab' };
    });
    for (const bundle of bundles.slice(0, 2)) {
      assert.equal((await fleet.gate.upload(id, bundle, 'ada')).outcome, 'activated');
    }
    await store.close();
    const text = (bytes: Uint8Array | undefined): string => Buffer.from(bytes!).toString('base64');
    const { masterKey, auditKey } = this.#secrets;
    const uploads = bundles.map(({ name, crt, key, chain }) => ({
      name,
      crt: text(crt),
      key: text(key),
      chain: text(chain),
    }));
    const told = { masterKey: text(masterKey), auditKey: text(auditKey), applianceId: id, uploads };
    writeFileSync(settings, JSON.stringify(told));
    return id;
  }

  /** What the child said was done before it was killed, `ms` after the first. */
  async #killedAfter(args: readonly string[], ms: number): Promise<Done[]> {
    const child = spawn(process.execPath, [this.#program, ...args]);
    let [said, errors] = ['', ''];
    let timer: NodeJS.Timeout | undefined;
    child.stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      timer ??= setTimeout(() => child.kill('SIGKILL'), ms);
    });
    child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
    const signal = await new Promise<string | null>((settle) => child.once('close', (_code, by) => settle(by)));
    assert.deepEqual([signal, errors], ['SIGKILL', '']);
    // The last line may be torn.
    const lines = said.split('\n').slice(0, -1);
    return lines.map((line) => JSON.parse(line) as Done);
  }

  async #demandWhole({ store, audit, identities }: Inventory, id: string, last: Done): Promise<void> {
    const { rows } = await sql<{ integrity_check: string }>`pragma integrity_check`.execute(store.db);
    assert.equal(rows[0]!.integrity_check, 'ok');
    assert.deepEqual((await sql`pragma foreign_key_check`.execute(store.db)).rows, []);
    const verified = await audit.verify(last.head);
    assert.ok(verified.intact, JSON.stringify(verified));

    const { identity, crtPem, chainPem, key } = (await identities.material(id))!;
    // At most what was under way came after what was acknowledged: one change.
    const entries = await audit.page({ limit: 50 });
    const later = entries.filter(({ seq, action }) => seq > last.head.seq && CHANGES.has(action));
    assert.ok(later.length <= 1, `${later.length} changes after the last that was acknowledged`);
    if (later.length === 0) assert.equal(identity.id, last.active);
    const certificate = new X509Certificate(crtPem);
    const privateKey = createPrivateKey({ key: Buffer.from(key), format: 'der', type: 'pkcs8' });
    assert.ok(certificate.checkPrivateKey(privateKey), 'the key is not that of the certificate');
    assert.equal(chainPem, this.#lab.ca.chainPem);
    assert.equal(certificate.fingerprint256.replaceAll(':', '').toLowerCase(), identity.fingerprint);

    const states = (await identities.history(id)).map(({ state }) => state);
    const inUse = states.filter((state) => state !== 'ended' && state !== 'staged');
    assert.deepEqual(inUse.toSorted(), ['active', 'previous']);
    const uploads = await store.db.selectFrom('uploads').select('identity_id').execute();
    const known = new Set((await identities.history(id)).map((one) => one.id));
    assert.deepEqual(new Set(uploads.map(({ identity_id }) => identity_id)), known);
    const claims = await store.db.selectFrom('common_name_claims').select(['cn_key', 'appliance_id']).execute();
    const held = claims.map(({ cn_key, appliance_id }) => [cn_key, appliance_id]);
    assert.deepEqual(held, [['crash.contoso.com', id]]);
  }
}
