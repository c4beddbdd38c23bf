import { randomBytes } from 'node:crypto';
import { TAG } from '../../core/der/tags.ts';
import { concat, explicit, integer, oid, sequence, time, tlv } from '../encode/der.ts';
import { requestInfo } from '../encode/request-info.ts';
import { type SigningAlgorithm, signed } from './sign.ts';

/** A certificate before it is signed. Names and keys are DER. */
export interface CertificateFields {
  readonly serialNumber: bigint;
  readonly issuer: Uint8Array;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly subject: Uint8Array;
  readonly subjectPublicKeyInfo: Uint8Array;
  /** DER Extensions, in order. */
  readonly extensions: readonly Uint8Array[];
}

/** 128 random bits (CA/B BR §7.1 asks for 64 at least); never zero. */
export function randomSerialNumber(): bigint {
  return BigInt(`0x${randomBytes(16).toString('hex')}`) || randomSerialNumber();
}

/** A signed v3 certificate, DER. */
export function signCertificate(fields: CertificateFields, algorithm: SigningAlgorithm): Uint8Array {
  const tbs = sequence(
    explicit(0, integer(2)),
    integer(fields.serialNumber),
    algorithm.identifier,
    fields.issuer,
    sequence(time(fields.notBefore), time(fields.notAfter)),
    fields.subject,
    fields.subjectPublicKeyInfo,
    explicit(3, sequence(...fields.extensions)),
  );
  return signed(tbs, algorithm);
}

/** A PKCS#10 request (RFC 2986) with its extensions asked for, DER. */
export function signRequest(
  subject: Uint8Array,
  subjectPublicKeyInfo: Uint8Array,
  extensions: readonly Uint8Array[],
  algorithm: SigningAlgorithm,
): Uint8Array {
  return signed(requestInfo(subject, subjectPublicKeyInfo, extensions), algorithm);
}

export interface RevokedEntry {
  readonly serialNumber: bigint;
  readonly revokedAt: Date;
  /** CRLReason, RFC 5280 §5.3.1; unspecified is left out as §5.3.1 recommends. */
  readonly reason?: number;
}

export interface CrlFields {
  readonly issuer: Uint8Array;
  readonly thisUpdate: Date;
  readonly nextUpdate: Date;
  readonly revoked: readonly RevokedEntry[];
  /** DER Extensions: authority key identifier, CRL number. */
  readonly extensions: readonly Uint8Array[];
}

/** A signed v2 CRL, DER. */
export function signCrl(fields: CrlFields, algorithm: SigningAlgorithm): Uint8Array {
  const tbs = sequence(
    integer(1),
    algorithm.identifier,
    fields.issuer,
    time(fields.thisUpdate),
    time(fields.nextUpdate),
    // RFC 5280 §5.1.2.6: when there are no revoked certificates, the list is absent. Joined first: there may be more
    // entries than a call takes arguments.
    ...(fields.revoked.length === 0 ? [] : [sequence(concat(fields.revoked.map(revokedEntry)))]),
    explicit(0, sequence(...fields.extensions)),
  );
  return signed(tbs, algorithm);
}

function revokedEntry({ serialNumber, revokedAt, reason }: RevokedEntry): Uint8Array {
  const extensions =
    reason === undefined || reason === 0
      ? []
      : [sequence(sequence(oid('2.5.29.21'), tlv(TAG.OCTET_STRING, tlv(TAG.ENUMERATED, Uint8Array.of(reason)))))];
  return sequence(integer(serialNumber), time(revokedAt), ...extensions);
}
