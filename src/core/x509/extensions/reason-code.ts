import type { Reader } from '../../der/element.ts';
import { TAG } from '../../der/tags.ts';
import { readSmallInteger } from '../../der/values.ts';
import { type ExtensionType, type ExtensionValue, NO_DEVIATIONS } from '../extension.ts';

/** By number; 7 is not used. */
export const CRL_REASONS = [
  'unspecified',
  'keyCompromise',
  'cACompromise',
  'affiliationChanged',
  'superseded',
  'cessationOfOperation',
  'certificateHold',
  undefined,
  'removeFromCRL',
  'privilegeWithdrawn',
  'aACompromise',
] as const;

export type CRLReason = Exclude<(typeof CRL_REASONS)[number], undefined>;

export interface ReasonCode extends ExtensionValue {
  readonly code: number;
  /** Undefined for a number that the standard does not define; the entry is revoked all the same. */
  readonly reason: CRLReason | undefined;
}

// RFC 5280 §5.3.1
// CRLReason ::= ENUMERATED {
//      unspecified             (0),
//      keyCompromise           (1),
//      cACompromise            (2),
//      affiliationChanged      (3),
//      superseded              (4),
//      cessationOfOperation    (5),
//      certificateHold         (6),
//           -- value 7 is not used
//      removeFromCRL           (8),
//      privilegeWithdrawn      (9),
//      aACompromise           (10) }
export const reasonCode: ExtensionType<ReasonCode> = {
  oid: '2.5.29.21',
  name: 'reasonCode',
  read(reader: Reader): ReasonCode {
    const element = reader.expect(TAG.ENUMERATED, 'reasonCode');
    const code = readSmallInteger(element, 'reasonCode');
    const reason = CRL_REASONS[code];
    // Kept: an entry with a reason nobody knows must not turn a revoked certificate into a good one.
    const deviations = reason
      ? NO_DEVIATIONS
      : [{ code: 'undefined-value' as const, offset: element.offset, message: `reasonCode ${code} is not defined` }];
    return { element, code, reason, deviations };
  },
};
