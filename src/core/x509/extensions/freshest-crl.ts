import type { Reader } from '../../der/element.ts';
import { type DistributionPoints, readDistributionPoints } from '../distribution-point.ts';
import type { ExtensionType } from '../extension.ts';

// RFC 5280 §4.2.1.15, §5.2.6: where delta CRLs lie.
// FreshestCRL ::= CRLDistributionPoints
export const freshestCRL: ExtensionType<DistributionPoints> = {
  oid: '2.5.29.46',
  name: 'freshestCRL',
  read: (reader: Reader): DistributionPoints => readDistributionPoints(reader, 'freshestCRL'),
};
