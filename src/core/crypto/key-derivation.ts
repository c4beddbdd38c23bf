import { nextTick } from '@noble/hashes/utils.js';
import {
  type DigestName,
  type KeyDecryption,
  type KeyDerivation,
  MalformedKeyError,
  UnsupportedAlgorithmError,
} from '../base/ports.ts';

/** What an adapter brings; both are the slow part and must not block the event loop. */
export interface DerivationPrimitives {
  readonly digest: (hash: DigestName, data: Uint8Array) => Uint8Array;
  readonly pbkdf2: (
    derivation: KeyDerivation & { name: 'pbkdf2' },
    passphrase: Uint8Array,
    length: number,
  ) => Promise<Uint8Array>;
  readonly scrypt: (
    derivation: KeyDerivation & { name: 'scrypt' },
    passphrase: Uint8Array,
    length: number,
  ) => Promise<Uint8Array>;
}

/** Lengths in octets. */
export interface CipherShape {
  readonly key: number;
  /** 0 for a stream cipher. */
  readonly block: number;
  /** RC2 only. */
  readonly effectiveBits?: number;
}

/** By OpenSSL's names. */
const CIPHERS: Readonly<Record<string, CipherShape>> = {
  'aes-128-cbc': { key: 16, block: 16 },
  'aes-192-cbc': { key: 24, block: 16 },
  'aes-256-cbc': { key: 32, block: 16 },
  'camellia-128-cbc': { key: 16, block: 16 },
  'camellia-192-cbc': { key: 24, block: 16 },
  'camellia-256-cbc': { key: 32, block: 16 },
  'aria-128-cbc': { key: 16, block: 16 },
  'aria-192-cbc': { key: 24, block: 16 },
  'aria-256-cbc': { key: 32, block: 16 },
  'des-cbc': { key: 8, block: 8 },
  'des-ede-cbc': { key: 16, block: 8 },
  'des-ede3-cbc': { key: 24, block: 8 },
  'rc2-40-cbc': { key: 5, block: 8, effectiveBits: 40 },
  'rc2-64-cbc': { key: 8, block: 8, effectiveBits: 64 },
  'rc2-cbc': { key: 16, block: 8, effectiveBits: 128 },
  'rc2-128-cbc': { key: 16, block: 8, effectiveBits: 128 },
  'rc4-40': { key: 5, block: 0 },
  rc4: { key: 16, block: 0 },
  'rc4-128': { key: 16, block: 0 },
};

/** @throws {UnsupportedAlgorithmError} */
export function cipherShape(cipher: string): CipherShape {
  const shape = Object.hasOwn(CIPHERS, cipher) ? CIPHERS[cipher] : undefined;
  if (shape === undefined) throw new UnsupportedAlgorithmError(cipher);
  return shape;
}

/** `key` is a fresh array for the caller to wipe. */
export interface KeyAndIv {
  readonly key: Uint8Array;
  readonly iv: Uint8Array;
}

/**
 * The cipher's key and initialisation vector.
 * @throws {MalformedKeyError} for parameters that contradict the standard.
 */
export async function deriveKeyAndIv(
  request: KeyDecryption,
  shape: CipherShape,
  primitives: DerivationPrimitives,
): Promise<KeyAndIv> {
  const { derivation, passphrase } = request;
  checkParameters(derivation);
  const { key, iv } = await derive(derivation, passphrase, shape, primitives);
  const vector = request.iv ?? iv;
  if (vector === undefined || vector.length !== shape.block) {
    throw new MalformedKeyError(
      `The key's encryption is damaged: ${request.cipher} needs an IV of ${shape.block} bytes, found ${vector?.length ?? 'none'}`,
    );
  }
  return { key, iv: vector };
}

type Derived = { readonly key: Uint8Array; readonly iv: Uint8Array | undefined };

async function derive(
  derivation: KeyDerivation,
  passphrase: Uint8Array,
  shape: CipherShape,
  primitives: DerivationPrimitives,
): Promise<Derived> {
  const noVector = shape.block === 0 ? new Uint8Array(0) : undefined;
  switch (derivation.name) {
    case 'pbkdf2':
      return { key: await primitives.pbkdf2(derivation, passphrase, shape.key), iv: noVector };
    case 'scrypt':
      return { key: await primitives.scrypt(derivation, passphrase, shape.key), iv: noVector };
    case 'pbkdf1': {
      // RFC 8018 §6.1.1: of 16 octets the first 8 are the key, the others the initialisation vector.
      const derived = await pbkdf1(derivation, passphrase, primitives.digest);
      return { key: derived.subarray(0, shape.key), iv: derived.slice(8, 16) };
    }
    case 'pkcs12': {
      const password = bmpPassword(passphrase);
      const make = (id: number, length: number): Promise<Uint8Array> =>
        pkcs12(derivation, { id, length, password }, primitives.digest);
      const key = await make(1, shape.key);
      const iv = noVector ?? (await make(2, shape.block));
      password.fill(0);
      return { key, iv };
    }
    case 'evp-md5':
      return {
        key: evpBytesToKey(derivation.salt, passphrase, shape.key, primitives.digest),
        iv: noVector ?? derivation.salt,
      };
  }
}

