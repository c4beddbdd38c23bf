import { readBigInteger, readBitStringOctets } from '../../der/values.ts';
import type { AlgorithmIdentifier } from '../algorithm.ts';
import { NAMED_CURVES, SIGNATURE_ALGORITHMS } from '../algorithms.data.ts';
import { readPublicKey } from '../public-key.ts';
import { readSignatureScheme } from '../signature-scheme.ts';
import type { Signed } from '../signed.ts';
import type { SubjectPublicKeyInfo } from '../spki.ts';
import { attempt, type Field, field, hex } from './field.ts';

export function publicKeyField(path: string, info: SubjectPublicKeyInfo): Field {
  return attempt('Public key', path, info.element, () => {
    const key = readPublicKey(info);
    const more = key.kind === 'unknown' ? { problem: `the key ${key.reason}` } : {};
    return field('Public key', path, info.element, {
      value: keySummary(info),
      ...more,
      children: keyChildren(path, info),
    });
  });
}

/** `RSA, 2048 bits`, `EC P-256`, `Ed25519`. Throws DerError where the key is malformed. */
export function keySummary(info: SubjectPublicKeyInfo): string {
  const { kind, curveOid, bits } = info;
  if (kind === undefined) return `unknown algorithm ${info.algorithm.oid}`;
  if (kind === 'EC')
    return `EC ${curveOid === undefined ? 'without a named curve' : (NAMED_CURVES[curveOid]?.name ?? curveOid)}`;
  if (kind === 'RSA' || kind === 'RSASSA-PSS' || kind === 'DSA') return `${kind}, ${bits ?? 'unknown number of'} bits`;
  return kind;
}

function keyChildren(path: string, info: SubjectPublicKeyInfo): Field[] {
  const keyPath = `${path}.subjectPublicKey`;
  if (info.kind === 'RSA' || info.kind === 'RSASSA-PSS') {
    const { modulus, publicExponent, bits } = info.rsa;
    const exponent =
      bits > 16_384 ? hex(publicExponent.content()) : `${readBigInteger(publicExponent, 'publicExponent')}`;
    return [
      field('Modulus', `${keyPath}.modulus`, modulus, hex(modulus.content())),
      field(
        'Exponent',
        `${keyPath}.publicExponent`,
        publicExponent,
        publicExponent.contentLength > 64 ? hex(publicExponent.content()) : exponent,
      ),
    ];
  }
  const octets = readBitStringOctets(info.subjectPublicKey, 'subjectPublicKey');
  return [field('Key', keyPath, info.subjectPublicKey, hex(octets, 133))];
}

export function algorithmField(label: string, path: string, algorithm: AlgorithmIdentifier): Field {
  return attempt(label, path, algorithm.element, () => {
    const scheme = readSignatureScheme(algorithm);
    const name = SIGNATURE_ALGORITHMS[algorithm.oid]?.name ?? algorithm.oid;
    const pss =
      scheme.kind === 'rsa-pss' ? ` (${scheme.hash}, MGF1 ${scheme.mgf1Hash}, salt ${scheme.saltLength} bytes)` : '';
    const more = scheme.kind === 'unknown' ? { problem: `the algorithm ${scheme.reason}` } : {};
    return field(label, path, algorithm.element, { value: `${name}${pss}`, ...more });
  });
}

/** What follows the signed part. */
export function signatureFields(signed: Signed): Field[] {
  const { signatureAlgorithm, signatureValue } = signed;
  return [
    algorithmField('Signature algorithm', 'signatureAlgorithm', signatureAlgorithm),
    field('Signature', 'signatureValue', signatureValue, hex(signatureValue.content().subarray(1), 16)),
  ];
}
