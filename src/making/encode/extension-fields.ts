import {
  bitString,
  boolean,
  explicit,
  implicit,
  integer,
  latin1,
  namedBits,
  octetString,
  oid,
  sequence,
} from './der.ts';

/** A DER Extension. */
export const extension = (dotted: string, value: Uint8Array, critical = false): Uint8Array =>
  sequence(oid(dotted), ...(critical ? [boolean(true)] : []), octetString(value));

export const KEY_USAGE_BIT = {
  digitalSignature: 0,
  nonRepudiation: 1,
  keyEncipherment: 2,
  dataEncipherment: 3,
  keyAgreement: 4,
  keyCertSign: 5,
  cRLSign: 6,
  encipherOnly: 7,
  decipherOnly: 8,
} as const;
export type KeyUsageName = keyof typeof KEY_USAGE_BIT;

export const EXTENDED_KEY_USAGE = {
  serverAuth: '1.3.6.1.5.5.7.3.1',
  clientAuth: '1.3.6.1.5.5.7.3.2',
} as const;

export const keyUsageExtension = (names: readonly KeyUsageName[]): Uint8Array =>
  extension('2.5.29.15', namedBits(names.map((name) => KEY_USAGE_BIT[name])), true);

export const extKeyUsageExtension = (oids: readonly string[]): Uint8Array =>
  extension('2.5.29.37', sequence(...oids.map(oid)));

export const basicConstraintsExtension = (cA: boolean, pathLenConstraint?: number): Uint8Array =>
  extension(
    '2.5.29.19',
    sequence(...(cA ? [boolean(true)] : []), ...(pathLenConstraint === undefined ? [] : [integer(pathLenConstraint)])),
    true,
  );

/** dNSName and iPAddress entries, told apart by their form. */
export const subjectAltNameExtension = (names: readonly string[]): Uint8Array =>
  extension('2.5.29.17', sequence(...names.map(generalNameOfHost)));

function generalNameOfHost(name: string): Uint8Array {
  if (isIPv4(name) || isIPv6(name)) return implicit(7, addressOctets(name));
  // RFC 5280 §7.2: internationalised names stand in their xn-- form.
  return implicit(2, latin1(/[^\x20-\x7e]/.test(name) ? (hostnameOf(name) ?? '') : name));
}

const isIPv4 = (name: string): boolean =>
  /^(\d{1,3}\.){3}\d{1,3}$/.test(name) && name.split('.').every((octet) => Number(octet) <= 255 && !/^0\d/.test(octet));
const isIPv6 = (name: string): boolean => name.includes(':') && hostnameOf(`[${name}]`) !== undefined;

/** As a URL writes it: internationalised names in their xn-- form, addresses in their shortest. */
function hostnameOf(host: string): string | undefined {
  try {
    return new URL(`http://${host}`).hostname;
  } catch {
    return undefined;
  }
}

function addressOctets(address: string): Uint8Array {
  if (isIPv4(address)) return Uint8Array.from(address.split('.').map(Number));
  // The URL parser knows every spelling of an IPv6 address and gives back the one of RFC 5952.
  const [head = '', tail] = hostnameOf(`[${address}]`)!.slice(1, -1).split('::');
  const groups = (text: string): string[] => (text === '' ? [] : text.split(':'));
  const left = groups(head);
  const right = tail === undefined ? [] : groups(tail);
  const zeros = Array.from({ length: 8 - left.length - right.length }, () => '0');
  return Uint8Array.from([...left, ...zeros, ...right].flatMap((g) => [parseInt(g, 16) >> 8, parseInt(g, 16) & 0xff]));
}

export const subjectKeyIdentifierExtension = (identifier: Uint8Array): Uint8Array =>
  extension('2.5.29.14', octetString(identifier));

export const authorityKeyIdentifierExtension = (identifier: Uint8Array): Uint8Array =>
  extension('2.5.29.35', sequence(implicit(0, identifier)));

/** One distribution point a URL. */
export const crlDistributionPointsExtension = (urls: readonly string[]): Uint8Array =>
  extension('2.5.29.31', sequence(...urls.map((url) => sequence(explicit(0, explicit(0, implicit(6, latin1(url))))))));

export const crlNumberExtension = (number: bigint): Uint8Array => extension('2.5.29.20', integer(number));

/** A BIT STRING of the public key as DER SubjectPublicKeyInfo, from its parts; for keys no library would make. */
export const rsaSpki = (modulus: bigint, publicExponent: bigint): Uint8Array =>
  sequence(
    sequence(oid('1.2.840.113549.1.1.1'), Uint8Array.of(5, 0)),
    bitString(sequence(integer(modulus), integer(publicExponent))),
  );
