import { createHmac, timingSafeEqual } from 'node:crypto';
import {
  DecryptionError,
  type DigestName,
  MalformedKeyError,
  UnsupportedAlgorithmError,
} from '../../core/base/ports.ts';
import { deriveMacKey } from '../../core/crypto/key-derivation.ts';
import { type Element, Reader, readSingle } from '../../core/der/element.ts';
import { DerError } from '../../core/der/errors.ts';
import { readOid } from '../../core/der/oid.ts';
import { readString } from '../../core/der/strings.ts';
import { contextConstructed, contextPrimitive, TAG } from '../../core/der/tags.ts';
import { readSmallInteger } from '../../core/der/values.ts';
import { KEY_BUDGET } from '../../core/files/budget.ts';
import { readEncryption } from '../../core/files/encryption.ts';
import { readAlgorithm } from '../../core/x509/algorithm.ts';
import { nodeCrypto } from '../../platform/crypto/node-crypto.ts';
import { octetString, sequence } from '../encode/der.ts';
import type { BagAttributes, CertificateBag, KeyBag } from './bag.ts';
import { toDefiniteLengths } from './ber.ts';
import { ConversionError } from './conversion-error.ts';
import { DIGESTS, OID } from './pkcs12.data.ts';

export interface Pkcs12Content {
  readonly keys: readonly KeyBag[];
  readonly certificates: readonly CertificateBag[];
  /** How its parts were encrypted, each way once: `PBES2 (PBKDF2-HMAC-SHA256, 2048 iterations, AES-256-CBC)`. */
  readonly encryptions: readonly string[];
  /** False: the file has no integrity check, or one that is not known here. */
  readonly integrityChecked: boolean;
}

/**
 * Reads a PKCS#12 file, modern or old (RC2, triple DES), in DER or BER. Unknown bags are left aside.
 * @param passphrase UTF-8; undefined for none.
 * @throws {ConversionError} for a wrong passphrase, damage, or an encryption that cannot be opened.
 */
export async function readPkcs12(bytes: Uint8Array, passphrase: Uint8Array | undefined): Promise<Pkcs12Content> {
  try {
    return await read(toDefiniteLengths(bytes), passphrase);
  } catch (error) {
    if (!(error instanceof DerError)) throw error;
    throw new ConversionError(
      `The PKCS#12 file is damaged: ${error.message}.`,
      'Copy the file again from where it was made, in binary mode.',
    );
  }
}

// PFX ::= SEQUENCE {
//   version     INTEGER {v3(3)}(v3,...),
//   authSafe    ContentInfo,
//   macData     MacData OPTIONAL }
async function read(der: Uint8Array, passphrase: Uint8Array | undefined): Promise<Pkcs12Content> {
  const pfx = readSingle(der, TAG.SEQUENCE, 'PFX').reader();
  pfx.expect(TAG.INTEGER, 'PFX.version');
  const { type, content } = contentInfo(pfx, 'authSafe');
  if (type !== OID.data) {
    throw new ConversionError(
      'The PKCS#12 file is protected with a public key instead of a passphrase, which hardly any program does.',
      'Export it again with a passphrase.',
    );
  }
  if (content === undefined) throw new DerError('missing-element', 0, 'authSafe.content is missing');
  const authSafe = content.reader().expect(TAG.OCTET_STRING, 'authSafe.content').content();
  const macData = pfx.optional(TAG.SEQUENCE, 'PFX.macData');
  const integrityChecked = macData !== undefined && (await checkMac(macData, authSafe, passphrase));
  const safe = new Safe(passphrase, integrityChecked);
  // AuthenticatedSafe ::= SEQUENCE OF ContentInfo
  const parts = readSingle(toDefiniteLengths(authSafe), TAG.SEQUENCE, 'AuthenticatedSafe').reader();
  while (!parts.atEnd) await safe.part(contentInfo(parts, 'AuthenticatedSafe'));
  return { keys: safe.keys, certificates: safe.certificates, encryptions: [...safe.encryptions], integrityChecked };
}

// ContentInfo ::= SEQUENCE { contentType OBJECT IDENTIFIER, content [0] EXPLICIT ANY DEFINED BY contentType OPTIONAL }
function contentInfo(reader: Reader, what: string): { type: string; content: Element | undefined } {
  const inner = reader.expect(TAG.SEQUENCE, what).reader();
  const type = readOid(inner.expect(TAG.OBJECT_IDENTIFIER, `${what}.contentType`), `${what}.contentType`);
  return { type, content: inner.optional(contextConstructed(0), `${what}.content`) };
}

const wrongPassphrase = (passphrase: Uint8Array | undefined): ConversionError =>
  passphrase === undefined
    ? new ConversionError(
        'The PKCS#12 file is protected with a passphrase, and none was given.',
        'Put the passphrase into a file and name it: --passphrase-file secret.txt',
      )
    : new ConversionError(
        'The passphrase does not open the PKCS#12 file.',
        'Use the passphrase that was chosen when the file was exported; upper and lower case and blanks count.',
      );

