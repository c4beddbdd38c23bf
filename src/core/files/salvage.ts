import { Element } from '../der/element.ts';
import { DerError } from '../der/errors.ts';
import { TAG } from '../der/tags.ts';
import { readTime } from '../der/time.ts';
import { ATTRIBUTE } from '../x509/name.ts';

/** One legible attribute of a name. */
export interface SalvagedAttribute {
  /** `CN`, `emailAddress` … */
  readonly type: string;
  readonly text: string;
  /** Into the bytes that were read. */
  readonly offset: number;
}

/**
 * What can be made out in bytes that are no readable certificate any more. All of it only *as far as legible*: absence
 * proves nothing, and a value may itself be damaged.
 */
export interface Salvaged {
  /** Attributes in front of the validity, in order. */
  readonly issuer: readonly SalvagedAttribute[];
  /** Attributes behind the validity, in order. */
  readonly subject: readonly SalvagedAttribute[];
  /** Seconds since 1970. */
  readonly notBefore: number | undefined;
  readonly notAfter: number | undefined;
  /** basicConstraints cA; undefined where it is not legible. */
  readonly ca: boolean | undefined;
  readonly subjectAltName: boolean;
  readonly crlDistributionPoints: boolean;
}

const NAMES = new Map<number, string>(
  Object.entries(ATTRIBUTE)
    .filter(([, oid]) => oid.startsWith('2.5.4.'))
    .map(([name, oid]) => [Number(oid.slice(6)), name]),
);
const EMAIL = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x01];
// ub-common-name and the other upper bounds of RFC 5280 appendix A.1 end at 64; e-mail addresses at 255.
const LONGEST = 255;
const MOST_ATTRIBUTES = 64;

/**
 * Looks for the landmarks of a certificate (attribute types, times, extension identifiers) without believing any length
 * that encloses them. One pass; never throws.
 */
export function salvage(bytes: Uint8Array): Salvaged {
  const attributes: SalvagedAttribute[] = [];
  const times: { seconds: number; offset: number }[] = [];
  let ca: boolean | undefined;
  let subjectAltName = false;
  let crlDistributionPoints = false;
  for (let i = 0; i + 4 < bytes.length; i++) {
    const tag = bytes[i];
    if (tag === TAG.OBJECT_IDENTIFIER && bytes[i + 1] === 3 && bytes[i + 2] === 0x55) {
      // id-at is 2.5.4 (55 04), id-ce is 2.5.29 (55 1D).
      if (bytes[i + 3] === 4) addAttribute(attributes, bytes, { type: NAMES.get(bytes[i + 4]!), offset: i, at: i + 5 });
      if (bytes[i + 3] !== 0x1d) continue;
      if (bytes[i + 4] === 17) subjectAltName = true;
      if (bytes[i + 4] === 31) crlDistributionPoints = true;
      if (bytes[i + 4] === 19) ca ??= readCa(bytes, i + 5);
    } else if (
      tag === TAG.OBJECT_IDENTIFIER &&
      bytes[i + 1] === 9 &&
      EMAIL.every((octet, k) => bytes[i + 2 + k] === octet)
    ) {
      addAttribute(attributes, bytes, { type: 'emailAddress', offset: i, at: i + 11 });
    } else if ((tag === TAG.UTC_TIME || tag === TAG.GENERALIZED_TIME) && times.length < 2) {
      const seconds = readTimeAt(bytes, i);
      if (seconds !== undefined) times.push({ seconds, offset: i });
    }
  }
  const validity = times[0]?.offset ?? Infinity;
  return {
    issuer: attributes.filter(({ offset }) => offset < validity),
    subject: attributes.filter(({ offset }) => offset > validity),
    notBefore: times[0]?.seconds,
    notAfter: times[1]?.seconds,
    ca,
    subjectAltName,
    crlDistributionPoints,
  };
}

const STRING_TAGS: ReadonlySet<number> = new Set([
  TAG.UTF8_STRING,
  TAG.PRINTABLE_STRING,
  TAG.TELETEX_STRING,
  TAG.IA5_STRING,
]);

/** `offset` is that of the attribute type, `at` that of the value. */
function addAttribute(
  attributes: SalvagedAttribute[],
  bytes: Uint8Array,
  { type, offset, at }: { type: string | undefined; offset: number; at: number },
): void {
  if (type === undefined || attributes.length >= MOST_ATTRIBUTES || !STRING_TAGS.has(bytes[at] ?? 0)) return;
  const claimed = Math.min(bytes[at + 1] ?? 0, LONGEST);
  // The claimed length may be wrong in either direction: where the text ends early, so does what is legible of it.
  let text = '';
  for (let i = at + 2; i < at + 2 + claimed && i < bytes.length; i++) {
    if (bytes[i]! < 0x20 || bytes[i]! > 0x7e) break;
    text += String.fromCharCode(bytes[i]!);
  }
  if (text !== '') attributes.push({ type, text, offset });
}

function readTimeAt(bytes: Uint8Array, at: number): number | undefined {
  const length = bytes[at] === TAG.UTC_TIME ? 13 : 15;
  if (bytes[at + 1] !== length || at + 2 + length > bytes.length) return undefined;
  try {
    return readTime(new Element(bytes, bytes[at]!, at, at + 2, at + 2 + length), 'time');
  } catch (error) {
    if (error instanceof DerError) return undefined;
    throw error;
  }
}

// extnID, critical BOOLEAN OPTIONAL, OCTET STRING { SEQUENCE { cA BOOLEAN DEFAULT FALSE, … } }
function readCa(bytes: Uint8Array, from: number): boolean | undefined {
  const critical = bytes[from] === TAG.BOOLEAN ? 3 : 0;
  const at = from + critical;
  if (bytes[at] !== TAG.OCTET_STRING || bytes[at + 2] !== TAG.SEQUENCE) return undefined;
  if (bytes[at + 3] === 0) return false;
  if (bytes[at + 4] === TAG.BOOLEAN && bytes[at + 5] === 1) return bytes[at + 6] !== 0;
  return bytes[at + 4] === TAG.INTEGER ? false : undefined;
}
