import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseCertificate } from '../../src/core/x509/certificate.ts';
import { subjectAltName } from '../../src/core/x509/extensions/subject-alt-name.ts';
import type { GeneralName } from '../../src/core/x509/general-name.ts';
import type { Name } from '../../src/core/x509/name.ts';
import { readBigInteger } from '../../src/core/der/values.ts';

/** What three readers are asked; names in the notation of whoever they are compared with. */
export interface Reading {
  readonly subject: string;
  readonly issuer: string;
  readonly serial: bigint;
  /** Seconds since 1970. */
  readonly notBefore: number;
  readonly notAfter: number;
  readonly san: string | undefined;
  readonly keyBits: number | undefined;
}

export type Field = keyof Reading;
export const FIELDS: readonly Field[] = ['subject', 'issuer', 'serial', 'notBefore', 'notAfter', 'san', 'keyBits'];

/** Undefined where the reader refuses the certificate. */
type Reader<R> = (der: Uint8Array) => R;

const attempt = <T>(read: () => T): T | undefined => {
  try {
    return read();
  } catch {
    return undefined;
  }
};

export const ours: Reader<Reading | undefined> = (der) =>
  attempt(() => {
    const certificate = parseCertificate(der);
    return {
      subject: nameLines(certificate.subject),
      issuer: nameLines(certificate.issuer),
      serial: readBigInteger(certificate.serialNumber, 'serialNumber'),
      notBefore: certificate.notBefore.seconds,
      notAfter: certificate.notAfter.seconds,
      san: certificate.get(subjectAltName)?.names.map(sanText).join(', '),
      keyBits: certificate.subjectPublicKeyInfo.bits,
    };
  });

