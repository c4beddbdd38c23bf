import { type Element, Reader } from '../der/element.ts';
import { DerError } from '../der/errors.ts';
import { TAG, contextConstructed } from '../der/tags.ts';
import { toHex } from '../der/values.ts';
import type { BlockKind, PrivateKeyForm } from './content.ts';

/** What bytes are by their structure, whatever their name says. */
export interface Structure {
  readonly kind: BlockKind;
  readonly privateKeyForm: PrivateKeyForm | undefined;
  /** Bytes after the object. */
  readonly trailing: number;
  /** Why they are no complete DER object, or why `kind` is unknown. */
  readonly error: DerError | undefined;
}

// The first few elements tell every format apart; a longer list is not walked.
const LOOK_AHEAD = 12;

/** Looks at the outermost elements only: no field is read, so the cost does not depend on the size. */
export function recogniseStructure(der: Uint8Array): Structure {
  let kind: BlockKind = 'unknown';
  let privateKeyForm: PrivateKeyForm | undefined;
  let trailing = 0;
  try {
    const reader = new Reader(der);
    const outer = reader.expect(TAG.SEQUENCE, 'the object');
    trailing = der.length - reader.position;
    const shape = shapeOf(outer);
    kind = kindOf(shape);
    if (kind === 'private-key') privateKeyForm = formOf(shape);
    // OpenSSL's X509_CERT_AUX ::= SEQUENCE follows the certificate without a wrapper.
    if (kind === 'certificate' && trailing > 0 && isTrustData(reader)) {
      kind = 'trusted-certificate';
      trailing = 0;
    }
    return { kind, privateKeyForm, trailing, error: undefined };
  } catch (error) {
    if (!(error instanceof DerError)) throw error;
    return { kind: guess(der), privateKeyForm, trailing, error };
  }
}

interface Shape {
  readonly tags: readonly number[];
  readonly elements: readonly Element[];
}

function shapeOf(outer: Element): Shape {
  const elements: Element[] = [];
  const inner = outer.reader();
  while (!inner.atEnd && elements.length < LOOK_AHEAD) elements.push(inner.read('an element'));
  return { elements, tags: elements.map(({ tag }) => tag) };
}

const { SEQUENCE, INTEGER, BIT_STRING, OCTET_STRING, OBJECT_IDENTIFIER, UTC_TIME, GENERALIZED_TIME } = TAG;

const startsWith = (tags: readonly number[], ...expected: readonly number[]): boolean =>
  expected.every((tag, i) => tags[i] === tag);

function kindOf(shape: Shape): BlockKind {
  const { tags, elements } = shape;
  // Certificate, CertificationRequest and CertificateList are all SEQUENCE { what is signed, algorithm, signature }.
  if (startsWith(tags, SEQUENCE, SEQUENCE, BIT_STRING) && tags.length === 3) return signedKind(shapeOf(elements[0]!));
  // SubjectPublicKeyInfo ::= SEQUENCE { algorithm, subjectPublicKey BIT STRING }
  if (startsWith(tags, SEQUENCE, BIT_STRING) && tags.length === 2) return 'public-key';
  // EncryptedPrivateKeyInfo ::= SEQUENCE { encryptionAlgorithm, encryptedData OCTET STRING }
  if (startsWith(tags, SEQUENCE, OCTET_STRING) && tags.length === 2) return 'encrypted-private-key';
  // ContentInfo ::= SEQUENCE { contentType OBJECT IDENTIFIER, content [0] EXPLICIT ANY }
  if (startsWith(tags, OBJECT_IDENTIFIER, contextConstructed(0))) return 'pkcs7';
  // PFX ::= SEQUENCE { version INTEGER {v3(3)}, authSafe ContentInfo, macData OPTIONAL }
  if (startsWith(tags, INTEGER, SEQUENCE) && isPkcs12(elements)) return 'pkcs12';
  if (formOf(shape) !== undefined) return 'private-key';
  // RSAPublicKey ::= SEQUENCE { modulus INTEGER, publicExponent INTEGER }
  if (tags.length === 2 && startsWith(tags, INTEGER, INTEGER)) {
    return elements[1]!.contentLength < 32 && elements[0]!.contentLength > 32 ? 'public-key' : 'parameters';
  }
  if (tags.length >= 2 && tags.length <= 5 && tags.every((tag) => tag === INTEGER)) return 'parameters';
  return 'unknown';
}

