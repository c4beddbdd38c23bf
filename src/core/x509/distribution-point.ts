import type { Element, Reader } from '../der/element.ts';
import { DerError } from '../der/errors.ts';
import { TAG, contextConstructed, contextPrimitive } from '../der/tags.ts';
import { type Deviation, type ExtensionValue, NO_DEVIATIONS } from './extension.ts';
import { type GeneralNames, readGeneralNames } from './general-name.ts';
import { type NamedBits, namedBitsReader } from './named-bits.ts';
import { type Attribute, readRdn } from './name.ts';

/** By bit number of ReasonFlags, RFC 5280 §4.2.1.13. */
export const REASON_FLAGS = [
  'unused',
  'keyCompromise',
  'cACompromise',
  'affiliationChanged',
  'superseded',
  'cessationOfOperation',
  'certificateHold',
  'privilegeWithdrawn',
  'aACompromise',
] as const;

export type ReasonFlag = (typeof REASON_FLAGS)[number];

export const readReasonFlags = namedBitsReader(REASON_FLAGS, 'ReasonFlags');

/** Where a CRL lies, or what it is called; exactly one of both. */
export interface DistributionPointName {
  readonly element: Element;
  readonly fullName: GeneralNames | undefined;
  /** One RDN, to be put after the name of the CRL's issuer. */
  readonly nameRelativeToCRLIssuer: readonly Attribute[] | undefined;
}

export interface DistributionPoint {
  readonly element: Element;
  readonly distributionPoint: DistributionPointName | undefined;
  readonly reasons: NamedBits<ReasonFlag> | undefined;
  readonly cRLIssuer: GeneralNames | undefined;
}

export interface DistributionPoints extends ExtensionValue {
  readonly points: readonly DistributionPoint[];
}

const MOST_POINTS = 1000;

// CRLDistributionPoints ::= SEQUENCE SIZE (1..MAX) OF DistributionPoint
export function readDistributionPoints(reader: Reader, what: string): DistributionPoints {
  const element = reader.expect(TAG.SEQUENCE, what);
  const inner = element.reader();
  const points: DistributionPoint[] = [];
  while (!inner.atEnd) {
    if (points.length === MOST_POINTS) throw new DerError('too-many', inner.position, `${what} has too many points`);
    points.push(readPoint(inner, what));
  }
  return { element, points, deviations: deviationsOf(element, points, what) };
}

// DistributionPoint ::= SEQUENCE {
//      distributionPoint       [0]     DistributionPointName OPTIONAL,
//      reasons                 [1]     ReasonFlags OPTIONAL,
//      cRLIssuer               [2]     GeneralNames OPTIONAL }
function readPoint(reader: Reader, what: string): DistributionPoint {
  const element = reader.expect(TAG.SEQUENCE, what);
  const inner = element.reader();
  const name = inner.optional(contextConstructed(0), what);
  const reasons = inner.optional(contextPrimitive(1), what);
  const issuer = inner.optional(contextConstructed(2), what);
  inner.finish(what);
  return {
    element,
    distributionPoint: name && readDistributionPointName(name, what),
    reasons: reasons && readReasonFlags(reasons),
    cRLIssuer: issuer && readGeneralNames(issuer, `${what}.cRLIssuer`),
  };
}

// DistributionPointName ::= CHOICE {
//      fullName                [0]     GeneralNames,
//      nameRelativeToCRLIssuer [1]     RelativeDistinguishedName }
/** `explicit` is the [0] around the choice. */
export function readDistributionPointName(explicit: Element, what: string): DistributionPointName {
  const inner = explicit.reader();
  const element = inner.read(`${what}.distributionPoint`);
  inner.finish(`${what}.distributionPoint`);
  if (element.tag === contextConstructed(0)) {
    return { element, fullName: readGeneralNames(element, `${what}.fullName`), nameRelativeToCRLIssuer: undefined };
  }
  if (element.tag === contextConstructed(1)) {
    return { element, fullName: undefined, nameRelativeToCRLIssuer: readRdn(element) };
  }
  throw new DerError('unexpected-tag', element.offset, `${what} has neither fullName nor nameRelativeToCRLIssuer`);
}

function deviationsOf(element: Element, points: readonly DistributionPoint[], what: string): readonly Deviation[] {
  // An empty list is what some templates leave behind; OpenSSL reads it as none.
  if (points.length === 0) return [{ code: 'empty-list', offset: element.offset, message: `${what} is an empty list` }];
  let found: Deviation[] | undefined;
  for (const point of points) {
    // RFC 5280 §4.2.1.13: "a DistributionPoint MUST NOT consist of only the reasons field"; it then names nothing.
    if (point.distributionPoint === undefined && point.cRLIssuer === undefined) {
      (found ??= []).push({
        code: 'empty-list',
        offset: point.element.offset,
        message: `${what} has a point that names nothing`,
      });
    }
    for (const part of [point.distributionPoint?.fullName, point.reasons, point.cRLIssuer]) {
      if (part !== undefined && part.deviations.length > 0) (found ??= []).push(...part.deviations);
    }
  }
  return found ?? NO_DEVIATIONS;
}
