import { ATTRIBUTE, type Name } from '../x509/name.ts';
import type { Certificate } from '../x509/certificate.ts';

/** What the next certificate request says differently from the certificate at hand. */
export interface Wish {
  readonly C?: string;
  readonly O?: string;
  readonly OU?: string;
  readonly CN?: string;
  /** A new key of so many bits; absent: the present key goes on. */
  readonly newKeyBits?: number;
}

const SUBJECT = ['C', 'ST', 'L', 'O', 'OU', 'CN'] as const;
const PLACEHOLDERS: Readonly<Record<string, string>> = {
  C: 'US',
  O: 'Contoso Inc.',
  OU: 'Contoso Labs',
  CN: 'sensor.contoso.com',
};

/** The openssl command that makes the right request for this appliance, ready to paste into a POSIX shell. */
export function requestCommand(certificate: Certificate, wish: Wish): string {
  const { subject } = certificate;
  const wanted: Readonly<Record<string, unknown>> = { ...wish };
  const values = SUBJECT.map(
    (type) => [type, (wanted[type] as string | undefined) ?? present(subject, type) ?? PLACEHOLDERS[type]] as const,
  );
  const name = values
    .filter(([, value]) => value !== undefined)
    .map(([type, value]) => `/${type}=${value!.replace(/[\\/+]/g, '\\$&')}`)
    .join('');
  const cn = values.find(([type]) => type === 'CN')![1]!;
  const key =
    wish.newKeyBits === undefined ? '-key sensor.key' : `-newkey rsa:${wish.newKeyBits} -nodes -keyout sensor.key`;
  return `openssl req -new ${key} -sha256 -subj ${quote(name)} -addext ${quote(`subjectAltName=DNS:${cn}`)} -out sensor.csr`;
}

/** The sentence around the command. */
export const askForNewOne = (certificate: Certificate, wish: Wish = {}): string =>
  `Make a new request and have your CA sign it: ${requestCommand(certificate, wish)}`;

// What is present is only worth repeating where it is usable; a wildcard or a blank is not.
function present(subject: Name, type: (typeof SUBJECT)[number]): string | undefined {
  const values = subject.all(ATTRIBUTE[type]);
  if (values.length === 0) return undefined;
  const text = values[0]!.text.trim();
  const usable = type === 'CN' ? /^[A-Za-z0-9.-]+\.[A-Za-z0-9-]+$/ : type === 'C' ? /^[A-Z]{2}$/ : /\S/;
  return usable.test(text) && !CONTROL.test(text) ? text : undefined;
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
  return '0 seconds';
}

const UNITS: readonly (readonly [string, number])[] = [
  ['day', 86400],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1],
];