function signedKind({ tags }: Shape): BlockKind {
  // TBSCertificate: [0] version (absent in v1), serialNumber INTEGER, signature, issuer, validity, subject, key
  if (tags[0] === contextConstructed(0)) return 'certificate';
  if (startsWith(tags, INTEGER, SEQUENCE, SEQUENCE, SEQUENCE, SEQUENCE, SEQUENCE)) return 'certificate';
  // TBSCertList: version INTEGER OPTIONAL, signature, issuer, thisUpdate Time
  const afterVersion = tags[0] === INTEGER ? tags.slice(1) : tags;
  const isTime = afterVersion[2] === UTC_TIME || afterVersion[2] === GENERALIZED_TIME;
  if (startsWith(afterVersion, SEQUENCE, SEQUENCE) && isTime) return 'crl';
  // CertificationRequestInfo: version INTEGER, subject Name, subjectPKInfo, attributes [0]
  if (startsWith(tags, INTEGER, SEQUENCE, SEQUENCE)) return 'csr';
  return 'unknown';
}

function formOf({ tags, elements }: Shape): PrivateKeyForm | undefined {
  // PrivateKeyInfo ::= SEQUENCE { version INTEGER, privateKeyAlgorithm, privateKey OCTET STRING, ... }
  if (startsWith(tags, INTEGER, SEQUENCE, OCTET_STRING)) return 'pkcs8';
  // ECPrivateKey ::= SEQUENCE { version INTEGER { ecPrivkeyVer1(1) }, privateKey OCTET STRING, ... }
  if (startsWith(tags, INTEGER, OCTET_STRING)) return 'sec1';
  const integers = tags.filter((tag) => tag === INTEGER).length;
  // RSAPrivateKey ::= SEQUENCE { version, n, e, d, p, q, dP, dQ, qInv, otherPrimeInfos OPTIONAL }
  if (integers === 9 && startsWith(tags, ...Array<number>(9).fill(INTEGER))) return 'pkcs1';
  // OpenSSL's DSA form: SEQUENCE { version 0, p, q, g, y, x }
  if (integers === 6 && tags.length === 6 && elements[0]!.contentLength === 1) return 'dsa';
  return undefined;
}

function isPkcs12(elements: readonly Element[]): boolean {
  const version = elements[0]!;
  const content = elements[1]!.reader();
  return version.contentLength === 1 && version.content()[0] === 3 && content.peekTag() === OBJECT_IDENTIFIER;
}

function isTrustData(reader: Reader): boolean {
  try {
    return reader.peekTag() === SEQUENCE && reader.read('trust data').end === reader.end;
  } catch (error) {
    if (error instanceof DerError) return false;
    throw error;
  }
}

// What stands near the start of files that are BER (Java and Windows write PKCS#7 and PKCS#12 so), cut off or damaged.
const SIGNS: readonly (readonly [string, BlockKind])[] = [
  ['02010330', 'pkcs12'],
  ['06092a864886f70d0107', 'pkcs7'],
  ['a003020102', 'certificate'],
  ['02010030', 'private-key'],
  ['06092a864886f70d0105', 'encrypted-private-key'],
  ['060a2a864886f70d010c01', 'encrypted-private-key'],
];

function guess(der: Uint8Array): BlockKind {
  if (der[0] !== SEQUENCE) return 'unknown';
  const start = toHex(der.subarray(0, 24));
  let best: readonly [number, BlockKind] = [Infinity, 'unknown'];
  for (const [sign, kind] of SIGNS) {
    const at = start.indexOf(sign);
    if (at % 2 === 0 && at >= 0 && at < best[0]) best = [at, kind];
  }
  return best[1];
}
