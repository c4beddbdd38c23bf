import { type Crypto, type CrlFailure, UnsupportedAlgorithmError } from '../base/ports.ts';
import { DerError } from '../der/errors.ts';
import { formatTime } from '../der/time.ts';
import { toHex } from '../der/values.ts';
import type { Certificate } from '../x509/certificate.ts';
import { keyUsage } from '../x509/extensions/key-usage.ts';
import type { Name } from '../x509/name.ts';
import { resolveSignature } from '../x509/signature-scheme.ts';
import { type Signed, signatureOctets } from '../x509/signed.ts';
import { crlLabel, dateProblem, readFacts } from './crl-facts.ts';
import type { OpenCrl } from './open-crl.ts';

/** What a CRL must be to be kept: from whom, signed by whose key, current when. */
export interface CrlExpectation {
  /** The names that may stand as its issuer; empty: anybody's. */
  readonly issuers: readonly Name[];
  /** Certificates whose key may have signed it. Empty: the signature cannot be judged, and is not. */
  readonly signers: readonly Certificate[];
  /** Seconds since 1970. */
  readonly at: number;
  readonly crypto: Crypto;
}

/**
 * Whether a CRL that was just fetched is worth keeping. What it says about a certificate, and whether its scope covers
 * that one, is `checkRevocation`'s.
 */
export function judgeCrl(
  crl: OpenCrl,
  expected: CrlExpectation,
): Pick<CrlFailure, 'code' | 'message' | 'fix'> | undefined {
  try {
    readFacts(crl);
    return wrongIssuer(crl, expected) ?? badSignature(crl, expected) ?? badDates(crl, expected.at);
  } catch (error) {
    if (!(error instanceof DerError)) throw error;
    return {
      code: 'not-a-crl',
      message: `The CRL cannot be read: ${error.message}.`,
      fix: 'Have the CA publish a CRL that follows RFC 5280; show it with: certgate inspect FILE',
    };
  }
}

function wrongIssuer(crl: OpenCrl, { issuers }: CrlExpectation): ReturnType<typeof judgeCrl> {
  if (issuers.length === 0 || issuers.some((name) => name.equals(crl.issuer))) return undefined;
  return {
    code: 'wrong-issuer',
    message: `The CRL there is of "${crl.issuer}", not of "${issuers[0]}", who issued the certificate.`,
    fix: 'Have the CA publish its own CRL at that URL, or name the right URL in its certificates.',
  };
}

function badSignature(crl: OpenCrl, { signers, crypto }: CrlExpectation): ReturnType<typeof judgeCrl> {
  if (signers.length === 0) return undefined;
  const named = signers.filter(({ subject }) => subject.equals(crl.issuer));
  const code = 'bad-signature';
  if (named.length === 0) {
    return {
      code,
      message: `Nobody can tell who signed ${crlLabel(crl)}: the certificate of that issuer is not at hand.`,
      fix: 'Put the certificate of the CRL issuer into the chain, or give it with --trust.',
    };
  }
  const signed = named.filter((signer) => isSignedBy(crl, signer, crypto));
  if (signed.length === 0) {
    return {
      code,
      message: `${upperFirst(crlLabel(crl))} is not signed by that issuer's key: forged, damaged, or signed with a key that was replaced.`,
      fix: 'Fetch it again; if it stays so, ask the CA whether it has renewed its key, and for the certificate that goes with it.',
    };
  }
  if (signed.some((signer) => signer.get(keyUsage)?.names.has('cRLSign') !== false)) return undefined;
  return {
    code,
    message: `${upperFirst(crlLabel(crl))} is signed by a key whose certificate does not allow that: keyUsage lacks cRLSign.`,
    fix: 'Ask the CA for a CA certificate with keyUsage cRLSign.',
  };
}

function badDates(crl: OpenCrl, at: number): ReturnType<typeof judgeCrl> {
  const problem = dateProblem(crl, at);
  if (problem === undefined) return undefined;
  const stale = problem.code === 'crl-expired';
  return {
    code: stale ? 'stale' : 'not-yet-valid',
    message: `${upperFirst(problem.message)}.`,
    fix: stale
      ? 'Have the CA publish its current CRL at that URL; its publishing job has stopped, or a proxy serves an old copy.'
      : `Compare the clocks: here it is ${formatTime(at)}. If that is right, the clock of the CA is ahead.`,
  };
}

/** By CRL and key (SubjectPublicKeyInfo in hex): hashing a large CRL is what asking costs. */
const verdicts = new WeakMap<OpenCrl, Map<string, boolean>>();

/** Whether that certificate's key made the CRL's signature; false where it cannot be computed here. Remembered. */
export function isSignedBy(crl: OpenCrl, signer: Certificate, crypto: Crypto): boolean {
  let byKey = verdicts.get(crl);
  if (byKey === undefined) verdicts.set(crl, (byKey = new Map()));
  const key = toHex(signer.subjectPublicKeyInfo.element.der());
  let verdict = byKey.get(key);
  if (verdict === undefined) byKey.set(key, (verdict = verifies(crl.list, signer, crypto)));
  return verdict;
}

/** Whether the signer's key made that signature; false where it cannot be computed here, or is malformed. */
export function verifies(signed: Signed, signer: Certificate, crypto: Crypto): boolean {
  try {
    const how = resolveSignature(signed.signatureAlgorithm, signer.subjectPublicKeyInfo);
    if (how.problem !== undefined) return false;
    return crypto.verify(how.scheme, how.key, signed.tbs.der(), signatureOctets(signed));
  } catch (error) {
    if (error instanceof DerError || error instanceof UnsupportedAlgorithmError) return false;
    throw error;
  }
}

const upperFirst = (text: string): string => text[0]!.toUpperCase() + text.slice(1);
