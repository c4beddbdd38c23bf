import { TAG } from '../../core/der/tags.ts';
import { salvage } from '../../core/files/salvage.ts';
import { KEY_PURPOSE } from '../../core/x509/extensions/ext-key-usage.ts';
import { KEY_USAGES } from '../../core/x509/extensions/key-usage.ts';
import { algorithmName, type Traits } from './traits.ts';

/** What can be made out of a certificate whose DER is broken: landmarks, believed one by one. */
export function traitsOfDamaged(bytes: Uint8Array, kind: Traits['kind']): Traits {
  const { subject, ca } = salvage(bytes);
  const hex = Buffer.from(bytes).toString('hex');
  const extensions = new Map<string, string>();
  if (ca !== undefined) extensions.set('2.5.29.19', ca ? 'a CA' : 'not a CA');
  for (const [oid, read] of EXTENSIONS) {
    const at = find(hex, `0603${toHexOid(oid)}`);
    if (at !== undefined) extensions.set(oid, read(bytes, contentAt(bytes, at + 5)) ?? 'present');
  }
  return {
    kind,
    damaged: true,
    subject,
    signatureAlgorithm: signatureAlgorithm(hex),
    key: rsaKey(bytes, hex),
    version: find(hex, 'a003020102') === undefined ? undefined : '3',
    extensions,
  };
}

/** The byte at which a pattern of whole bytes begins. */
function find(hex: string, pattern: string): number | undefined {
  for (let at = hex.indexOf(pattern); at >= 0; at = hex.indexOf(pattern, at + 1)) if (at % 2 === 0) return at / 2;
  return undefined;
}

// id-ce is 2.5.29.
const toHexOid = (oid: string): string => `551d${Number(oid.slice(7)).toString(16).padStart(2, '0')}`;

/** Behind an extension's identifier: critical BOOLEAN OPTIONAL, then OCTET STRING; where its content begins. */
function contentAt(bytes: Uint8Array, at: number): number | undefined {
  const octets = bytes[at] === TAG.BOOLEAN ? at + 3 : at;
  return bytes[octets] === TAG.OCTET_STRING ? octets + 2 : undefined;
}

type Read = (bytes: Uint8Array, at: number | undefined) => string | undefined;

const present: Read = () => undefined;
const EXTENSIONS: readonly (readonly [string, Read])[] = [
  ['2.5.29.15', readKeyUsage],
  ['2.5.29.37', readPurposes],
  ['2.5.29.17', present],
  ['2.5.29.14', present],
  ['2.5.29.35', present],
  ['2.5.29.31', present],
];

function readKeyUsage(bytes: Uint8Array, at: number | undefined): string | undefined {
  if (at === undefined || bytes[at] !== TAG.BIT_STRING) return undefined;
  const bits = ((bytes[at + 3] ?? 0) << 8) | (bytes[at + 1] === 3 ? (bytes[at + 4] ?? 0) : 0);
  const names = KEY_USAGES.filter((_, i) => (bits & (0x8000 >> i)) !== 0);
  return names.length === 0 ? undefined : names.join(', ');
}

function readPurposes(bytes: Uint8Array, at: number | undefined): string | undefined {
  if (at === undefined || bytes[at] !== TAG.SEQUENCE) return undefined;
  const inside = Buffer.from(bytes.subarray(at + 2, at + 2 + (bytes[at + 1] ?? 0))).toString('latin1');
  // id-kp is 1.3.6.1.5.5.7.3: eight octets with the last number.
  const numbers = inside.split('\x06\x08\x2b\x06\x01\x05\x05\x07\x03').slice(1);
  const names = numbers.map((number) => PURPOSES.get(number.charCodeAt(0)) ?? `purpose ${number.charCodeAt(0)}`);
  return names.length === 0 ? undefined : names.join(', ');
}

const PURPOSES = new Map(
  Object.entries(KEY_PURPOSE)
    .filter(([, oid]) => oid.startsWith('1.3.6.1.5.5.7.3.'))
    .map(([name, oid]) => [Number(oid.split('.').at(-1)), name]),
);

/** pkcs-1 is 1.2.840.113549.1.1; the first of them that is no key is the signature's. */
function signatureAlgorithm(hex: string): string | undefined {
  const number = /06092a864886f70d0101(0[2-9a-f])/.exec(hex)?.[1];
  return number === undefined ? undefined : algorithmName(`1.2.840.113549.1.1.${parseInt(number, 16)}`);
}

function rsaKey(bytes: Uint8Array, hex: string): string | undefined {
  const at = find(hex, '06092a864886f70d010101');
  if (at === undefined) return undefined;
  // The modulus is the first INTEGER with a length of two octets behind it, and begins with a zero octet.
  for (let i = at + 11; i < at + 32; i++) {
    if (bytes[i] !== TAG.INTEGER || bytes[i + 1] !== 0x82 || bytes[i + 4] !== 0) continue;
    return `RSA, ${(((bytes[i + 2]! << 8) | bytes[i + 3]!) - 1) * 8} bits`;
  }
  return 'RSA';
}
