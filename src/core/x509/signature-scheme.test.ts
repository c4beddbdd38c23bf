import { createPublicKey, generateKeyPairSync, verify, constants } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { integer, nil, oid, sequence, tlv } from '../../../tests/x509/encoder.ts';
import { withOpenssl } from '../../../tests/x509/openssl.ts';
import { Reader } from '../der/element.ts';
import { DerError } from '../der/errors.ts';
import { readAlgorithm } from './algorithm.ts';
import { parseCertificate } from './certificate.ts';
import { readSignatureScheme, resolveSignature } from './signature-scheme.ts';
import { signatureOctets } from './signed.ts';
import { readSpki } from './spki.ts';

const algorithm = (dotted: string, ...parameters: Uint8Array[]) =>
  readAlgorithm(new Reader(new Uint8Array(sequence(oid(dotted), ...parameters))), 'algorithm');
const scheme = (dotted: string, ...parameters: Uint8Array[]) => readSignatureScheme(algorithm(dotted, ...parameters));

const PSS = '1.2.840.113549.1.1.10';
const SHA256 = '2.16.840.1.101.3.4.2.1';
const sha256 = sequence(oid(SHA256), nil());
const mgf1 = (hash: Uint8Array): Uint8Array => sequence(oid('1.2.840.113549.1.1.8'), hash);
const pss256 = sequence(tlv(0xa0, sha256), tlv(0xa1, mgf1(sha256)), tlv(0xa2, integer(32)));

describe('what an algorithm identifier means', () => {
  test.each([
    ['1.2.840.113549.1.1.11', [nil()], { kind: 'rsa-pkcs1', hash: 'sha256' }],
    ['1.2.840.113549.1.1.11', [], { kind: 'rsa-pkcs1', hash: 'sha256' }],
    ['1.2.840.113549.1.1.4', [nil()], { kind: 'rsa-pkcs1', hash: 'md5' }],
    ['1.2.840.10045.4.3.3', [], { kind: 'ecdsa', hash: 'sha384' }],
    ['1.2.840.10040.4.3', [], { kind: 'dsa', hash: 'sha1' }],
    ['1.3.101.112', [], { kind: 'eddsa' }],
    [PSS, [sequence()], { kind: 'rsa-pss', hash: 'sha1', mgf1Hash: 'sha1', saltLength: 20 }],
    [PSS, [pss256], { kind: 'rsa-pss', hash: 'sha256', mgf1Hash: 'sha256', saltLength: 32 }],
    [PSS, [sequence(tlv(0xa3, integer(1)))], { kind: 'rsa-pss', hash: 'sha1', mgf1Hash: 'sha1', saltLength: 20 }],
  ])('%s', (dotted, parameters, expected) => {
    expect(scheme(dotted, ...parameters)).toEqual(expected);
  });

  test.each([
    ['an unknown one', '1.2.3', []],
    ['MD2', '1.2.840.113549.1.1.2', [nil()]],
    ['RSA with other parameters', '1.2.840.113549.1.1.11', [integer(1)]],
    ['ECDSA with NULL', '1.2.840.10045.4.3.2', [nil()]],
    ['Ed25519 with NULL', '1.3.101.112', [nil()]],
    ['RSASSA-PSS without parameters', PSS, []],
    ['RSASSA-PSS with NULL', PSS, [nil()]],
    ['RSASSA-PSS with an unknown hash', PSS, [sequence(tlv(0xa0, sequence(oid('1.2.3'))))]],
    ['RSASSA-PSS with another mask', PSS, [sequence(tlv(0xa1, sequence(oid('1.2.3'), sha256)))]],
    ['RSASSA-PSS with a mask without hash', PSS, [sequence(tlv(0xa1, sequence(oid('1.2.840.113549.1.1.8'))))]],
    ['RSASSA-PSS with another trailer', PSS, [sequence(tlv(0xa3, integer(2)))]],
  ])('%s is unknown', (_, dotted, parameters) => {
    expect(scheme(dotted, ...parameters).kind).toBe('unknown');
  });

  test('malformed RSASSA-PSS parameters are refused', () => {
    expect(() => scheme(PSS, sequence(tlv(0xa2, integer(-1))))).toThrow(DerError);
    expect(() => scheme(PSS, sequence(integer(1)))).toThrow(DerError);
    expect(() => scheme(PSS, sequence(tlv(0xa1, tlv(0x30))))).toThrow(DerError);
  });
});

describe('an algorithm and a key', () => {
  const spkiOf = (publicKey: ReturnType<typeof createPublicKey>) =>
    readSpki(new Reader(new Uint8Array(publicKey.export({ format: 'der', type: 'spki' }))), 'spki');
  const rsa = spkiOf(generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey);
  const ec = spkiOf(generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).publicKey);
  const ed448 = spkiOf(generateKeyPairSync('ed448').publicKey);
  const pssKey = sequence(sequence(oid(PSS), pss256), rsa.subjectPublicKey.der());
  const pss = readSpki(new Reader(new Uint8Array(pssKey)), 'spki');

  test.each([
    ['RSA', algorithm('1.2.840.113549.1.1.11', nil()), rsa],
    ['RSA and RSASSA-PSS', algorithm(PSS, pss256), rsa],
    ['a RSASSA-PSS key with its own parameters', algorithm(PSS, pss256), pss],
    ['ECDSA', algorithm('1.2.840.10045.4.3.2'), ec],
    ['Ed448', algorithm('1.3.101.113'), ed448],
  ])('go together: %s', (_, signature, key) => {
    expect(resolveSignature(signature, key).problem).toBeUndefined();
  });

  test.each([
    ['ECDSA with an RSA key', algorithm('1.2.840.10045.4.3.2'), rsa],
    ['Ed25519 with an Ed448 key', algorithm('1.3.101.112'), ed448],
    ['PKCS#1 v1.5 with a RSASSA-PSS key', algorithm('1.2.840.113549.1.1.11', nil()), pss],
    ['RSASSA-PSS with SHA-1 and a key for SHA-256', algorithm(PSS, sequence()), pss],
    ['an unknown algorithm', algorithm('1.2.3'), rsa],
  ])('do not: %s', (_, signature, key) => {
    expect(resolveSignature(signature, key).problem).toEqual(expect.any(String));
  });
});

test('a certificate signed with RSASSA-PSS by openssl verifies with what was read', () => {
  const der = withOpenssl((run, folder) => {
    run('genpkey', '-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048', '-out', 'rsa.key');
    const options = ['-sigopt', 'rsa_padding_mode:pss', '-sigopt', 'rsa_pss_saltlen:48', '-sha384'];
    run('req', '-x509', '-new', '-key', 'rsa.key', '-subj', '/CN=pss', ...options, '-outform', 'DER', '-out', 'c.der');
    return new Uint8Array(readFileSync(join(folder, 'c.der')));
  });
  const certificate = parseCertificate(der);
  const { scheme: found, key } = resolveSignature(certificate.signatureAlgorithm, certificate.subjectPublicKeyInfo);
  expect(found).toEqual({ kind: 'rsa-pss', hash: 'sha384', mgf1Hash: 'sha384', saltLength: 48 });
  const publicKey = createPublicKey({ key: Buffer.from(key!.spki), format: 'der', type: 'spki' });
  const options = { key: publicKey, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 48 };
  expect(verify('sha384', certificate.tbs.der(), options, signatureOctets(certificate))).toBe(true);
});
