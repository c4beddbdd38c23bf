import { createHash } from 'node:crypto';
import { readSingle } from '../../core/der/element.ts';
import { TAG } from '../../core/der/tags.ts';

/** RFC 5280 §4.2.1.2 (1): SHA-1 of the subjectPublicKey bits. */
export function keyIdentifier(spki: Uint8Array): Uint8Array {
  const reader = readSingle(spki, TAG.SEQUENCE, 'SubjectPublicKeyInfo').reader();
  reader.expect(TAG.SEQUENCE, 'algorithm');
  const key = reader.expect(TAG.BIT_STRING, 'subjectPublicKey').content().subarray(1);
  return createHash('sha1').update(key).digest();
}
