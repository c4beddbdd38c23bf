import type { Element, Reader } from '../../der/element.ts';
import { TAG, contextConstructed, contextPrimitive } from '../../der/tags.ts';
import { readBoolean } from '../../der/values.ts';
import {
  type DistributionPointName,
  type ReasonFlag,
  readDistributionPointName,
  readReasonFlags,
} from '../distribution-point.ts';
import { type Deviation, type ExtensionType, type ExtensionValue, NO_DEVIATIONS } from '../extension.ts';
import type { NamedBits } from '../named-bits.ts';

/** What a CRL covers. */
export interface IssuingDistributionPoint extends ExtensionValue {
  readonly distributionPoint: DistributionPointName | undefined;
  readonly onlyContainsUserCerts: boolean;
  readonly onlyContainsCACerts: boolean;
  readonly onlySomeReasons: NamedBits<ReasonFlag> | undefined;
  readonly indirectCRL: boolean;
  readonly onlyContainsAttributeCerts: boolean;
}

// RFC 5280 §5.2.5
// IssuingDistributionPoint ::= SEQUENCE {
//      distributionPoint          [0] DistributionPointName OPTIONAL,
//      onlyContainsUserCerts      [1] BOOLEAN DEFAULT FALSE,
//      onlyContainsCACerts        [2] BOOLEAN DEFAULT FALSE,
//      onlySomeReasons            [3] ReasonFlags OPTIONAL,
//      indirectCRL                [4] BOOLEAN DEFAULT FALSE,
//      onlyContainsAttributeCerts [5] BOOLEAN DEFAULT FALSE }
export const issuingDistributionPoint: ExtensionType<IssuingDistributionPoint> = {
  oid: '2.5.29.28',
  name: 'issuingDistributionPoint',
  read(reader: Reader): IssuingDistributionPoint {
    const what = 'issuingDistributionPoint';
    const element = reader.expect(TAG.SEQUENCE, what);
    const inner = element.reader();
    const deviations: Deviation[] = [];
    const name = inner.optional(contextConstructed(0), `${what}.distributionPoint`);
    const onlyContainsUserCerts = readFlag(inner, 1, `${what}.onlyContainsUserCerts`, deviations);
    const onlyContainsCACerts = readFlag(inner, 2, `${what}.onlyContainsCACerts`, deviations);
    const reasons = inner.optional(contextPrimitive(3), `${what}.onlySomeReasons`);
    const indirectCRL = readFlag(inner, 4, `${what}.indirectCRL`, deviations);
    const onlyContainsAttributeCerts = readFlag(inner, 5, `${what}.onlyContainsAttributeCerts`, deviations);
    inner.finish(what);
    // "CAs MUST NOT issue CRLs where the DER encoding of the issuing distribution point extension is an empty
    // sequence." It limits nothing, so it is read.
    if (element.contentLength === 0) {
      deviations.push({ code: 'empty-list', offset: element.offset, message: `${what} is an empty sequence` });
    }
    const distributionPoint = name && readDistributionPointName(name, what);
    const onlySomeReasons = reasons && readReasonFlags(reasons);
    deviations.push(...(distributionPoint?.fullName?.deviations ?? []), ...(onlySomeReasons?.deviations ?? []));
    return {
      element,
      distributionPoint,
      onlyContainsUserCerts,
      onlyContainsCACerts,
      onlySomeReasons,
      indirectCRL,
      onlyContainsAttributeCerts,
      deviations: deviations.length > 0 ? deviations : NO_DEVIATIONS,
    };
  },
};

function readFlag(inner: Reader, tag: number, what: string, deviations: Deviation[]): boolean {
  const element: Element | undefined = inner.optional(contextPrimitive(tag), what);
  if (element === undefined) return false;
  const value = readBoolean(element, what);
  // X.690 §11.5 forbids to encode a default; OpenSSL reads it.
  if (!value)
    deviations.push({
      code: 'default-encoded',
      offset: element.offset,
      message: `${what} spells out FALSE, the default`,
    });
  return value;
}
