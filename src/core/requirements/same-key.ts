import type { PublicKey } from '../base/ports.ts';

/**
 * Where two public keys differ, in words that follow "the certificate has …, the key file …"; undefined where they are
 * the same key. Numbers are compared, not encodings: a point may be compressed, a NULL left out.
 */
export function differenceOfKeys(certificate: PublicKey, file: PublicKey): string | undefined {
  if (certificate.kind === 'RSA' && file.kind === 'RSA') return differenceOfRsa(certificate, file);
  if (certificate.kind === 'EC' && file.kind === 'EC') {
    if (certificate.curve !== file.curve)
      return `the curves differ: ${certificate.curve} in the certificate, ${file.curve} in the key file`;
    return samePoint(certificate.point, file.point) ? undefined : 'the points on the curve differ';
  }
  if (certificate.kind === 'DSA' && file.kind === 'DSA') {
    const names = (['p', 'q', 'g', 'y'] as const).filter((name) => !sameNumber(certificate[name], file[name]));
    return names.length === 0 ? undefined : `the numbers ${names.join(', ')} differ`;
  }
  if (certificate.kind !== file.kind)
    return `the certificate has an ${certificate.kind} key, the key file an ${file.kind} key`;
  return 'key' in certificate && 'key' in file && sameNumber(certificate.key, file.key) ? undefined : 'the keys differ';
}

function differenceOfRsa(
  certificate: PublicKey & { kind: 'RSA' },
  file: PublicKey & { kind: 'RSA' },
): string | undefined {
  if (!sameNumber(certificate.modulus, file.modulus)) return 'they are two different RSA keys (the moduli differ)';
  return sameNumber(certificate.publicExponent, file.publicExponent) ? undefined : 'the public exponents differ';
}

// SEC 1 §2.3.3: 04 || x || y, or 02 or 03 (the parity of y) || x.
function samePoint(one: Uint8Array, other: Uint8Array): boolean {
  if (one.length === other.length) return sameNumber(one, other);
  const [short, long] = one.length < other.length ? [one, other] : [other, one];
  const octets = short.length - 1;
  if (long.length !== 1 + 2 * octets || long[0] !== 4) return false;
  return short[0] === 2 + (long.at(-1)! & 1) && sameNumber(short.subarray(1), long.subarray(1, 1 + octets));
}

function sameNumber(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((octet, i) => octet === other[i]);
}
