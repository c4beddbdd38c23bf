import { COUNTRY_CODES } from './countries.data.ts';
import { isIpAddress, judgeDnsName } from './host-name.ts';
import { ATTRIBUTE, type Name } from '../x509/name.ts';
import type { Certificate } from '../x509/certificate.ts';

/** What the next certificate request says differently from the certificate at hand. */
export interface Wish {
  readonly C?: string;
  readonly ST?: never;
  readonly L?: never;
  readonly O?: string;
  readonly OU?: string;
  readonly CN?: string;
  /** A new key of so many bits; absent: the present key goes on where it will do. */
  readonly newKeyBits?: number;
}

const SUBJECT = ['C', 'ST', 'L', 'O', 'OU', 'CN'] as const;
const PLACEHOLDERS: Readonly<Record<string, string>> = {
  C: 'US',
  O: 'Contoso Inc.',
  OU: 'Contoso Labs',
  CN: 'sensor.contoso.com',
};

/**
 * How to ask for the certificate that is wanted instead: an openssl command ready to paste into a POSIX shell, and which
 * of its values are only examples. What is right in the certificate at hand is kept, its key too where that will do.
 */
export function askForNewOne(certificate: Certificate, wish: Wish = {}): string {
  const examples: string[] = [];
  const subject: string[] = [];
  let cn = '';
  for (const type of SUBJECT) {
    let value: string | undefined = wish[type] ?? present(certificate.subject, type);
    if (value === undefined) {
      value = exampleOf(certificate, type);
      if (value === undefined) continue;
      examples.push(value);
    }
    if (type === 'CN') cn = value;
    subject.push(`/${type}=${value.replace(/[\\/+]/g, '\\$&')}`);
  }
  const name = subject.join('');
  const bits = wish.newKeyBits ?? (hasGoodKey(certificate) ? undefined : 2048);
  const key = bits === undefined ? '-key sensor.key' : `-newkey rsa:${bits} -nodes -keyout sensor-new.key`;
  const utf8 = /[^\x20-\x7e]/.test(name) ? ' -utf8' : '';
  const command = `openssl req -new ${key} -sha256${utf8} -subj ${quote(name)} -addext ${quote(`subjectAltName=DNS:${cn}`)} -out sensor.csr`;
  const own = examples.length === 0 ? '' : ` (put your own for ${examples.map((text) => `"${text}"`).join(', ')})`;
  return `Make a new request and have your CA sign it${own}: ${command}`;
}

// A wildcard or a short name still says which domain or which host is meant.
function exampleOf(certificate: Certificate, type: (typeof SUBJECT)[number]): string | undefined {
  const example = PLACEHOLDERS[type];
  if (type !== 'CN') return example;
  const cn = certificate.subject.all(ATTRIBUTE.CN)[0]?.text ?? '';
  const better = cn.startsWith('*.') ? `sensor${cn.slice(1)}` : `${cn.trim()}.contoso.com`;
  return judgeDnsName(better).kind === 'good' && !isIpAddress(cn) ? better : example;
}

function hasGoodKey({ subjectPublicKeyInfo: { kind, bits } }: Certificate): boolean {
  return kind === 'RSA' && (bits === 2048 || bits === 4096);
}

// What is present is only worth repeating where it is usable.
function present(subject: Name, type: (typeof SUBJECT)[number]): string | undefined {
  const text = subject.all(ATTRIBUTE[type])[0]?.text.trim();
  if (text === undefined || text === '' || CONTROL.test(text)) return undefined;
  if (type === 'CN') return judgeDnsName(text).kind === 'good' ? text : undefined;
  return type !== 'C' || COUNTRY_CODES.has(text) ? text : undefined;
}

// eslint-disable-next-line no-control-regex -- what must not reach a terminal
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/;

const quote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** `3 days`, `1 hour`: the largest unit that fits, rounded down. */
export function span(seconds: number): string {
  for (const [unit, size] of UNITS) {
    const count = Math.floor(seconds / size);
    if (count >= 1) return `${count} ${unit}${count === 1 ? '' : 's'}`;
  }
  return 'less than a second';
}

const UNITS: readonly (readonly [string, number])[] = [
  ['day', 86400],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1],
];