// MacData ::= SEQUENCE {
//   mac          DigestInfo,                 -- SEQUENCE { digestAlgorithm, digest OCTET STRING }
//   macSalt      OCTET STRING,
//   iterations   INTEGER DEFAULT 1 }
async function checkMac(macData: Element, data: Uint8Array, passphrase: Uint8Array | undefined): Promise<boolean> {
  const reader = macData.reader();
  const info = reader.expect(TAG.SEQUENCE, 'MacData.mac').reader();
  const { oid } = readAlgorithm(info, 'MacData.mac.digestAlgorithm');
  const expected = info.expect(TAG.OCTET_STRING, 'MacData.mac.digest').content();
  const salt = reader.expect(TAG.OCTET_STRING, 'MacData.macSalt').content();
  const count = reader.optional(TAG.INTEGER, 'MacData.iterations');
  const iterations = count === undefined ? 1 : readSmallInteger(count, 'MacData.iterations');
  const hash = (DIGESTS as Readonly<Record<string, DigestName>>)[oid];
  if (hash === undefined) return false;
  if (iterations > KEY_BUDGET.oldIterations || salt.length > KEY_BUDGET.saltOctets) {
    throw new ConversionError(
      `To open this file, it asks for ${iterations} iterations; Certgate spends at most ${KEY_BUDGET.oldIterations}.`,
      'Export it again with fewer iterations.',
    );
  }
  const key = await deriveMacKey(
    { name: 'pkcs12', hash, salt, iterations },
    passphrase ?? new Uint8Array(0),
    expected.length,
    nodeCrypto.digest,
  );
  const actual = createHmac(hash, key).update(data).digest();
  key.fill(0);
  if (actual.length !== expected.length || !timingSafeEqual(actual, expected)) throw wrongPassphrase(passphrase);
  return true;
}

class Safe {
  readonly keys: KeyBag[] = [];
  readonly certificates: CertificateBag[] = [];
  readonly encryptions = new Set<string>();
  readonly #passphrase: Uint8Array | undefined;
  readonly #passphraseIsRight: boolean;

  constructor(passphrase: Uint8Array | undefined, passphraseIsRight: boolean) {
    this.#passphrase = passphrase;
    this.#passphraseIsRight = passphraseIsRight;
  }

  async part({ type, content }: { type: string; content: Element | undefined }): Promise<void> {
    if (content === undefined) return;
    switch (type) {
      case OID.data:
        return this.#contents(content.reader().expect(TAG.OCTET_STRING, 'SafeContents').content());
      case OID.encryptedData: {
        const plain = await this.#decrypt(encryptedContent(content));
        return this.#contents(plain);
      }
      default:
        throw new ConversionError(
          'A part of the PKCS#12 file is encrypted for a certificate instead of a passphrase.',
          'Export it again with a passphrase.',
        );
    }
  }

  // SafeContents ::= SEQUENCE OF SafeBag
  async #contents(bytes: Uint8Array, depth = 0): Promise<void> {
    const bags = readSingle(toDefiniteLengths(bytes), TAG.SEQUENCE, 'SafeContents').reader();
    while (!bags.atEnd) await this.#bag(bags.expect(TAG.SEQUENCE, 'SafeBag').reader(), depth);
  }

  // SafeBag ::= SEQUENCE {
  //   bagId          BAG-TYPE.&id ({PKCS12BagSet}),
  //   bagValue       [0] EXPLICIT BAG-TYPE.&Type({PKCS12BagSet}{@bagId}),
  //   bagAttributes  SET OF PKCS12Attribute OPTIONAL }
  async #bag(reader: Reader, depth: number): Promise<void> {
    const id = readOid(reader.expect(TAG.OBJECT_IDENTIFIER, 'SafeBag.bagId'), 'SafeBag.bagId');
    const value = reader.expect(contextConstructed(0), 'SafeBag.bagValue');
    const attributes = readAttributes(reader.optional(TAG.SET, 'SafeBag.bagAttributes'));
    switch (id) {
      case OID.keyBag:
        this.keys.push({ pkcs8: new Uint8Array(value.content()), ...attributes });
        return;
      case OID.shroudedKeyBag:
        this.keys.push({ pkcs8: await this.#decrypt(value.content()), ...attributes });
        return;
      case OID.certBag: {
        const der = x509Certificate(value);
        if (der !== undefined) this.certificates.push({ der, ...attributes });
        return;
      }
      case OID.safeContentsBag:
        if (depth < 4) await this.#contents(value.content(), depth + 1);
    }
  }

  /** @param der an EncryptedPrivateKeyInfo, or something put into that form. */
  async #decrypt(der: Uint8Array): Promise<Uint8Array> {
    const encryption = readEncryption(asBlock(der));
    if ('problem' in encryption) throw new ConversionError(encryption.problem.message.replace('The key', 'The file'));
    this.encryptions.add(encryption.description);
    const passphrase = this.#passphrase ?? new Uint8Array(0);
    try {
      const plain = await nodeCrypto.decryptKey({ ...encryption, passphrase });
      // One wrong passphrase in 256 ends in valid padding all the same.
      readSingle(toDefiniteLengths(plain), TAG.SEQUENCE, 'the decrypted part');
      return plain;
    } catch (error) {
      if (this.#passphraseIsRight && error instanceof DecryptionError) {
        throw new ConversionError(
          'The passphrase is right, but the key inside the PKCS#12 file is encrypted with another one.',
          'Export it again from the keystore with one passphrase for both (keytool: -deststorepass and -destkeypass alike).',
        );
      }
      if (error instanceof UnsupportedAlgorithmError || error instanceof MalformedKeyError) {
        throw new ConversionError(
          `The PKCS#12 file cannot be opened here: ${error.message}.`,
          'Export it again with AES-256.',
        );
      }
      const isOurs = error instanceof DecryptionError || error instanceof DerError || error instanceof ConversionError;
      throw isOurs ? wrongPassphrase(this.#passphrase) : error;
    }
  }
}

