import { toHex } from '../der/values.ts';
import type { Certificate } from '../x509/certificate.ts';
import { authorityKeyIdentifier } from '../x509/extensions/authority-key-identifier.ts';
import { baseNumberOf, dateProblem, numberOf, supersedes, unknownCritical } from './crl-facts.ts';
import type { SignerSearch } from './crl-signer.ts';
import type { OpenCrl } from './open-crl.ts';
import { scopeKey } from './scope.ts';

/** A delta CRL that continues one complete CRL. */
export interface Continuation {
  readonly delta: OpenCrl;
  /**
   * False: out of date, or starting from a later complete CRL than the one at hand. What it lists is revoked all the
   * same; what it does not list, or takes off the list, it cannot vouch for.
   */
  readonly complete: boolean;
}

/** The deltas to be read together with `crl`, obsolete ones left out; see RFC 5280 §5.2.4 and §6.3.3 (c), (h). */
export function continuationsOf(
  crl: OpenCrl,
  signer: Certificate,
  deltas: readonly OpenCrl[],
  context: { readonly at: number; readonly signers: SignerSearch },
): Continuation[] {
  const number = numberOf(crl);
  // "(d) The CRL number of the complete CRL is less than the CRL number of the delta CRL."
  if (number === undefined) return [];
  const found: Continuation[] = [];
  for (const delta of deltas) {
    const deltaNumber = numberOf(delta);
    if (deltaNumber === undefined || deltaNumber <= number) continue;
    if (scopeKey(delta) !== scopeKey(crl) || authorityKey(delta) !== authorityKey(crl)) continue;
    const problem = dateProblem(delta, context.at);
    if (problem?.code === 'crl-not-yet-valid' || !context.signers.signedBy(delta, signer)) continue;
    // "(c) The CRL number of the complete CRL is equal to or greater than the BaseCRLNumber specified in the delta CRL."
    const joins = (baseNumberOf(delta) ?? 0n) <= number;
    found.push({ delta, complete: joins && problem === undefined && unknownCritical(delta) === undefined });
  }
  return found.filter(
    ({ delta }) => !found.some((other) => other.complete && other.delta !== delta && supersedes(other.delta, delta)),
  );
}

function authorityKey(crl: OpenCrl): string {
  const extension = crl.list.extensions.find(authorityKeyIdentifier.oid);
  return extension === undefined ? '' : toHex(extension.extnValue.content());
}
