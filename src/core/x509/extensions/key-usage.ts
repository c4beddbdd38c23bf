import type { Reader } from '../../der/element.ts';
import { TAG } from '../../der/tags.ts';
import type { ExtensionType } from '../extension.ts';
import { type NamedBits, namedBitsReader } from '../named-bits.ts';

/** By bit number. */
export const KEY_USAGES = [
  'digitalSignature',
  'nonRepudiation',
  'keyEncipherment',
  'dataEncipherment',
  'keyAgreement',
  'keyCertSign',
  'cRLSign',
  'encipherOnly',
  'decipherOnly',
] as const;

export type KeyUsageName = (typeof KEY_USAGES)[number];
export type KeyUsage = NamedBits<KeyUsageName>;

const readKeyUsage = namedBitsReader(KEY_USAGES, 'keyUsage');

// RFC 5280 §4.2.1.3
// KeyUsage ::= BIT STRING {
//      digitalSignature        (0),
//      nonRepudiation          (1), -- recent editions of X.509 have renamed this bit to contentCommitment
//      keyEncipherment         (2),
//      dataEncipherment        (3),
//      keyAgreement            (4),
//      keyCertSign             (5),
//      cRLSign                 (6),
//      encipherOnly            (7),
//      decipherOnly            (8) }
export const keyUsage: ExtensionType<KeyUsage> = {
  oid: '2.5.29.15',
  name: 'keyUsage',
  read: (reader: Reader): KeyUsage => readKeyUsage(reader.expect(TAG.BIT_STRING, 'keyUsage')),
};
