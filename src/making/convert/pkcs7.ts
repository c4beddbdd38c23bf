import { Reader, readSingle } from '../../core/der/element.ts';
import { DerError } from '../../core/der/errors.ts';
import { readOid } from '../../core/der/oid.ts';
import { contextConstructed, TAG } from '../../core/der/tags.ts';
import { explicit, integer, oid, sequence, setOf, tlv } from '../encode/der.ts';
import { toDefiniteLengths } from './ber.ts';
import { ConversionError } from './conversion-error.ts';
import { OID } from './pkcs12.data.ts';

export interface Pkcs7Content {
  /** DER, in the order of the file; a SET, so that order means nothing. */
  readonly certificates: readonly Uint8Array[];
  readonly crls: readonly Uint8Array[];
}

/**
 * The certificates and CRLs of a PKCS#7 file (`.p7b`, `.p7c`), DER or BER.
 * @throws {ConversionError} where it is damaged or holds something else.
 */
export function readPkcs7(bytes: Uint8Array): Pkcs7Content {
  try {
    return read(toDefiniteLengths(bytes));
  } catch (error) {
    if (!(error instanceof DerError)) throw error;
    throw new ConversionError(
      `The PKCS#7 file is damaged: ${error.message}.`,
      'Download it again from your CA, as a file.',
    );
  }
}

// SignedData ::= SEQUENCE {
//   version            INTEGER,
//   digestAlgorithms   SET OF AlgorithmIdentifier,
//   contentInfo        ContentInfo,
//   certificates       [0] IMPLICIT SET OF CertificateChoices OPTIONAL,
//   crls               [1] IMPLICIT SET OF RevocationInfoChoice OPTIONAL,
//   signerInfos        SET OF SignerInfo }                                -- RFC 5652 §5.1
function read(der: Uint8Array): Pkcs7Content {
  const info = readSingle(der, TAG.SEQUENCE, 'ContentInfo').reader();
  const type = readOid(info.expect(TAG.OBJECT_IDENTIFIER, 'contentType'), 'contentType');
  if (type !== OID.signedData) {
    const what =
      type === OID.envelopedData || type === OID.encryptedData ? 'something encrypted' : `content of type ${type}`;
    throw new ConversionError(
      `The PKCS#7 file holds ${what}, not certificates.`,
      'Ask your CA for the certificates as .p7b, .crt or .pem.',
    );
  }
  const content = info.expect(contextConstructed(0), 'content').reader();
  const data = content.expect(TAG.SEQUENCE, 'SignedData').reader();
  data.expect(TAG.INTEGER, 'SignedData.version');
  data.expect(TAG.SET, 'SignedData.digestAlgorithms');
  data.expect(TAG.SEQUENCE, 'SignedData.contentInfo');
  const certificates = data.optional(contextConstructed(0), 'SignedData.certificates');
  const crls = data.optional(contextConstructed(1), 'SignedData.crls');
  return { certificates: sequencesOf(certificates?.reader()), crls: sequencesOf(crls?.reader()) };
}

// Attribute certificates and other formats have context tags.
function sequencesOf(reader: Reader | undefined): Uint8Array[] {
  const found: Uint8Array[] = [];
  while (reader !== undefined && !reader.atEnd) {
    const element = reader.read('an element of a SET');
    if (element.tag === TAG.SEQUENCE) found.push(new Uint8Array(element.der()));
  }
  return found;
}

/** A PKCS#7 file of certificates alone, DER: signed data that nobody signed (RFC 5652 §5.1). */
export const writePkcs7 = (certificates: readonly Uint8Array[]): Uint8Array =>
  sequence(
    oid(OID.signedData),
    explicit(
      0,
      sequence(
        integer(1),
        setOf(),
        sequence(oid(OID.data)),
        tlv(contextConstructed(0), ...certificates.toSorted((a, b) => Buffer.compare(a, b))),
        setOf(),
      ),
    ),
  );
