import { createHash, createPrivateKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { encodeOid } from '../../src/core/der/oid.ts';

/** Certificates and CRLs made byte by byte, so that they can be wrong in ways that no tool would make them. */

const bytes = (...parts: (Uint8Array | number[])[]): Buffer => Buffer.concat(parts.map((part) => Buffer.from(part)));

export function tlv(tag: number, ...parts: (Uint8Array | number[])[]): Buffer {
  const content = bytes(...parts);
  const { length } = content;
  if (length < 0x80) return bytes([tag, length], content);
  const octets =
    length < 0x100
      ? [length]
      : length < 0x10000
        ? [length >> 8, length & 255]
        : [length >> 16, (length >> 8) & 255, length & 255];
  return bytes([tag, 0x80 | octets.length, ...octets], content);
}

export const sequence = (...parts: Uint8Array[]): Buffer => tlv(0x30, ...parts);
export const oid = (dotted: string): Buffer => tlv(0x06, encodeOid(dotted));
export const boolean = (value: boolean): Buffer => tlv(0x01, [value ? 0xff : 0]);

export function integer(value: number | bigint): Buffer {
  let hex = BigInt(value).toString(16);
  if (hex.length % 2 === 1) hex = `0${hex}`;
  const octets = Buffer.from(hex, 'hex');
  return tlv(0x02, octets[0]! >= 0x80 ? bytes([0], octets) : octets);
}

/** [['CN', 'a'], …] or `CN=a, O=b`. */
export function name(text: string): Buffer {
  if (text === '') return sequence();
  const rdns = text.split(', ').map((rdn) => {
    const [type, value] = rdn.split('=') as [string, string];
    const ids: Record<string, string> = {
      CN: '2.5.4.3',
      O: '2.5.4.10',
      OU: '2.5.4.11',
      C: '2.5.4.6',
      E: '1.2.840.113549.1.9.1',
    };
    return tlv(0x31, sequence(oid(ids[type]!), tlv(type === 'E' ? 0x16 : 0x0c, Buffer.from(value))));
  });
  return sequence(...rdns);
}

export function time(seconds: number): Buffer {
  const text = new Date(seconds * 1000).toISOString().replace(/[-:T]|\.\d+/g, '');
  const utc = Number(text.slice(0, 4)) < 2050;
  return tlv(utc ? 0x17 : 0x18, Buffer.from(utc ? text.slice(2) : text));
}

export interface Key {
  readonly privateKey: KeyObject;
  readonly spki: Buffer;
  /** SHA-1 of the subjectPublicKey, as RFC 5280 §4.2.1.2 (1) has it. */
  readonly id: Buffer;
}

const asKey = (privateKey: KeyObject, publicKey: KeyObject): Key => {
  const spki = publicKey.export({ format: 'der', type: 'spki' });
  return { privateKey, spki, id: createHash('sha1').update(spki).digest() };
};

export function makeKey(): Key {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return asKey(privateKey, publicKey);
}

export function makeRsaKey(modulusLength: number): Key {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength });
  return asKey(createPrivateKey(privateKey.export({ format: 'pem', type: 'pkcs8' })), publicKey);
}

export const extension = (id: string, critical: boolean, value: Uint8Array): Buffer =>
  sequence(oid(id), ...(critical ? [boolean(true)] : []), tlv(0x04, value));

export const dnsName = (value: string): Buffer => tlv(0x82, Buffer.from(value, 'latin1'));
export const ipName = (...octets: number[]): Buffer => tlv(0x87, octets);
export const mailName = (value: string): Buffer => tlv(0x81, Buffer.from(value, 'latin1'));
export const uriName = (value: string): Buffer => tlv(0x86, Buffer.from(value, 'latin1'));
export const directoryName = (value: string): Buffer => tlv(0xa4, name(value));

export const PURPOSES = {
  serverAuth: '1.3.6.1.5.5.7.3.1',
  clientAuth: '1.3.6.1.5.5.7.3.2',
  any: '2.5.29.37.0',
} as const;

/** The extensions that paths look at, by their shapes. */
export const ext = {
  basicConstraints: (ca: boolean, pathLength?: number, critical = true): Buffer =>
    extension(
      '2.5.29.19',
      critical,
      sequence(...(ca ? [boolean(true)] : []), ...(pathLength === undefined ? [] : [integer(pathLength)])),
    ),
  /** Bit numbers. */
  keyUsage: (...bits: number[]): Buffer => {
    const flags = bits.reduce((all, bit) => all | (0x8000 >> bit), 0);
    const octets = (flags & 0xff) === 0 ? [flags >> 8] : [flags >> 8, flags & 0xff];
    const last = octets.at(-1)!;
    const unused = last === 0 ? 0 : Math.log2(last & -last);
    return extension('2.5.29.15', true, tlv(0x03, [unused, ...octets]));
  },
  extKeyUsage: (...purposes: string[]): Buffer => extension('2.5.29.37', false, sequence(...purposes.map(oid))),
  subjectAltName: (...names: Buffer[]): Buffer => extension('2.5.29.17', false, sequence(...names)),
  subjectKeyIdentifier: (id: Uint8Array): Buffer => extension('2.5.29.14', false, tlv(0x04, id)),
  authorityKeyIdentifier: (id: Uint8Array): Buffer => extension('2.5.29.35', false, sequence(tlv(0x80, id))),
  nameConstraints: (permitted: Buffer[], excluded: Buffer[], critical = true): Buffer => {
    const list = (tag: number, bases: Buffer[]): Buffer[] =>
      bases.length === 0 ? [] : [tlv(tag, ...bases.map((base) => sequence(base)))];
    return extension('2.5.29.30', critical, sequence(...list(0xa0, permitted), ...list(0xa1, excluded)));
  },
  policies: (...ids: string[]): Buffer =>
    extension('2.5.29.32', false, sequence(...ids.map((id) => sequence(oid(id))))),
  policyMappings: (...pairs: [string, string][]): Buffer =>
    extension('2.5.29.33', true, sequence(...pairs.map(([from, to]) => sequence(oid(from), oid(to))))),
  policyConstraints: (explicit: number): Buffer => extension('2.5.29.36', true, sequence(tlv(0x80, [explicit]))),
};

