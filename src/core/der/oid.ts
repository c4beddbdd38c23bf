import type { Element } from './element.ts';
import { DerError } from './errors.ts';

// Certificates use the same few object identifiers over and over: each is decoded once and found again by its octets.
const KNOWN_LIMIT = 2048;
const known = new Map<number, { octets: Uint8Array; dotted: string }>();

/** An OBJECT IDENTIFIER in dotted form. Equal identifiers are equal strings. */
export function readOid(element: Element, what: string): string {
  const { bytes, contentOffset, end } = element;
  let hash = end - contentOffset;
  for (let i = contentOffset; i < end; i++) hash = (Math.imul(hash, 31) + bytes[i]!) | 0;
  const entry = known.get(hash);
  if (entry !== undefined && sameOctets(entry.octets, bytes, contentOffset, end)) return entry.dotted;
  const dotted = unique(decodeOid(element, what));
  if (entry === undefined && known.size < KNOWN_LIMIT) {
    // Not slice(): of a Buffer that is a view, which would keep the whole file and change with it.
    known.set(hash, { octets: new Uint8Array(bytes.subarray(contentOffset, end)), dotted });
  }
  return dotted;
}

// The names of properties are kept once by every engine: equal texts are then the same one, and unequal ones are told
// apart without looking at their characters. Identifiers are compared all the time.
const unique = (text: string): string => Object.keys({ [text]: true })[0]!;

function sameOctets(octets: Uint8Array, bytes: Uint8Array, offset: number, end: number): boolean {
  if (octets.length !== end - offset) return false;
  for (let i = 0; i < octets.length; i++) if (octets[i] !== bytes[offset + i]) return false;
  return true;
}

// X.690 §8.19: base-128 arcs, minimal, the first two arcs packed as 40 * first + second.
function decodeOid(element: Element, what: string): string {
  const { bytes, contentOffset, end } = element;
  const bad = (why: string, at: number): never => {
    throw new DerError('bad-oid', at, `${what} is not an OBJECT IDENTIFIER: ${why}`);
  };
  if (contentOffset === end) bad('it is empty', element.offset);
  if (bytes[end - 1]! >= 0x80) bad('its last arc is cut off', end - 1);
  // Longer ones exist only to hurt: dotted decimal of one arc grows quadratically.
  if (end - contentOffset > 128) bad(`it is ${end - contentOffset} octets long`, element.offset);
  const arcs: string[] = [];
  let arc = 0n;
  let arcStart = contentOffset;
  for (let i = contentOffset; i < end; i++) {
    const octet = bytes[i]!;
    if (i === arcStart && octet === 0x80) bad('an arc has a leading zero', i);
    arc = (arc << 7n) | BigInt(octet & 0x7f);
    if (octet >= 0x80) continue;
    if (arcs.length === 0) {
      const first = arc < 40n ? 0n : arc < 80n ? 1n : 2n;
      arcs.push(`${first}`, `${arc - 40n * first}`);
    } else arcs.push(`${arc}`);
    arc = 0n;
    arcStart = i + 1;
  }
  return arcs.join('.');
}

/** The content octets of a dotted OBJECT IDENTIFIER that the program itself spells. */
export function encodeOid(dotted: string): Uint8Array {
  const [first = 0n, second = 0n, ...rest] = dotted.split('.').map(BigInt);
  const octets: number[] = [];
  for (const arc of [first * 40n + second, ...rest]) {
    const septets = [Number(arc & 0x7fn)];
    for (let more = arc >> 7n; more > 0n; more >>= 7n) septets.unshift(Number(more & 0x7fn) | 0x80);
    octets.push(...septets);
  }
  return Uint8Array.from(octets);
}
