import { MalformedKeyError } from '../base/ports.ts';
import { TAG } from '../der/tags.ts';
import { unsignedBigInteger } from '../der/values.ts';
import { modPow, toOctets } from './big-integer.ts';
import { ecdsaOf, edwardsOf } from './elliptic.ts';
import type { PrivateKey } from './private-key.ts';

/**
 * The DER SubjectPublicKeyInfo of a private key. An EC key that carries its point is believed, as OpenSSL does: only a
 * trial signature shows that the two halves belong together.
 * @throws {UnsupportedAlgorithmError | MalformedKeyError}
 */
export function publicHalf(key: PrivateKey): Uint8Array {
  return der(TAG.SEQUENCE, key.algorithm.der(), der(TAG.BIT_STRING, Uint8Array.of(0), subjectPublicKey(key)));
}

function subjectPublicKey(key: PrivateKey): Uint8Array {
  switch (key.kind) {
    case 'RSA':
      return der(TAG.SEQUENCE, integer(key.modulus), integer(key.publicExponent));
    case 'EC': {
      const ecdsa = ecdsaOf(key.curve);
      // OpenSSL, too, takes only a point that lies on the curve.
      try {
        if (key.point === undefined) return ecdsa.getPublicKey(key.scalar, false);
        ecdsa.Point.fromBytes(key.point);
        return key.point;
      } catch {
        throw new MalformedKeyError('The private key is damaged: its number or its point does not fit the curve');
      }
    }
    case 'Ed25519':
    case 'Ed448':
      return edwardsOf(key.kind).getPublicKey(key.seed);
    case 'DSA': {
      const [g, x, p] = [key.g, key.x, key.p].map(unsignedBigInteger) as [bigint, bigint, bigint];
      return integer(toOctets(modPow(g, x, p), key.p.length));
    }
  }
}

function integer(octets: Uint8Array): Uint8Array {
  let start = 0;
  while (start < octets.length - 1 && octets[start] === 0) start++;
  const magnitude = octets.subarray(start);
  return magnitude[0]! >= 0x80 ? der(TAG.INTEGER, Uint8Array.of(0), magnitude) : der(TAG.INTEGER, magnitude);
}

function der(tag: number, ...contents: readonly Uint8Array[]): Uint8Array {
  const length = contents.reduce((sum, content) => sum + content.length, 0);
  const header =
    length < 0x80 ? [tag, length] : length < 0x100 ? [tag, 0x81, length] : [tag, 0x82, length >> 8, length & 0xff];
  const bytes = new Uint8Array(header.length + length);
  bytes.set(header);
  let at = header.length;
  for (const content of contents) {
    bytes.set(content, at);
    at += content.length;
  }
  return bytes;
}