export interface Recipe {
  readonly subject: string;
  readonly issuer: string;
  readonly key: Key;
  /** Whose key signs. */
  readonly signer: Key;
  readonly serial?: number | bigint;
  readonly notBefore?: number;
  readonly notAfter?: number;
  readonly extensions?: readonly Buffer[];
  readonly hash?: 'sha256' | 'sha1' | 'sha384';
  readonly version?: 1 | 3;
}

export const DAY = 86_400;
/** 2026-06-01T00:00:00Z */
export const NOON = 1_780_272_000;

const SIGNATURES = {
  ec: { sha1: '1.2.840.10045.4.1', sha256: '1.2.840.10045.4.3.2', sha384: '1.2.840.10045.4.3.3' },
  rsa: { sha1: '1.2.840.113549.1.1.5', sha256: '1.2.840.113549.1.1.11', sha384: '1.2.840.113549.1.1.12' },
};

const algorithmOf = (signer: Key, hash: 'sha256' | 'sha1' | 'sha384'): Buffer =>
  sequence(
    oid(SIGNATURES[signer.privateKey.asymmetricKeyType as 'ec' | 'rsa'][hash]),
    ...(signer.privateKey.asymmetricKeyType === 'rsa' ? [tlv(0x05)] : []),
  );

/** A DER certificate. */
export function certificate(recipe: Recipe): Buffer {
  const { subject, issuer, key, signer, serial = 1, hash = 'sha256', extensions = [], version = 3 } = recipe;
  const algorithm = algorithmOf(signer, hash);
  const tbs = sequence(
    ...(version === 1 ? [] : [tlv(0xa0, integer(2))]),
    integer(serial),
    algorithm,
    name(issuer),
    sequence(time(recipe.notBefore ?? NOON - DAY), time(recipe.notAfter ?? NOON + DAY)),
    name(subject),
    key.spki,
    ...(extensions.length === 0 ? [] : [tlv(0xa3, sequence(...extensions))]),
  );
  return sequence(tbs, algorithm, tlv(0x03, [0], sign(hash, tbs, signer.privateKey)));
}

export interface CrlRecipe {
  readonly issuer: string;
  readonly signer: Key;
  readonly revoked?: readonly number[];
  readonly thisUpdate?: number;
  readonly nextUpdate?: number;
  readonly number?: number;
}

/** A DER CRL, version 2. */
export function crl({
  issuer,
  signer,
  revoked = [],
  thisUpdate = NOON - DAY,
  nextUpdate = NOON + DAY,
  number = 1,
}: CrlRecipe): Buffer {
  const algorithm = algorithmOf(signer, 'sha256');
  const entries = revoked.map((serial) => sequence(integer(serial), time(NOON - DAY)));
  const tbs = sequence(
    integer(1),
    algorithm,
    name(issuer),
    time(thisUpdate),
    time(nextUpdate),
    ...(entries.length === 0 ? [] : [sequence(...entries)]),
    tlv(0xa0, sequence(ext.authorityKeyIdentifier(signer.id), extension('2.5.29.20', false, integer(number)))),
  );
  return sequence(tbs, algorithm, tlv(0x03, [0], sign('sha256', tbs, signer.privateKey)));
}

export const toPem = (der: Uint8Array, label = 'CERTIFICATE'): string =>
  `-----BEGIN ${label}-----\n${Buffer.from(der).toString('base64').replace(/.{64}/g, '$&\n').trimEnd()}\n-----END ${label}-----\n`;

/** What a decent CA certificate has. */
export const caExtensions = (key: Key, issuerKey: Key, pathLength?: number): Buffer[] => [
  ext.basicConstraints(true, pathLength),
  ext.keyUsage(5, 6),
  ext.subjectKeyIdentifier(key.id),
  ext.authorityKeyIdentifier(issuerKey.id),
];

/** A root, self-signed. */
export const rootCertificate = (subject: string, key: Key): Buffer =>
  certificate({ subject, issuer: subject, key, signer: key, extensions: caExtensions(key, key) });

/** What a decent server certificate has. */
export const serverExtensions = (key: Key, issuerKey: Key, ...names: Buffer[]): Buffer[] => [
  ext.basicConstraints(false),
  ext.keyUsage(0),
  ext.extKeyUsage(PURPOSES.serverAuth),
  ext.subjectKeyIdentifier(key.id),
  ext.authorityKeyIdentifier(issuerKey.id),
  ext.subjectAltName(...(names.length === 0 ? [dnsName('sensor.example')] : names)),
];
