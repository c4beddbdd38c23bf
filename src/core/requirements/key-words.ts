import { NAMED_CURVES } from '../x509/algorithms.data.ts';
import type { SubjectPublicKeyInfo } from '../x509/spki.ts';
import { recurring } from './define.ts';

const rsaOf = recurring((bits: number) => `RSA ${bits} bits`);
const ecOf = recurring((curve: string) => `EC ${NAMED_CURVES[curve]?.name ?? curve}`);

/** `RSA 2048 bits`, `EC P-256`: a public key in a few words. @throws {DerError} where an RSA or DSA key is malformed */
export function describeKey(spki: SubjectPublicKeyInfo): string {
  const { kind } = spki;
  switch (kind) {
    case 'RSA':
      return rsaOf(spki.rsa.bits);
    case 'DSA':
      return spki.bits === undefined ? kind : `${kind} ${spki.bits} bits`;
    case 'RSASSA-PSS':
      return `RSA ${spki.rsa.bits} bits, restricted to RSASSA-PSS`;
    case 'EC': {
      const curve = spki.curveOid;
      return curve === undefined ? 'EC with explicit parameters' : ecOf(curve);
    }
    case undefined:
      return `of an unknown kind (${spki.algorithm.oid})`;
    default:
      return kind;
  }
}
