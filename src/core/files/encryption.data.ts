import type { DigestName } from '../base/ports.ts';

/** PRFs of PBKDF2, RFC 8018 appendix B.1. */
export const PRFS: Readonly<Record<string, DigestName>> = {
  '1.2.840.113549.2.6': 'md5',
  '1.2.840.113549.2.7': 'sha1',
  '1.2.840.113549.2.8': 'sha224',
  '1.2.840.113549.2.9': 'sha256',
  '1.2.840.113549.2.10': 'sha384',
  '1.2.840.113549.2.11': 'sha512',
  '1.2.840.113549.2.12': 'sha512-224',
  '1.2.840.113549.2.13': 'sha512-256',
  '2.16.840.1.101.3.4.2.13': 'sha3-224',
  '2.16.840.1.101.3.4.2.14': 'sha3-256',
  '2.16.840.1.101.3.4.2.15': 'sha3-384',
  '2.16.840.1.101.3.4.2.16': 'sha3-512',
};

/** How an encryption scheme's parameters carry the IV. */
export type CipherParameters = 'iv' | 'rc2' | 'cast5' | 'other';

/** Encryption schemes of PBES2, RFC 8018 appendix B.2, and those OpenSSL adds; names are OpenSSL's. */
export const CIPHERS: Readonly<Record<string, readonly [name: string, parameters: CipherParameters]>> = {
  '2.16.840.1.101.3.4.1.1': ['aes-128-ecb', 'other'],
  '2.16.840.1.101.3.4.1.2': ['aes-128-cbc', 'iv'],
  '2.16.840.1.101.3.4.1.3': ['aes-128-ofb', 'iv'],
  '2.16.840.1.101.3.4.1.4': ['aes-128-cfb', 'iv'],
  '2.16.840.1.101.3.4.1.6': ['aes-128-gcm', 'other'],
  '2.16.840.1.101.3.4.1.21': ['aes-192-ecb', 'other'],
  '2.16.840.1.101.3.4.1.22': ['aes-192-cbc', 'iv'],
  '2.16.840.1.101.3.4.1.23': ['aes-192-ofb', 'iv'],
  '2.16.840.1.101.3.4.1.24': ['aes-192-cfb', 'iv'],
  '2.16.840.1.101.3.4.1.26': ['aes-192-gcm', 'other'],
  '2.16.840.1.101.3.4.1.41': ['aes-256-ecb', 'other'],
  '2.16.840.1.101.3.4.1.42': ['aes-256-cbc', 'iv'],
  '2.16.840.1.101.3.4.1.43': ['aes-256-ofb', 'iv'],
  '2.16.840.1.101.3.4.1.44': ['aes-256-cfb', 'iv'],
  '2.16.840.1.101.3.4.1.46': ['aes-256-gcm', 'other'],
  '1.2.840.113549.3.7': ['des-ede3-cbc', 'iv'],
  '1.3.14.3.2.7': ['des-cbc', 'iv'],
  '1.2.840.113549.3.2': ['rc2-cbc', 'rc2'],
  '1.2.840.113549.3.4': ['rc4', 'other'],
  '1.2.840.113549.3.9': ['rc5-cbc', 'other'],
  '1.2.392.200011.61.1.1.1.2': ['camellia-128-cbc', 'iv'],
  '1.2.392.200011.61.1.1.1.3': ['camellia-192-cbc', 'iv'],
  '1.2.392.200011.61.1.1.1.4': ['camellia-256-cbc', 'iv'],
  '1.2.410.200046.1.1.2': ['aria-128-cbc', 'iv'],
  '1.2.410.200046.1.1.7': ['aria-192-cbc', 'iv'],
  '1.2.410.200046.1.1.12': ['aria-256-cbc', 'iv'],
  '1.2.410.200004.1.4': ['seed-cbc', 'iv'],
  '1.2.156.10197.1.104.2': ['sm4-cbc', 'iv'],
  '1.3.6.1.4.1.3029.1.2': ['bf-cbc', 'iv'],
  '1.2.840.113533.7.66.10': ['cast5-cbc', 'cast5'],
  '1.3.6.1.4.1.188.7.1.1.2': ['idea-cbc', 'iv'],
};

/** RC2Version of RFC 8018 appendix B.2.3 to the cipher of that many effective bits. */
export const RC2_VERSIONS: Readonly<Record<number, string>> = { 160: 'rc2-40-cbc', 120: 'rc2-64-cbc', 58: 'rc2-cbc' };

export interface OldScheme {
  /** As the standard spells it. */
  readonly name: string;
  readonly derivation: 'pbkdf1' | 'pkcs12';
  /** `md2` stands in no port: nothing computes it any more. */
  readonly hash: 'md2' | 'md5' | 'sha1';
  readonly cipher: string;
}

const pbes1 = (name: string, hash: OldScheme['hash'], cipher: string): OldScheme => ({
  name,
  derivation: 'pbkdf1',
  hash,
  cipher,
});
const pkcs12 = (name: string, cipher: string): OldScheme => ({ name, derivation: 'pkcs12', hash: 'sha1', cipher });

/** PBES1 (RFC 8018 appendix A.3) and PKCS#12 PBE (RFC 7292 appendix C). */
export const OLD_SCHEMES: Readonly<Record<string, OldScheme>> = {
  '1.2.840.113549.1.5.1': pbes1('pbeWithMD2AndDES-CBC', 'md2', 'des-cbc'),
  '1.2.840.113549.1.5.3': pbes1('pbeWithMD5AndDES-CBC', 'md5', 'des-cbc'),
  '1.2.840.113549.1.5.4': pbes1('pbeWithMD2AndRC2-CBC', 'md2', 'rc2-64-cbc'),
  '1.2.840.113549.1.5.6': pbes1('pbeWithMD5AndRC2-CBC', 'md5', 'rc2-64-cbc'),
  '1.2.840.113549.1.5.10': pbes1('pbeWithSHA1AndDES-CBC', 'sha1', 'des-cbc'),
  '1.2.840.113549.1.5.11': pbes1('pbeWithSHA1AndRC2-CBC', 'sha1', 'rc2-64-cbc'),
  '1.2.840.113549.1.12.1.1': pkcs12('pbeWithSHAAnd128BitRC4', 'rc4'),
  '1.2.840.113549.1.12.1.2': pkcs12('pbeWithSHAAnd40BitRC4', 'rc4-40'),
  '1.2.840.113549.1.12.1.3': pkcs12('pbeWithSHAAnd3-KeyTripleDES-CBC', 'des-ede3-cbc'),
  '1.2.840.113549.1.12.1.4': pkcs12('pbeWithSHAAnd2-KeyTripleDES-CBC', 'des-ede-cbc'),
  '1.2.840.113549.1.12.1.5': pkcs12('pbeWithSHAAnd128BitRC2-CBC', 'rc2-cbc'),
  '1.2.840.113549.1.12.1.6': pkcs12('pbewithSHAAnd40BitRC2-CBC', 'rc2-40-cbc'),
};
