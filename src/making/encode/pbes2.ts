import { integer, nullValue, octetString, oid, sequence } from './der.ts';

const OID = {
  pbes2: '1.2.840.113549.1.5.13',
  pbkdf2: '1.2.840.113549.1.5.12',
  hmacWithSha256: '1.2.840.113549.2.9',
  aes256Cbc: '2.16.840.1.101.3.4.1.42',
} as const;

/** RFC 8018 appendix A.4: PBES2 with PBKDF2-HMAC-SHA256 and AES-256-CBC, as a DER AlgorithmIdentifier. */
export function pbes2Algorithm({
  salt,
  iterations,
  iv,
}: {
  readonly salt: Uint8Array;
  readonly iterations: number;
  readonly iv: Uint8Array;
}): Uint8Array {
  const prf = sequence(oid(OID.hmacWithSha256), nullValue());
  return sequence(
    oid(OID.pbes2),
    sequence(
      sequence(oid(OID.pbkdf2), sequence(octetString(salt), integer(iterations), prf)),
      sequence(oid(OID.aes256Cbc), octetString(iv)),
    ),
  );
}
