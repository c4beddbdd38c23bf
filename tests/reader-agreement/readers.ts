import { spawn } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { parseCertificate } from '../../src/core/x509/certificate.ts';
import { subjectAltName } from '../../src/core/x509/extensions/subject-alt-name.ts';
import type { GeneralName } from '../../src/core/x509/general-name.ts';
import type { Name } from '../../src/core/x509/name.ts';
import { readBigInteger } from '../../src/core/der/values.ts';

/** What three readers are asked, in one notation. */
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

// ASN1_STRFLGS_ESC_2253 and ESC_CTRL, which Node shows and OpenSSL is asked for.
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

const ARGUMENTS = [
  'x509',
  '-inform',
  'DER',
  '-noout',
  '-serial',
  '-startdate',
  '-enddate',
  '-subject',
  '-issuer',
  '-text',
];
const NAME_OPTIONS = ['-nameopt', 'sep_multiline,sname,utf8,esc_2253,esc_ctrl,dump_nostr,dump_der'];

/** `openssl x509`, one process for each certificate. */
export async function openssl(der: Uint8Array): Promise<Reading | undefined> {
  const text = await run([...ARGUMENTS, ...NAME_OPTIONS], der);
  if (text === undefined) return undefined;
  const one = (pattern: RegExp): string | undefined => pattern.exec(text)?.[1];
  const bits = one(/Public-Key: \((\d+) bit/);
  const san = one(/X509v3 Subject Alternative Name: ?(?:critical)?\n {16}(.*)\n/);
  return {
    subject: nameBlock(one(/^subject=((?:\n {4}.*)*)/m)),
    issuer: nameBlock(one(/^issuer=((?:\n {4}.*)*)/m)),
    serial: hexToBigint(one(/^serial=(.*)$/m) ?? ''),
    notBefore: seconds(one(/^notBefore=(.*)$/m) ?? ''),
    notAfter: seconds(one(/^notAfter=(.*)$/m) ?? ''),
    san,
    keyBits: bits === undefined ? undefined : Number(bits),
  };
}

const nameBlock = (block = ''): string =>
  block
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.replace(/^ {4}/, ''))
    .join('\n');

function run(args: readonly string[], input: Uint8Array): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const child = spawn('openssl', args, { stdio: ['pipe', 'pipe', 'ignore'] });
    const chunks: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.on('error', reject);
    child.on('close', (code) => resolve(code === 0 ? Buffer.concat(chunks).toString('utf8') : undefined));
    child.stdin.on('error', () => {});
    child.stdin.end(input);
  });
}