// EncryptedData ::= SEQUENCE { version, encryptedContentInfo EncryptedContentInfo }
// EncryptedContentInfo ::= SEQUENCE {
//   contentType                 ContentType,
//   contentEncryptionAlgorithm  AlgorithmIdentifier,
//   encryptedContent            [0] IMPLICIT OCTET STRING OPTIONAL }
function encryptedContent(content: Element): Uint8Array {
  const data = content.reader().expect(TAG.SEQUENCE, 'EncryptedData').reader();
  data.expect(TAG.INTEGER, 'EncryptedData.version');
  const info = data.expect(TAG.SEQUENCE, 'EncryptedContentInfo').reader();
  info.expect(TAG.OBJECT_IDENTIFIER, 'EncryptedContentInfo.contentType');
  const algorithm = info.expect(TAG.SEQUENCE, 'EncryptedContentInfo.contentEncryptionAlgorithm').der();
  const whole = info.optional(contextPrimitive(0), 'encryptedContent');
  if (whole !== undefined) return sequence(algorithm, octetString(whole.content()));
  // In BER it comes in pieces, each an OCTET STRING.
  const pieces = info.expect(contextConstructed(0), 'encryptedContent').reader();
  const contents: Uint8Array[] = [];
  while (!pieces.atEnd) contents.push(pieces.expect(TAG.OCTET_STRING, 'encryptedContent').content());
  return sequence(algorithm, octetString(...contents));
}

// CertBag ::= SEQUENCE { certId OBJECT IDENTIFIER, certValue [0] EXPLICIT OCTET STRING }   -- for x509Certificate
function x509Certificate(value: Element): Uint8Array | undefined {
  const bag = value.reader().expect(TAG.SEQUENCE, 'CertBag').reader();
  const id = readOid(bag.expect(TAG.OBJECT_IDENTIFIER, 'CertBag.certId'), 'CertBag.certId');
  if (id !== OID.x509Certificate) return undefined;
  const holder = bag.expect(contextConstructed(0), 'CertBag.certValue').reader();
  return new Uint8Array(holder.expect(TAG.OCTET_STRING, 'CertBag.certValue').content());
}

// PKCS12Attribute ::= SEQUENCE { attrId OBJECT IDENTIFIER, attrValues SET OF ANY }
function readAttributes(set: Element | undefined): BagAttributes {
  let attributes: BagAttributes = {};
  const reader = set?.reader();
  while (reader !== undefined && !reader.atEnd) {
    const attribute = reader.expect(TAG.SEQUENCE, 'PKCS12Attribute').reader();
    const id = readOid(attribute.expect(TAG.OBJECT_IDENTIFIER, 'attrId'), 'attrId');
    const values = attribute.expect(TAG.SET, 'attrValues').reader();
    if (values.atEnd) continue;
    const value = values.read('attrValue');
    if (id === OID.friendlyName && value.tag === TAG.BMP_STRING) {
      attributes = { ...attributes, friendlyName: readString(value, 'friendlyName') };
    } else if (id === OID.localKeyId && value.tag === TAG.OCTET_STRING) {
      attributes = { ...attributes, localKeyId: new Uint8Array(value.content()) };
    }
  }
  return attributes;
}

const asBlock = (der: Uint8Array): Parameters<typeof readEncryption>[0] => ({
  index: 0,
  kind: 'encrypted-private-key',
  label: undefined,
  description: 'an encrypted part of a PKCS#12 file',
  offset: 0,
  length: der.length,
  line: 1,
  headers: new Map(),
  der,
  faults: [],
});
