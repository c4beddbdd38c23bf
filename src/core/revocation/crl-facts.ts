import { formatTime } from '../der/time.ts';
import { authorityKeyIdentifier } from '../x509/extensions/authority-key-identifier.ts';
import { cRLNumber } from '../x509/extensions/crl-number.ts';
import { deltaCRLIndicator } from '../x509/extensions/delta-crl-indicator.ts';
import { freshestCRL } from '../x509/extensions/freshest-crl.ts';
import { issuerAltName } from '../x509/extensions/issuer-alt-name.ts';
import { issuingDistributionPoint } from '../x509/extensions/issuing-distribution-point.ts';
import type { OpenCrl } from './open-crl.ts';
import { CLOCK_TOLERANCE, type RevocationCode } from './question.ts';

/** The CRL extensions that are processed here, or that change nothing. */
const PROCESSED = new Set([
  authorityKeyIdentifier.oid,
  issuerAltName.oid,
  cRLNumber.oid,
  deltaCRLIndicator.oid,
  issuingDistributionPoint.oid,
  freshestCRL.oid,
]);

export const numberOf = (crl: OpenCrl): bigint | undefined => crl.list.extensions.get(cRLNumber)?.value;

/** The number of the complete CRL that a delta starts from; undefined for a complete CRL. */
export const baseNumberOf = (crl: OpenCrl): bigint | undefined =>
  crl.list.extensions.get(deltaCRLIndicator)?.baseCRLNumber;

export const isDelta = (crl: OpenCrl): boolean => crl.list.extensions.find(deltaCRLIndicator.oid) !== undefined;

/** How messages call a CRL. */
export function crlLabel(crl: OpenCrl): string {
  const number = numberOf(crl);
  const kind = isDelta(crl) ? 'delta CRL' : 'CRL';
  return `the ${kind}${number === undefined ? '' : ` number ${number}`} of "${crl.issuer}"`;
}

/** Why the dates forbid to rest on it at `at` (seconds since 1970); undefined where they do not. */
export function dateProblem(crl: OpenCrl, at: number): { code: RevocationCode; message: string } | undefined {
  const { thisUpdate, nextUpdate } = crl.list;
  if (thisUpdate.seconds > at + CLOCK_TOLERANCE) {
    const when = formatTime(thisUpdate.seconds);
    return {
      code: 'crl-not-yet-valid',
      message: `${crlLabel(crl)} says that it was made at ${when}, later than now (${formatTime(at)})`,
    };
  }
  if (nextUpdate !== undefined && nextUpdate.seconds < at) {
    const when = formatTime(nextUpdate.seconds);
    return { code: 'crl-expired', message: `${crlLabel(crl)} ran out at ${when} (nextUpdate); a newer one is due` };
  }
  return undefined;
}

/** The first critical extension that is not processed here, of the CRL or of an entry. */
export function unknownCritical(crl: OpenCrl): string | undefined {
  for (const { oid, critical } of crl.list.extensions.list) if (critical && !PROCESSED.has(oid)) return oid;
  return crl.entries.unknownCritical?.oid;
}

/** Whether `newer` makes `older` obsolete: later in one of number and date, and in neither earlier. */
export function supersedes(newer: OpenCrl, older: OpenCrl): boolean {
  const numbers = [numberOf(newer), numberOf(older)] as const;
  const dates = newer.list.thisUpdate.seconds - older.list.thisUpdate.seconds;
  if (numbers[0] === undefined || numbers[1] === undefined || numbers[0] === numbers[1]) return dates > 0;
  return numbers[0] > numbers[1] && dates >= 0;
}

/** Reads what is read lazily elsewhere. @throws {DerError} where one of the extensions is malformed */
export function readFacts(crl: OpenCrl): void {
  void crl.issuer.canonical;
  void numberOf(crl);
  void baseNumberOf(crl);
  void crl.list.extensions.get(issuingDistributionPoint);
  void crl.list.extensions.get(authorityKeyIdentifier);
}
