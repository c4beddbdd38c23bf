import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { Element } from '../src/core/der/element.ts';
import { parseCertificate } from '../src/core/x509/certificate.ts';
import { authorityKeyIdentifier } from '../src/core/x509/extensions/authority-key-identifier.ts';
import { subjectKeyIdentifier } from '../src/core/x509/extensions/subject-key-identifier.ts';
import { ATTRIBUTE, type Name } from '../src/core/x509/name.ts';

/**
 * Certificates of which no two are alike: real ones whose serial number, dates, names, keys, key identifiers and
 * signature are made anew, so that nothing of one can be remembered for the next. As readable as their models; the
 * signatures are nobody's.
 */

/** Where a model is filled in anew. */
interface Slots {
  readonly octets: readonly Range[];
  /** Key identifiers: a root names its own key. */
  readonly identifiers: readonly Range[];
  /** ASCII letters of a CN. */
  readonly letters: readonly Range[];
  /** The last digits of a date: minutes and seconds. */
  readonly clocks: readonly number[];
}

type Range = readonly [start: number, end: number];

interface Model {
  readonly der: Buffer;
  readonly slots: Slots;
}

function modelOf(der: Buffer): Model {
  const certificate = parseCertificate(der);
  const { subjectPublicKeyInfo: key, signatureValue, serialNumber, notBefore, notAfter, subject, issuer } = certificate;
  const identifiers = [
    certificate.get(subjectKeyIdentifier)?.keyIdentifier,
    certificate.get(authorityKeyIdentifier)?.keyIdentifier,
  ].flatMap((identifier) => identifier ?? []);
  const inner = key.kind === 'RSA' ? key.rsa.modulus : key.subjectPublicKey;
  // The first octets say sign and size, and the last of a modulus that it is odd.
  const octets = [serialNumber, inner, signatureValue].map((element) => middle(element, 4, 1));
  const clocks = [notBefore, notAfter].map(({ element }) => element.end - 5);
  return {
    der,
    slots: {
      octets,
      identifiers: identifiers.map(({ contentOffset, end }) => [contentOffset, end]),
      letters: [...lettersOf(subject), ...lettersOf(issuer)],
      clocks,
    },
  };
}

const middle = ({ contentOffset, end }: Element, first: number, last: number): Range => [
  Math.min(contentOffset + first, end - last),
  end - last,
];

const lettersOf = (name: Name): Range[] =>
  name.all(ATTRIBUTE.CN).map(({ value: { contentOffset, end } }) => [Math.max(contentOffset, end - 6), end] as const);

/** Certificate number `n`, made of the models in turn; the same number makes the same certificate. */
export function createDifferent(models: readonly Uint8Array[]): (n: number) => Buffer {
  const ready = models.map((der) => modelOf(Buffer.from(der)));
  return (n) => {
    const { der, slots } = ready[n % ready.length]!;
    const made = Buffer.from(der);
    let state = (n + 1) | 0;
    // xorshift32: quick, and never the same twice within its period.
    const next = (): number => {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      return state >>> 0;
    };
    for (const [start, end] of slots.octets) for (let i = start; i < end; i++) made[i] = next() >>> 11;
    for (const at of slots.clocks) made.write(`${next() % 6}${next() % 10}${next() % 6}${next() % 10}`, at, 'latin1');
    // Subject and issuer of a root change alike, and so do its own key identifier and its issuer's.
    const identifier = Array.from({ length: 32 }, () => next() >>> 11);
    for (const [start, end] of slots.identifiers) for (let i = start; i < end; i++) made[i] = identifier[i - start]!;
    const word = Array.from({ length: 6 }, () => 0x61 + (next() % 26));
    for (const [start, end] of slots.letters) {
      for (let i = start; i < end; i++) if (isLetter(made[i]!)) made[i] = word[end - 1 - i]!;
    }
    return made;
  };
}

const isLetter = (octet: number): boolean => (octet >= 0x41 && octet <= 0x5a) || (octet >= 0x61 && octet <= 0x7a);

export const toPem = (der: Buffer): string =>
  `-----BEGIN CERTIFICATE-----\n${der.toString('base64').replace(/.{1,64}/g, '$&\n')}-----END CERTIFICATE-----\n`;

export const derOf = (pem: string): Buffer[] =>
  [...pem.matchAll(/-----BEGIN CERTIFICATE-----([^-]+)-----END CERTIFICATE-----/g)].map(([, base64 = '']) =>
    Buffer.from(base64, 'base64'),
  );

/** `tsx bench/different.ts COUNT > export.pem`: as many different certificates, made of Debian's. */
async function main(count: number): Promise<void> {
  const make = createDifferent(derOf(readFileSync('/etc/ssl/certs/ca-certificates.crt', 'utf8')));
  for (let n = 0; n < count;) {
    const some: string[] = [];
    for (const end = Math.min(count, n + 1000); n < end; n++) some.push(toPem(make(n)));
    if (!process.stdout.write(some.join(''))) await once(process.stdout, 'drain');
  }
}

if (process.argv[1]?.endsWith('different.ts')) await main(Number(process.argv[2]));
