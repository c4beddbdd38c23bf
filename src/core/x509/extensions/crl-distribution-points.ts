import type { Reader } from '../../der/element.ts';
import { type DistributionPoints, readDistributionPoints } from '../distribution-point.ts';
import type { ExtensionType } from '../extension.ts';

// RFC 5280 §4.2.1.13
// CRLDistributionPoints ::= SEQUENCE SIZE (1..MAX) OF DistributionPoint
export const cRLDistributionPoints: ExtensionType<DistributionPoints> = {
  oid: '2.5.29.31',
  name: 'cRLDistributionPoints',
  read: (reader: Reader): DistributionPoints => readDistributionPoints(reader, 'cRLDistributionPoints'),
};
