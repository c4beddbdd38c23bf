import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadMasterKey } from './master-key.ts';
import { Vault, VaultError } from './vault.ts';

const place = { table: 'identities', record: '42', field: 'key_sealed' };
const secret = Buffer.from('a private key');
const code = (work: () => unknown): unknown => {
  try {
    work();
    return 'nothing thrown';
  } catch (error) {
    return error instanceof VaultError ? error.code : error;
  }
};

describe('Vault', () => {
  const vault = new Vault(randomBytes(32));

  test('opens what it sealed, and never seals twice alike', () => {
    const sealed = vault.seal(place, secret);
    expect(Buffer.from(vault.open(place, sealed))).toEqual(secret);
    expect(Buffer.from(sealed).includes(secret)).toBe(false);
    expect(Buffer.from(vault.seal(place, secret))).not.toEqual(Buffer.from(sealed));
  });

  test.each([
    { ...place, table: 'pending_keys' },
    { ...place, record: '43' },
    { ...place, field: 'passphrase_sealed' },
    { table: 'identities,2:42', record: '', field: 'key_sealed' },
  ])('refuses a value that was moved to %o', (elsewhere) => {
    expect(code(() => vault.open(elsewhere, vault.seal(place, secret)))).toBe('altered');
  });

  test('refuses a value changed in any one byte, and any shorter one', () => {
    const sealed = vault.seal(place, secret);
    for (let at = 0; at < sealed.length; at++) {
      const changed = Uint8Array.from(sealed);
      changed[at]! ^= 1;
      expect(['altered', 'malformed', 'other-master-key']).toContain(code(() => vault.open(place, changed)));
      expect(['altered', 'malformed']).toContain(code(() => vault.open(place, sealed.subarray(0, at))));
    }
  });

  test('names the master key that a value needs', () => {
    const other = new Vault(randomBytes(32));
    expect(() => other.open(place, vault.seal(place, secret))).toThrow(vault.fingerprint.slice(0, 16));
  });

  test('rotates: the value moves to the new master key and the old one no longer opens it', () => {
    const [oldKey, newKey] = [randomBytes(32), randomBytes(32)];
    const sealed = new Vault(oldKey).seal(place, secret);
    const rotating = new Vault(newKey, [oldKey]);
    expect(rotating.needsRotation(sealed)).toBe(true);
    const rotated = rotating.rotate(place, sealed);
    expect(rotating.needsRotation(rotated)).toBe(false);
    expect(Buffer.from(new Vault(newKey).open(place, rotated))).toEqual(secret);
    expect(code(() => new Vault(oldKey).open(place, rotated))).toBe('other-master-key');
  });
});

describe('loadMasterKey', () => {
  const folder = mkdtempSync(join(tmpdir(), 'certgate-master-'));
  const data = join(folder, 'data');

  test('makes a 0600 file once and reads it ever after', () => {
    const file = join(folder, 'keys', 'master.key');
    const made = loadMasterKey({ file }, data);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(Buffer.from(loadMasterKey({ file }, data))).toEqual(Buffer.from(made));
  });

  test('refuses a file that others may read, or inside the data folder', () => {
    const file = join(folder, 'open.key');
    writeFileSync(file, randomBytes(32).toString('hex'));
    chmodSync(file, 0o640);
    expect(code(() => loadMasterKey({ file }, data))).toBe('exposed-master-key');
    expect(code(() => loadMasterKey({ file: join(data, 'x', 'm.key') }, data))).toBe('exposed-master-key');
  });

  test('takes it from the environment, a systemd credential or a command, in hex or Base64', () => {
    const key = randomBytes(32);
    writeFileSync(join(folder, 'certgate-master-key'), key.toString('base64'));
    const sources = [
      { value: key.toString('hex') },
      { credentialsDirectory: folder },
      { command: ['cat', join(folder, 'certgate-master-key')] },
    ];
    for (const source of sources) expect(Buffer.from(loadMasterKey(source, data))).toEqual(key);
  });

  test('says where it looked and never what it saw', () => {
    const near = randomBytes(31).toString('hex');
    expect(() => loadMasterKey({ value: near }, data)).toThrow('CERTGATE_MASTER_KEY');
    expect(() => loadMasterKey({ value: near }, data)).not.toThrow(near);
    expect(code(() => loadMasterKey({ command: ['false'] }, data))).toBe('no-master-key');
    expect(code(() => loadMasterKey({}, data))).toBe('no-master-key');
  });
});
