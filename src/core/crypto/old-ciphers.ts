import { PITABLE } from './rc2.data.ts';

/** RC2 and RC4 as old PKCS#12 and PKCS#8 files use them, RFC 2268: for opening, never for making. */

const PI = Uint8Array.from({ length: 256 }, (_, i) => Number.parseInt(PITABLE.slice(2 * i, 2 * i + 2), 16));
const ROTATIONS = [1, 2, 3, 5] as const;

/** Decrypts whole blocks in CBC mode; the padding stays. `ciphertext` must be a multiple of 8 octets. */
export function decryptRc2Cbc(
  key: Uint8Array,
  effectiveBits: number,
  iv: Uint8Array,
  ciphertext: Uint8Array,
): Uint8Array {
  const schedule = expandKey(key, effectiveBits);
  const plaintext = new Uint8Array(ciphertext.length);
  let previous = iv;
  for (let at = 0; at < ciphertext.length; at += 8) {
    const block = ciphertext.subarray(at, at + 8);
    const words = Uint16Array.from({ length: 4 }, (_, i) => block[2 * i]! | (block[2 * i + 1]! << 8));
    decryptBlock(words, schedule);
    for (let i = 0; i < 8; i++) plaintext[at + i] = ((words[i >> 1]! >> (8 * (i & 1))) & 0xff) ^ previous[i]!;
    previous = block;
  }
  schedule.fill(0);
  return plaintext;
}

/** RFC 2268 §2. */
function expandKey(key: Uint8Array, effectiveBits: number): Uint16Array {
  const buffer = new Uint8Array(128);
  buffer.set(key);
  const effectiveOctets = Math.ceil(effectiveBits / 8);
  const mask = 0xff >> (8 * effectiveOctets - effectiveBits);
  for (let i = key.length; i < 128; i++) buffer[i] = PI[(buffer[i - 1]! + buffer[i - key.length]!) & 0xff]!;
  buffer[128 - effectiveOctets] = PI[buffer[128 - effectiveOctets]! & mask]!;
  for (let i = 127 - effectiveOctets; i >= 0; i--) buffer[i] = PI[buffer[i + 1]! ^ buffer[i + effectiveOctets]!]!;
  const schedule = Uint16Array.from({ length: 64 }, (_, i) => buffer[2 * i]! | (buffer[2 * i + 1]! << 8));
  buffer.fill(0);
  return schedule;
}

/** RFC 2268 §4: five mixing rounds, one mashing, six, one, five, backwards. */
function decryptBlock(words: Uint16Array, schedule: Uint16Array): void {
  for (let round = 15; round >= 0; round--) {
    for (let i = 3; i >= 0; i--) {
      const rotation = ROTATIONS[i]!;
      const [one, two, three] = [words[(i + 3) & 3]!, words[(i + 2) & 3]!, words[(i + 1) & 3]!];
      const rotated = (words[i]! >>> rotation) | (words[i]! << (16 - rotation));
      words[i] = rotated - schedule[4 * round + i]! - (one & two) - (~one & three);
    }
    if (round !== 11 && round !== 5) continue;
    for (let i = 3; i >= 0; i--) words[i]! -= schedule[words[(i + 3) & 3]! & 63]!;
  }
}

/** RC4; decrypting is encrypting. */
export function applyRc4(key: Uint8Array, data: Uint8Array): Uint8Array {
  const state = Uint8Array.from({ length: 256 }, (_, i) => i);
  const swap = (i: number, j: number): void => {
    [state[i], state[j]] = [state[j]!, state[i]!];
  };
  for (let i = 0, j = 0; i < 256; i++) {
    j = (j + state[i]! + key[i % key.length]!) & 0xff;
    swap(i, j);
  }
  let i = 0;
  let j = 0;
  const result = Uint8Array.from(data, (octet) => {
    i = (i + 1) & 0xff;
    j = (j + state[i]!) & 0xff;
    swap(i, j);
    return octet ^ state[(state[i]! + state[j]!) & 0xff]!;
  });
  state.fill(0);
  return result;
}

/** PKCS#7 padding taken off, RFC 5652 §6.3; undefined where it is wrong. A view. */
export function removePadding(plaintext: Uint8Array, blockLength: number): Uint8Array | undefined {
  const count = plaintext.at(-1) ?? 0;
  if (count === 0 || count > blockLength || count > plaintext.length) return undefined;
  for (const octet of plaintext.subarray(plaintext.length - count)) if (octet !== count) return undefined;
  return plaintext.subarray(0, plaintext.length - count);
}
