import { type KeyObject, sign as nodeSign } from 'node:crypto';
import { bitString, nullValue, oid, sequence } from '../encode/der.ts';

/** How something is signed: what stands in the AlgorithmIdentifier, and how the bytes are made. */
export interface SigningAlgorithm {
  /** DER AlgorithmIdentifier. */
  readonly identifier: Uint8Array;
  sign(data: Uint8Array): Uint8Array;
}

const RSA_OIDS = {
  md5: '1.2.840.113549.1.1.4',
  sha1: '1.2.840.113549.1.1.5',
  sha256: '1.2.840.113549.1.1.11',
  sha384: '1.2.840.113549.1.1.12',
  sha512: '1.2.840.113549.1.1.13',
} as const;
const ECDSA_OIDS = {
  sha1: '1.2.840.10045.4.1',
  sha256: '1.2.840.10045.4.3.2',
  sha384: '1.2.840.10045.4.3.3',
  sha512: '1.2.840.10045.4.3.4',
} as const;

export type SigningHash = keyof typeof RSA_OIDS;

/** The usual algorithm of a key: sha256WithRSAEncryption for RSA, ECDSA with SHA-256 for EC, else the key's own. */
export function signingAlgorithm(privateKey: KeyObject, hash: SigningHash = 'sha256'): SigningAlgorithm {
  switch (privateKey.asymmetricKeyType) {
    case 'rsa':
      return {
        identifier: sequence(oid(RSA_OIDS[hash]), nullValue()),
        sign: (data) => nodeSign(hash, data, privateKey),
      };
    case 'ec': {
      if (hash === 'md5') throw new TypeError('ECDSA has no MD5 form');
      return { identifier: sequence(oid(ECDSA_OIDS[hash])), sign: (data) => nodeSign(hash, data, privateKey) };
    }
    case 'ed25519':
      return { identifier: sequence(oid('1.3.101.112')), sign: (data) => nodeSign(null, data, privateKey) };
    default:
      throw new TypeError(`a key of type ${privateKey.asymmetricKeyType} cannot sign certificates here`);
  }
}

/** SIGNED{ToBeSigned}: certificates, requests and CRLs are all wrapped alike. */
export function signed(toBeSigned: Uint8Array, algorithm: SigningAlgorithm): Uint8Array {
  return sequence(toBeSigned, algorithm.identifier, bitString(algorithm.sign(toBeSigned)));
}
