/** Object identifiers of keys and signatures, with the names people know them by. */

export type KeyKind = 'RSA' | 'RSASSA-PSS' | 'EC' | 'Ed25519' | 'Ed448' | 'X25519' | 'X448' | 'DSA' | 'DH';

export const KEY_ALGORITHMS: Readonly<Record<string, KeyKind>> = {
  '1.2.840.113549.1.1.1': 'RSA',
  '1.2.840.113549.1.1.10': 'RSASSA-PSS',
  '1.2.840.10045.2.1': 'EC',
  '1.3.101.110': 'X25519',
  '1.3.101.111': 'X448',
  '1.3.101.112': 'Ed25519',
  '1.3.101.113': 'Ed448',
  '1.2.840.10040.4.1': 'DSA',
  '1.2.840.10046.2.1': 'DH',
};

export type HashName =
  | 'MD2'
  | 'MD4'
  | 'MD5'
  | 'SHA-1'
  | 'SHA-224'
  | 'SHA-256'
  | 'SHA-384'
  | 'SHA-512'
  | 'SHA-512/224'
  | 'SHA-512/256'
  | 'SHA3-224'
  | 'SHA3-256'
  | 'SHA3-384'
  | 'SHA3-512';

export interface SignatureAlgorithm {
  /** As RFCs spell it, e.g. `sha256WithRSAEncryption`. */
  readonly name: string;
  readonly key: KeyKind;
  /** Undefined where the hash is part of the parameters (RSASSA-PSS) or of the scheme (EdDSA). */
  readonly hash?: HashName;
}

const rsa = (name: string, hash: HashName): SignatureAlgorithm => ({ name, key: 'RSA', hash });
const ecdsa = (name: string, hash: HashName): SignatureAlgorithm => ({ name, key: 'EC', hash });
const dsa = (name: string, hash: HashName): SignatureAlgorithm => ({ name, key: 'DSA', hash });

export const SIGNATURE_ALGORITHMS: Readonly<Record<string, SignatureAlgorithm>> = {
  '1.2.840.113549.1.1.2': rsa('md2WithRSAEncryption', 'MD2'),
  '1.2.840.113549.1.1.3': rsa('md4WithRSAEncryption', 'MD4'),
  '1.2.840.113549.1.1.4': rsa('md5WithRSAEncryption', 'MD5'),
  '1.2.840.113549.1.1.5': rsa('sha1WithRSAEncryption', 'SHA-1'),
  '1.3.14.3.2.29': rsa('sha1WithRSASignature', 'SHA-1'),
  '1.2.840.113549.1.1.14': rsa('sha224WithRSAEncryption', 'SHA-224'),
  '1.2.840.113549.1.1.11': rsa('sha256WithRSAEncryption', 'SHA-256'),
  '1.2.840.113549.1.1.12': rsa('sha384WithRSAEncryption', 'SHA-384'),
  '1.2.840.113549.1.1.13': rsa('sha512WithRSAEncryption', 'SHA-512'),
  '1.2.840.113549.1.1.15': rsa('sha512-224WithRSAEncryption', 'SHA-512/224'),
  '1.2.840.113549.1.1.16': rsa('sha512-256WithRSAEncryption', 'SHA-512/256'),
  '2.16.840.1.101.3.4.3.13': rsa('id-rsassa-pkcs1-v1-5-with-sha3-224', 'SHA3-224'),
  '2.16.840.1.101.3.4.3.14': rsa('id-rsassa-pkcs1-v1-5-with-sha3-256', 'SHA3-256'),
  '2.16.840.1.101.3.4.3.15': rsa('id-rsassa-pkcs1-v1-5-with-sha3-384', 'SHA3-384'),
  '2.16.840.1.101.3.4.3.16': rsa('id-rsassa-pkcs1-v1-5-with-sha3-512', 'SHA3-512'),
  '1.2.840.113549.1.1.10': { name: 'rsassaPss', key: 'RSA' },
  '1.2.840.10045.4.1': ecdsa('ecdsa-with-SHA1', 'SHA-1'),
  '1.2.840.10045.4.3.1': ecdsa('ecdsa-with-SHA224', 'SHA-224'),
  '1.2.840.10045.4.3.2': ecdsa('ecdsa-with-SHA256', 'SHA-256'),
  '1.2.840.10045.4.3.3': ecdsa('ecdsa-with-SHA384', 'SHA-384'),
  '1.2.840.10045.4.3.4': ecdsa('ecdsa-with-SHA512', 'SHA-512'),
  '1.2.840.10040.4.3': dsa('dsa-with-sha1', 'SHA-1'),
  '1.3.14.3.2.27': dsa('dsaWithSHA1', 'SHA-1'),
  '2.16.840.1.101.3.4.3.1': dsa('dsa-with-sha224', 'SHA-224'),
  '2.16.840.1.101.3.4.3.2': dsa('dsa-with-sha256', 'SHA-256'),
  '2.16.840.1.101.3.4.3.3': dsa('dsa-with-sha384', 'SHA-384'),
  '2.16.840.1.101.3.4.3.4': dsa('dsa-with-sha512', 'SHA-512'),
  '1.3.101.112': { name: 'Ed25519', key: 'Ed25519' },
  '1.3.101.113': { name: 'Ed448', key: 'Ed448' },
};

export const HASH_OIDS: Readonly<Record<string, HashName>> = {
  '1.2.840.113549.2.2': 'MD2',
  '1.2.840.113549.2.4': 'MD4',
  '1.2.840.113549.2.5': 'MD5',
  '1.3.14.3.2.26': 'SHA-1',
  '2.16.840.1.101.3.4.2.4': 'SHA-224',
  '2.16.840.1.101.3.4.2.1': 'SHA-256',
  '2.16.840.1.101.3.4.2.2': 'SHA-384',
  '2.16.840.1.101.3.4.2.3': 'SHA-512',
  '2.16.840.1.101.3.4.2.5': 'SHA-512/224',
  '2.16.840.1.101.3.4.2.6': 'SHA-512/256',
  '2.16.840.1.101.3.4.2.7': 'SHA3-224',
  '2.16.840.1.101.3.4.2.8': 'SHA3-256',
  '2.16.840.1.101.3.4.2.9': 'SHA3-384',
  '2.16.840.1.101.3.4.2.10': 'SHA3-512',
};

export interface NamedCurve {
  readonly name: string;
  readonly bits: number;
}

export const NAMED_CURVES: Readonly<Record<string, NamedCurve>> = {
  '1.2.840.10045.3.1.1': { name: 'P-192', bits: 192 },
  '1.3.132.0.33': { name: 'P-224', bits: 224 },
  '1.2.840.10045.3.1.7': { name: 'P-256', bits: 256 },
  '1.3.132.0.34': { name: 'P-384', bits: 384 },
  '1.3.132.0.35': { name: 'P-521', bits: 521 },
  '1.3.132.0.10': { name: 'secp256k1', bits: 256 },
  '1.3.36.3.3.2.8.1.1.7': { name: 'brainpoolP256r1', bits: 256 },
  '1.3.36.3.3.2.8.1.1.11': { name: 'brainpoolP384r1', bits: 384 },
  '1.3.36.3.3.2.8.1.1.13': { name: 'brainpoolP512r1', bits: 512 },
};
