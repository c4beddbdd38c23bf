import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { toPem } from '../../making/encode/der.ts';
import { keyToPem, type NewKey, newKey } from '../../making/issue/key.ts';
import { createLabCa, type LabCa } from '../../making/issue/lab-ca.ts';
import { encodeName, subjectAttributes } from '../../making/encode/name-fields.ts';
import { nodeCrypto } from '../../platform/crypto/node-crypto.ts';
import { openSqliteStore } from '../../platform/store/sqlite/sqlite-store.ts';
import type { Store } from '../../platform/store/store.ts';
import { Vault } from '../../platform/vault/vault.ts';
import { AuditLog } from '../audit/audit-log.ts';
import { type Appliance, Appliances } from './appliances.ts';
import { Gate, type Upload } from './gate.ts';
import { Identities } from './identities.ts';

const folder = mkdtempSync(join(tmpdir(), 'certgate-gate-'));
const clock = Date.now();
let ca: LabCa;
let keys: NewKey[];
let store: Store;
let appliances: Appliances;
let identities: Identities;
let gate: Gate;
let databases = 0;

beforeAll(async () => {
  const now = new Date(clock - 86_400_000);
  ca = await createLabCa(join(folder, 'ca'), {
    name: 'Lab',
    organization: 'Contoso',
    country: 'US',
    passphrase: 'x',
    now,
  });
  keys = await Promise.all([newKey(2048), newKey(2048), newKey(2048)]);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

beforeEach(async () => {
  store = await openSqliteStore(join(folder, `${databases++}.db`));
  const vault = new Vault(randomBytes(32));
  const audit = new AuditLog(store, randomBytes(32));
  appliances = new Appliances(store, audit);
  identities = new Identities({ store, vault, audit });
  const trust = { anchors: async () => [ca.root.certificate], crls: async () => [] };
  gate = new Gate({ store, vault, audit, appliances, identities, trust, crypto: nodeCrypto });
});

const pem = (der: Uint8Array): Buffer => Buffer.from(toPem('CERTIFICATE', der));

function bundle(hostname: string, key: NewKey, passphrase?: string): Upload {
  const subject = { country: 'US', organization: 'Contoso', organizationalUnit: 'Plant', commonName: hostname };
  const crt = ca.sign({
    subject: encodeName(subjectAttributes(subject)),
    subjectPublicKeyInfo: key.spki,
    names: [hostname],
    notBefore: new Date(clock - 3_600_000),
    notAfter: new Date(clock + 300 * 86_400_000),
  });
  return {
    name: hostname,
    crt: pem(crt),
    key: Buffer.from(keyToPem(key.privateKey, passphrase)),
    chain: Buffer.from(ca.chainPem),
    passphrase: passphrase === undefined ? undefined : Buffer.from(passphrase),
  };
}

const sensor = (name: string, hostname = `${name}.contoso.com`): Promise<Appliance> =>
  appliances.create({ name, hostname }, 'ada');

describe('an upload', () => {
  test('that is accepted becomes the identity, key and chain with it', async () => {
    const { id } = await sensor('one');
    const result = await gate.upload(id, bundle('one.contoso.com', keys[0]!), 'ada');
    expect(result.report.findings.filter(({ status }) => status === 'refused' || status === 'unsupported')).toEqual([]);
    expect(result.outcome).toBe('activated');
    const material = await identities.material(id);
    expect(Buffer.from(material!.key)).toEqual(keys[0]!.privateKey.export({ type: 'pkcs8', format: 'der' }));
    expect(material!.chainPem).toBe(ca.chainPem);
  });

  test('that is refused leaves the identity as it is, and is kept without its key', async () => {
    const { id } = await sensor('one');
    const good = await gate.upload(id, bundle('one.contoso.com', keys[0]!), 'ada');
    const mismatched = { ...bundle('one.contoso.com', keys[1]!), key: bundle('one.contoso.com', keys[2]!).key };
    const result = await gate.upload(id, mismatched, 'ada');
    expect(result.outcome).toBe('refused');
    expect(result.report.findings[0]!.rule).toBe('key-matches-crt');
    expect((await identities.active(id))!.id).toBe(good.identity!.id);
    const kept = await store.db
      .selectFrom('uploads')
      .selectAll()
      .where('id', '=', result.uploadId)
      .executeTakeFirstOrThrow();
    expect(JSON.parse(kept.report)).toEqual(result.report);
    expect(Object.values(kept).some((value) => String(value).includes('PRIVATE KEY'))).toBe(false);
  });

  test('with the key in the place of the certificate, or beside it, keeps nothing of the key', async () => {
    const { id } = await sensor('one');
    const good = bundle('one.contoso.com', keys[0]!);
    const key = Buffer.from(good.key!);
    const der = keys[0]!.privateKey.export({ type: 'pkcs8', format: 'der' });
    for (const crt of [key, der, Buffer.concat([Buffer.from(good.crt), key])]) {
      const { uploadId } = await gate.upload(id, { ...good, crt }, 'ada');
      const row = await store.db.selectFrom('uploads').selectAll().where('id', '=', uploadId).executeTakeFirstOrThrow();
      const everything = Buffer.concat([Buffer.from(JSON.stringify({ ...row, crt: '' })), Buffer.from(row.crt)]);
      for (const secret of ['PRIVATE', der.subarray(40, 80), der.subarray(300, 330).toString('base64').slice(4, 36)]) {
        expect(everything.includes(secret)).toBe(false);
      }
    }
  });

  test.each([
    ['no name', { name: '' }],
    ['a name that would colour a terminal', { name: 'a\u001b[31m' }],
    ['an endless reason', { reason: 'x'.repeat(3000) }],
  ])('with %s is told so', async (_what, wrong) => {
    const { id } = await sensor('one');
    const upload = { ...bundle('one.contoso.com', keys[0]!), ...wrong };
    await expect(gate.upload(id, upload, 'ada')).rejects.toMatchObject({ code: 'invalid' });
  });

  test('rolled back gives the earlier identity back, and again the later one', async () => {
    const { id } = await sensor('one');
    const first = await gate.upload(id, bundle('one.contoso.com', keys[0]!), 'ada');
    const second = await gate.upload(id, bundle('one.contoso.com', keys[1]!), 'ada');
    expect((await gate.rollBack(id, 'ada')).identity!.id).toBe(first.identity!.id);
    expect((await gate.rollBack(id, 'ada')).identity!.id).toBe(second.identity!.id);
  });

  test('with --passphrase-set takes the passphrase of the one before', async () => {
    const { id } = await sensor('one');
    const first = await gate.upload(id, bundle('one.contoso.com', keys[0]!, 'Secret-1'), 'ada');
    expect(first.outcome).toBe('activated');
    const again = { ...bundle('one.contoso.com', keys[1]!, 'Secret-1'), passphrase: undefined, passphraseSet: true };
    expect((await gate.upload(id, again, 'ada')).outcome).toBe('activated');
  });
});

describe('no two appliances share', () => {
  test('a certificate or a key, ever', async () => {
    const [one, two] = [await sensor('one'), await sensor('two', 'one.contoso.com')];
    const shared = bundle('one.contoso.com', keys[0]!);
    await gate.upload(one.id, shared, 'ada');
    await appliances.retire(one.id, 1, 'ada');
    const result = await gate.upload(two.id, shared, 'ada');
    expect(result.outcome).toBe('refused');
    const rules = result.report.findings.filter(({ status }) => status === 'refused').map(({ rule }) => rule);
    expect(rules).toEqual(['fleet-unique-certificate', 'fleet-unique-key']);
  });

  test('a name, while both are in service; a successor may have it', async () => {
    const [one, two] = [await sensor('one'), await sensor('two', 'one.contoso.com')];
    await gate.upload(one.id, bundle('one.contoso.com', keys[0]!), 'ada');
    const taken = await gate.upload(two.id, bundle('ONE.contoso.com', keys[1]!), 'ada');
    expect(taken.report.findings[0]).toMatchObject({ rule: 'fleet-unique-cn', status: 'refused' });
    expect(taken.report.findings[0]!.message).toContain('one');
    await appliances.retire(one.id, 1, 'ada');
    expect((await gate.upload(two.id, bundle('one.contoso.com', keys[2]!), 'ada')).outcome).toBe('activated');
  });
});