function checkParameters(derivation: KeyDerivation): void {
  const isCount = (value: number): boolean => Number.isSafeInteger(value) && value >= 1;
  const bad = (what: string): never => {
    throw new MalformedKeyError(`The key's encryption is damaged: ${what}`);
  };
  if ('iterations' in derivation && !isCount(derivation.iterations)) bad(`${derivation.iterations} iterations`);
  if (derivation.name !== 'scrypt') return;
  const { N, r, p } = derivation;
  // RFC 7914 §2: N larger than 1 and a power of 2.
  if (!isCount(N) || N < 2 || !Number.isInteger(Math.log2(N))) bad(`scrypt's N of ${N} is no power of 2`);
  if (!isCount(r) || !isCount(p)) bad(`scrypt's r of ${r} and p of ${p}`);
}

/** The key of a PKCS#12 file's MAC, RFC 7292 appendix B.4: diversifier 3. The caller wipes it. */
export async function deriveMacKey(
  derivation: KeyDerivation & { name: 'pkcs12' },
  passphrase: Uint8Array,
  length: number,
  digest: Digest,
): Promise<Uint8Array> {
  checkParameters(derivation);
  const password = bmpPassword(passphrase);
  try {
    return await pkcs12(derivation, { id: 3, length, password }, digest);
  } finally {
    password.fill(0);
  }
}

type Digest = DerivationPrimitives['digest'];
type Iterated = { readonly hash: DigestName; readonly salt: Uint8Array; readonly iterations: number };

/** Hashes `value` over and over, letting others run in between: five million rounds take seconds. */
async function iterate(hash: DigestName, value: Uint8Array, rounds: number, digest: Digest): Promise<Uint8Array> {
  let current = value;
  for (let i = 1; i <= rounds; i++) {
    current = digest(hash, current);
    if (i % 8192 === 0) await nextTick();
  }
  return current;
}

/** RFC 8018 §5.1, all octets of the hash. */
async function pbkdf1(
  { hash, salt, iterations }: Iterated,
  passphrase: Uint8Array,
  digest: Digest,
): Promise<Uint8Array> {
  const input = concatenate(passphrase, salt);
  const derived = await iterate(hash, input, iterations, digest);
  input.fill(0);
  return derived;
}

/** RFC 7292 appendix B.2. */
async function pkcs12(
  { hash, salt, iterations }: Iterated,
  wanted: { readonly id: number; readonly length: number; readonly password: Uint8Array },
  digest: Digest,
): Promise<Uint8Array> {
  const blockLength = hash === 'md5' || hash === 'sha1' || hash === 'sha224' || hash === 'sha256' ? 64 : 128;
  const diversifier = new Uint8Array(blockLength).fill(wanted.id);
  const state = concatenate(repeatToBlocks(salt, blockLength), repeatToBlocks(wanted.password, blockLength));
  const derived = new Uint8Array(wanted.length);
  for (let at = 0; at < wanted.length;) {
    const first = concatenate(diversifier, state);
    const piece = await iterate(hash, first, iterations, digest);
    first.fill(0);
    derived.set(piece.subarray(0, Math.min(piece.length, wanted.length - at)), at);
    at += piece.length;
    addToBlocks(state, piece, blockLength);
  }
  state.fill(0);
  return derived;
}

// I_j = (I_j + B + 1) mod 2^v for every block, B being the hash repeated.
function addToBlocks(state: Uint8Array, piece: Uint8Array, blockLength: number): void {
  for (let block = 0; block < state.length; block += blockLength) {
    let carry = 1;
    for (let i = blockLength - 1; i >= 0; i--) {
      carry += state[block + i]! + piece[i % piece.length]!;
      state[block + i] = carry & 0xff;
      carry >>= 8;
    }
  }
}

function repeatToBlocks(octets: Uint8Array, blockLength: number): Uint8Array {
  const length = Math.ceil(octets.length / blockLength) * blockLength;
  return Uint8Array.from({ length }, (_, i) => octets[i % octets.length]!);
}

/** A BMPString with two zero octets at its end, RFC 7292 appendix B.1; bytes that are no UTF-8 count as Latin-1, as in OpenSSL. */
function bmpPassword(passphrase: Uint8Array): Uint8Array {
  let units: ArrayLike<number>;
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(passphrase);
    units = Uint16Array.from({ length: text.length }, (_, i) => text.charCodeAt(i));
  } catch {
    units = passphrase;
  }
  const password = new Uint8Array(2 * units.length + 2);
  for (let i = 0; i < units.length; i++) {
    password[2 * i] = units[i]! >> 8;
    password[2 * i + 1] = units[i]! & 0xff;
  }
  return password;
}

/** D_i = MD5(D_(i-1) || passphrase || salt), OpenSSL's EVP_BytesToKey; of the IV only the first 8 octets are salt. */
function evpBytesToKey(iv: Uint8Array, passphrase: Uint8Array, length: number, digest: Digest): Uint8Array {
  const salt = iv.subarray(0, 8);
  const key = new Uint8Array(length);
  let last = new Uint8Array(0);
  for (let at = 0; at < length; at += last.length) {
    const input = concatenate(last, passphrase, salt);
    last = Uint8Array.from(digest('md5', input));
    input.fill(0);
    key.set(last.subarray(0, Math.min(last.length, length - at)), at);
  }
  last.fill(0);
  return key;
}

function concatenate(...pieces: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
