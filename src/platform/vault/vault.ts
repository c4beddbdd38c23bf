import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto';

/** Where a sealed value lives. A value moved anywhere else no longer opens. */
export interface Place {
  readonly table: string;
  readonly record: string;
  readonly field: string;
}

export type VaultErrorCode =
  | 'no-master-key'
  | 'bad-master-key'
  | 'exposed-master-key'
  | 'other-master-key'
  | 'altered'
  | 'malformed';

/** The message says what to do; it never holds anything secret. */
export class VaultError extends Error {
  override readonly name = 'VaultError';
  readonly code: VaultErrorCode;
  constructor(code: VaultErrorCode, message: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
  }
}

const MASTER_KEY_BYTES = 32;
const FORMAT = 1;
const ID_BYTES = 8;
const IV_BYTES = 12;
const TAG_BYTES = 16;
// format, id of the master key, IV and wrapped data key with its tag, IV of the data
const WRAP_END = 1 + ID_BYTES + IV_BYTES + MASTER_KEY_BYTES + TAG_BYTES;
const HEADER_BYTES = WRAP_END + IV_BYTES;

interface MasterKey {
  readonly id: Buffer;
  readonly fingerprint: string;
  readonly wrapping: Buffer;
}

/**
 * Seals secrets for storage: AES-256-GCM under a key of their own, which is wrapped by the master key. Place and format
 * version are authenticated with both. Rotating the master key re-wraps; `open` still takes the keys given as previous.
 */
export class Vault {
  readonly #current: MasterKey;
  readonly #known: ReadonlyMap<string, MasterKey>;

  /** @param masterKey 32 bytes; copied, the caller may wipe its own. @throws {VaultError} `bad-master-key` */
  constructor(masterKey: Uint8Array, previous: readonly Uint8Array[] = []) {
    this.#current = prepare(masterKey);
    const all = [this.#current, ...previous.map(prepare)];
    this.#known = new Map(all.map((key) => [key.id.toString('hex'), key]));
  }

  /** Names the master key without giving it away: what `db restore` asks for. */
  get fingerprint(): string {
    return this.#current.fingerprint;
  }

  /** Whether it opens what that master key sealed. */
  knows(fingerprint: string): boolean {
    return [...this.#known.values()].some((key) => key.fingerprint === fingerprint);
  }

  seal(place: Place, secret: Uint8Array): Uint8Array {
    const dataKey = randomBytes(MASTER_KEY_BYTES);
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv('aes-256-gcm', dataKey, iv).setAAD(placeBytes(place, 'data'));
    const ciphertext = Buffer.concat([cipher.update(secret), cipher.final(), cipher.getAuthTag()]);
    const sealed = Buffer.concat([this.#wrap(place, dataKey), iv, ciphertext]);
    dataKey.fill(0);
    return sealed;
  }

  /** The secret, in a buffer of its own that the caller wipes. @throws {VaultError} */
  open(place: Place, sealed: Uint8Array): Uint8Array {
    const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength);
    const dataKey = this.#unwrap(place, bytes);
    try {
      return decrypt(dataKey, bytes.subarray(WRAP_END), place, 'data');
    } finally {
      dataKey.fill(0);
    }
  }

  /** Whether `sealed` is still under an earlier master key. */
  needsRotation(sealed: Uint8Array): boolean {
    return Buffer.compare(Buffer.from(sealed.subarray(1, 1 + ID_BYTES)), this.#current.id) !== 0;
  }

  /** The same secret under the current master key; the data is not decrypted. @throws {VaultError} */
  rotate(place: Place, sealed: Uint8Array): Uint8Array {
    const bytes = Buffer.from(sealed);
    const dataKey = this.#unwrap(place, bytes);
    const rotated = Buffer.concat([this.#wrap(place, dataKey), bytes.subarray(WRAP_END)]);
    dataKey.fill(0);
    return rotated;
  }

  #wrap(place: Place, dataKey: Buffer): Buffer {
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.#current.wrapping, iv).setAAD(placeBytes(place, 'key'));
    const wrapped = Buffer.concat([cipher.update(dataKey), cipher.final(), cipher.getAuthTag()]);
    return Buffer.concat([Uint8Array.of(FORMAT), this.#current.id, iv, wrapped]);
  }

  #unwrap(place: Place, sealed: Buffer): Buffer {
    if (sealed.length < HEADER_BYTES + TAG_BYTES || sealed[0] !== FORMAT) {
      throw new VaultError('malformed', `${describe(place)} is not a value sealed by this version.`);
    }
    const id = sealed.subarray(1, 1 + ID_BYTES).toString('hex');
    const master = this.#known.get(id);
    if (master === undefined) {
      throw new VaultError(
        'other-master-key',
        `${describe(place)} was sealed with the master key ${id}…, and the one given is ${this.fingerprint.slice(0, 16)}…. Give the master key that belongs to this database.`,
      );
    }
    return decrypt(master.wrapping, sealed.subarray(1 + ID_BYTES, WRAP_END), place, 'key');
  }
}

/** `sealed`: IV, ciphertext, tag. */
function decrypt(key: Buffer, sealed: Buffer, place: Place, layer: 'key' | 'data'): Buffer {
  const iv = sealed.subarray(0, IV_BYTES);
  const decipher = createDecipheriv('aes-256-gcm', key, iv, { authTagLength: TAG_BYTES });
  decipher.setAAD(placeBytes(place, layer));
  decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
  const plain = decipher.update(sealed.subarray(IV_BYTES, -TAG_BYTES));
  try {
    decipher.final();
  } catch (error) {
    plain.fill(0);
    throw new VaultError('altered', `${describe(place)} was altered or moved since it was sealed.`, error);
  }
  return plain;
}

function prepare(masterKey: Uint8Array): MasterKey {
  if (masterKey.length !== MASTER_KEY_BYTES) {
    throw new VaultError(
      'bad-master-key',
      `A master key has ${MASTER_KEY_BYTES} bytes; this one has ${masterKey.length}.`,
    );
  }
  const fingerprint = createHash('sha256').update('certgate master key\0').update(masterKey).digest();
  const wrapping = Buffer.from(hkdfSync('sha256', masterKey, '', 'certgate wrapping key', MASTER_KEY_BYTES));
  return { id: fingerprint.subarray(0, ID_BYTES), fingerprint: fingerprint.toString('hex'), wrapping };
}

// Lengths first, so that no two places have the same bytes.
function placeBytes({ table, record, field }: Place, layer: 'key' | 'data'): Buffer {
  const parts = ['certgate', `${FORMAT}`, layer, table, record, field];
  return Buffer.from(parts.map((part) => `${Buffer.byteLength(part)}:${part}`).join());
}

const describe = ({ table, record, field }: Place): string => `${field} of ${table} ${record}`;