// ASN1_STRFLGS_ESC_2253 and ESC_CTRL, as Node writes names.
const escape = (text: string): string =>
  text
    .replace(/[\\",+;<>]|^[ #]| $/g, '\\$&')
    // eslint-disable-next-line no-control-regex -- they are what is escaped
    .replace(/[\u0000-\u001f\u007f]/g, (c) => `\\${c.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`);

const nameLines = (name: Name): string =>
  name.rdns
    .map((rdn) =>
      rdn.map(({ shortName, text }) => `${shortName}=${text.startsWith('#') ? text : escape(text)}`).join(' + '),
    )
    .join('\n');

function sanText(name: GeneralName): string {
  switch (name.kind) {
    case 'dNSName':
      return `DNS:${name.value}`;
    case 'rfc822Name':
      return `email:${name.value}`;
    case 'uniformResourceIdentifier':
      return `URI:${name.value}`;
    case 'iPAddress':
      return `IP Address:${ipText(name.octets)}`;
    case 'registeredID':
      return `Registered ID:${name.oid}`;
    default:
      return name.kind;
  }
}

function ipText(octets: Uint8Array): string {
  if (octets.length === 4) return octets.join('.');
  return Array.from({ length: 8 }, (_, i) =>
    (octets[2 * i]! * 256 + octets[2 * i + 1]!).toString(16).toUpperCase(),
  ).join(':');
}

export const node: Reader<Reading | undefined> = (der) =>
  attempt(() => {
    const certificate = new X509Certificate(der);
    const details = attempt(() => certificate.publicKey.asymmetricKeyDetails);
    return {
      subject: certificate.subject ?? '',
      issuer: certificate.issuer ?? '',
      serial: hexToBigint(certificate.serialNumber),
      notBefore: seconds(certificate.validFrom),
      notAfter: seconds(certificate.validTo),
      san: certificate.subjectAltName,
      keyBits: details?.modulusLength ?? CURVE_BITS[details?.namedCurve ?? ''],
    };
  });

const CURVE_BITS: Readonly<Record<string, number>> = {
  prime192v1: 192,
  secp224r1: 224,
  prime256v1: 256,
  secp384r1: 384,
  secp521r1: 521,
  secp256k1: 256,
  brainpoolP256r1: 256,
  brainpoolP384r1: 384,
  brainpoolP512r1: 512,
};

const hexToBigint = (hex: string): bigint =>
  hex.startsWith('-') ? -BigInt(`0x${hex.slice(1)}`) : BigInt(`0x${hex || '0'}`);

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `Sep  4 10:00:38 2019 GMT`, years below 100 included. */
function seconds(text: string): number {
  const match = /^(\w{3}) +(\d+) (\d+):(\d+):(\d+) (\d+) GMT$/.exec(text);
  if (match === null) return Number.NaN;
  const [, month, ...numbers] = match;
  const [day, hour, minute, second, year] = numbers.map(Number);
  const date = new Date(0);
  date.setUTCFullYear(year!, MONTHS.indexOf(month!), day);
  date.setUTCHours(hour!, minute, second);
  return date.getTime() / 1000;
}

/**
 * `openssl`, all certificates in one go. All must be readable to OpenSSL (`node` is asked first, which is the same
 * library): one that is not would spoil the batch.
 */
export function openssl(ders: readonly Uint8Array[]): Reading[] {
  const folder = mkdtempSync(join(tmpdir(), 'certgate-agreement-'));
  const run = (...args: string[]): string =>
    execFileSync('openssl', args, { cwd: folder, encoding: 'utf8', maxBuffer: 1 << 28 });
  try {
    writeFileSync(join(folder, 'all.pem'), ders.map(pem).join(''));
    run('crl2pkcs7', '-nocrl', '-certfile', 'all.pem', '-outform', 'DER', '-out', 'all.p7');
    const names = run('pkcs7', '-inform', 'DER', '-in', 'all.p7', '-print_certs', '-noout').split('\n\n');
    const texts = run('pkcs7', '-inform', 'DER', '-in', 'all.p7', '-print_certs', '-noout', '-text').split(
      /^Certificate:\n/m,
    );
    return ders.map((_, i) => opensslReading(names[i]!, texts[i + 1]!));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const pem = (der: Uint8Array): string =>
  `-----BEGIN CERTIFICATE-----\n${Buffer.from(der)
    .toString('base64')
    .match(/.{1,64}/g)!
    .join('\n')}\n-----END CERTIFICATE-----\n`;

function opensslReading(names: string, text: string): Reading {
  const one = (pattern: RegExp, from = text): string | undefined => pattern.exec(from)?.[1];
  const bits = one(/Public-Key: \((\d+) bit/);
  return {
    subject: one(/^subject=(.*)$/m, names) ?? '',
    issuer: one(/^issuer=(.*)$/m, names) ?? '',
    serial: opensslSerial(text),
    notBefore: seconds(one(/Not Before: (.*)\n/) ?? ''),
    notAfter: seconds(one(/Not After : (.*)\n/) ?? ''),
    san: one(/X509v3 Subject Alternative Name: ?(?:critical)?\n {16}(.*)\n/),
    keyBits: bits === undefined ? undefined : Number(bits),
  };
}

// `Serial Number: 5 (0x5)`, or on a line of its own `5d:93:…`, or ` (Negative)5d:93:…`.
function opensslSerial(text: string): bigint {
  const short = /Serial Number: (-?\d+) \(/.exec(text);
  if (short !== null) return BigInt(short[1]!);
  const [, negative, hex] = /Serial Number:\s+(\(Negative\))?([0-9a-f:]+)\n/.exec(text)!;
  const magnitude = BigInt(`0x${hex!.replaceAll(':', '')}`);
  return negative === undefined ? magnitude : -magnitude;
}

/** A reading of ours with the names as OpenSSL writes them (XN_FLAG_ONELINE). */
export function asOpenssl(der: Uint8Array, reading: Reading): Reading {
  const { subject, issuer } = parseCertificate(der);
  return { ...reading, subject: oneLine(subject), issuer: oneLine(issuer) };
}

const oneLine = (name: Name): string =>
  name.rdns.map((rdn) => rdn.map(({ shortName, text }) => `${shortName} = ${quote(text)}`).join(' + ')).join(', ');

// ASN1_STRFLGS_RFC2253 | ASN1_STRFLGS_ESC_QUOTE: bytes beyond ASCII in hex, quotes where 2253 has a backslash.
function quote(text: string): string {
  if (text.startsWith('#')) return text.toUpperCase();
  const quotes = /[,+<>;]|^[ #]| $/.test(text);
  const escaped = [...Buffer.from(text, 'utf8')].map((byte) => {
    if (byte < 0x20 || byte >= 0x7f) return `\\${byte.toString(16).toUpperCase().padStart(2, '0')}`;
    return byte === 0x5c || byte === 0x22 ? `\\${String.fromCharCode(byte)}` : String.fromCharCode(byte);
  });
  return quotes ? `"${escaped.join('')}"` : escaped.join('');
}
