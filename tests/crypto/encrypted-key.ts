import type { KeyDecryption, KeyDerivation } from '../../src/core/base/ports.ts';
import { type Element, readSingle, type Reader } from '../../src/core/der/element.ts';
import { readOid } from '../../src/core/der/oid.ts';
import { TAG } from '../../src/core/der/tags.ts';
import { readSmallInteger } from '../../src/core/der/values.ts';

/** Just enough to take apart what openssl writes, independent of the reader that people's files go through. */
export function readEncryptedKey(pem: string, passphrase: Uint8Array): KeyDecryption {
  const body = Buffer.from(pem.replace(/-----.*-----|^[A-Z].*:.*$|\s/gm, ''), 'base64');
  const dek = /^DEK-Info: (.*),(.*)$/m.exec(pem);
  if (dek !== null) {
    const iv = Uint8Array.from(Buffer.from(dek[2]!, 'hex'));
    return {
      derivation: { name: 'evp-md5', salt: iv },
      cipher: dek[1]!.toLowerCase(),
      iv,
      ciphertext: body,
      passphrase,
    };
  }
  const outer = readSingle(body, TAG.SEQUENCE, 'EncryptedPrivateKeyInfo').reader();
  const algorithm = outer.read('algorithm').reader();
  const ciphertext = outer.read('encryptedData').content();
  const oid = readOid(algorithm.read('oid'), 'oid');
  const parameters = algorithm.read('parameters').reader();
  if (oid === '1.2.840.113549.1.5.13') return { ...readPbes2(parameters), ciphertext, passphrase };
  const [name, hash, cipher] = OLD[oid]!;
  const salt = parameters.read('salt').content();
  const iterations = readSmallInteger(parameters.read('iterations'), 'iterations');
  return {
    derivation: { name, hash, salt, iterations } as KeyDerivation,
    cipher,
    iv: undefined,
    ciphertext,
    passphrase,
  };
}

const OLD: Readonly<Record<string, readonly ['pbkdf1' | 'pkcs12', 'md5' | 'sha1', string]>> = {
  '1.2.840.113549.1.5.3': ['pbkdf1', 'md5', 'des-cbc'],
  '1.2.840.113549.1.5.6': ['pbkdf1', 'md5', 'rc2-64-cbc'],
  '1.2.840.113549.1.5.10': ['pbkdf1', 'sha1', 'des-cbc'],
  '1.2.840.113549.1.5.11': ['pbkdf1', 'sha1', 'rc2-64-cbc'],
  '1.2.840.113549.1.12.1.1': ['pkcs12', 'sha1', 'rc4'],
  '1.2.840.113549.1.12.1.2': ['pkcs12', 'sha1', 'rc4-40'],
  '1.2.840.113549.1.12.1.3': ['pkcs12', 'sha1', 'des-ede3-cbc'],
  '1.2.840.113549.1.12.1.4': ['pkcs12', 'sha1', 'des-ede-cbc'],
  '1.2.840.113549.1.12.1.5': ['pkcs12', 'sha1', 'rc2-cbc'],
  '1.2.840.113549.1.12.1.6': ['pkcs12', 'sha1', 'rc2-40-cbc'],
};

const HMACS: Readonly<Record<string, 'sha1' | 'sha256' | 'sha512'>> = {
  '1.2.840.113549.2.7': 'sha1',
  '1.2.840.113549.2.9': 'sha256',
  '1.2.840.113549.2.11': 'sha512',
};

const CIPHERS: Readonly<Record<string, string>> = {
  '2.16.840.1.101.3.4.1.2': 'aes-128-cbc',
  '2.16.840.1.101.3.4.1.22': 'aes-192-cbc',
  '2.16.840.1.101.3.4.1.42': 'aes-256-cbc',
  '1.2.840.113549.3.7': 'des-ede3-cbc',
  '1.3.14.3.2.7': 'des-cbc',
  '1.2.392.200011.61.1.1.1.4': 'camellia-256-cbc',
  '1.2.410.200046.1.1.2': 'aria-128-cbc',
};

function readPbes2(parameters: Reader): Pick<KeyDecryption, 'derivation' | 'cipher' | 'iv'> {
  const kdf = parameters.read('keyDerivationFunc').reader();
  const scheme = parameters.read('encryptionScheme').reader();
  const derivation = readDerivation(readOid(kdf.read('oid'), 'oid'), kdf.read('parameters'));
  const oid = readOid(scheme.read('oid'), 'oid');
  const cipherParameters = scheme.read('parameters');
  if (oid !== '1.2.840.113549.3.2') return { derivation, cipher: CIPHERS[oid]!, iv: cipherParameters.content() };
  // RC2-CBC-Parameter ::= SEQUENCE { rc2ParameterVersion INTEGER, iv OCTET STRING }, RFC 8018 §B.2.3
  const rc2 = cipherParameters.reader();
  const version = readSmallInteger(rc2.read('rc2ParameterVersion'), 'rc2ParameterVersion');
  const cipher = version === 160 ? 'rc2-40-cbc' : version === 120 ? 'rc2-64-cbc' : 'rc2-cbc';
  return { derivation, cipher, iv: rc2.read('iv').content() };
}

function readDerivation(oid: string, parameters: Element): KeyDerivation {
  const inner = parameters.reader();
  const salt = inner.read('salt').content();
  const next = (): number => readSmallInteger(inner.read('number'), 'number');
  if (oid === '1.3.6.1.4.1.11591.4.11') return { name: 'scrypt', salt, N: next(), r: next(), p: next() };
  const iterations = next();
  inner.optional(TAG.INTEGER, 'keyLength');
  const prf = inner.atEnd ? undefined : inner.read('prf').reader();
  return {
    name: 'pbkdf2',
    salt,
    iterations,
    hash: prf === undefined ? 'sha1' : HMACS[readOid(prf.read('oid'), 'oid')]!,
  };
}
