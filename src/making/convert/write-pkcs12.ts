import { createHmac, randomBytes } from 'node:crypto';
import { deriveMacKey } from '../../core/crypto/key-derivation.ts';
import { TAG } from '../../core/der/tags.ts';
import { nodeCrypto } from '../../platform/crypto/node-crypto.ts';
import { explicit, implicit, integer, nullValue, octetString, oid, sequence, setOf, tlv } from '../encode/der.ts';
import type { BagAttributes, CertificateBag, KeyBag } from './bag.ts';
import { encrypt, encryptedPrivateKeyInfo, ITERATIONS, type Protection } from './encrypt.ts';
import { OID } from './pkcs12.data.ts';

export interface Pkcs12Fields {
  readonly key: KeyBag | undefined;
  /** The key's own certificate first. */
  readonly certificates: readonly CertificateBag[];
  /** UTF-8. */
  readonly passphrase: Uint8Array;
  readonly protection: Protection;
}

/** A PKCS#12 file, DER: certificates in an encrypted part, the key encrypted by itself, a MAC over both. */
export async function writePkcs12(fields: Pkcs12Fields): Promise<Uint8Array> {
  const { key, certificates, passphrase, protection } = fields;
  const parts: Uint8Array[] = [];
  if (certificates.length > 0) {
    const contents = sequence(...certificates.map(certificateBag));
    parts.push(encryptedPart(await encrypt(contents, passphrase, protection)));
  }
  if (key !== undefined) {
    const shrouded = await encryptedPrivateKeyInfo(key.pkcs8, passphrase, protection);
    parts.push(dataPart(sequence(bag(OID.shroudedKeyBag, shrouded, key))));
  }
  const authSafe = sequence(...parts);
  return sequence(integer(3), dataPart(authSafe), await macData(authSafe, passphrase, protection));
}

const dataPart = (content: Uint8Array): Uint8Array => sequence(oid(OID.data), explicit(0, octetString(content)));

const encryptedPart = ({ algorithm, ciphertext }: { algorithm: Uint8Array; ciphertext: Uint8Array }): Uint8Array =>
  sequence(
    oid(OID.encryptedData),
    explicit(0, sequence(integer(0), sequence(oid(OID.data), algorithm, implicit(0, ciphertext)))),
  );

const certificateBag = (certificate: CertificateBag): Uint8Array =>
  bag(OID.certBag, sequence(oid(OID.x509Certificate), explicit(0, octetString(certificate.der))), certificate);

function bag(id: string, value: Uint8Array, { friendlyName, localKeyId }: BagAttributes): Uint8Array {
  const attributes = [
    ...(friendlyName === undefined ? [] : [attribute(OID.friendlyName, tlv(TAG.BMP_STRING, bmp(friendlyName)))]),
    ...(localKeyId === undefined ? [] : [attribute(OID.localKeyId, octetString(localKeyId))]),
  ];
  return sequence(oid(id), explicit(0, value), ...(attributes.length === 0 ? [] : [setOf(...attributes)]));
}

const attribute = (id: string, value: Uint8Array): Uint8Array => sequence(oid(id), setOf(value));

const bmp = (text: string): Uint8Array => Buffer.from(text, 'utf16le').swap16();

async function macData(authSafe: Uint8Array, passphrase: Uint8Array, protection: Protection): Promise<Uint8Array> {
  const [hash, identifier, length] =
    protection === 'modern'
      ? (['sha256', '2.16.840.1.101.3.4.2.1', 32] as const)
      : (['sha1', '1.3.14.3.2.26', 20] as const);
  const salt = randomBytes(16);
  const iterations = ITERATIONS[protection];
  const key = await deriveMacKey({ name: 'pkcs12', hash, salt, iterations }, passphrase, length, nodeCrypto.digest);
  const mac = createHmac(hash, key).update(authSafe).digest();
  key.fill(0);
  const digestInfo = sequence(sequence(oid(identifier), nullValue()), octetString(mac));
  return sequence(digestInfo, octetString(salt), integer(iterations));
}
