import { type Crypto, UnsupportedAlgorithmError } from '../base/ports.ts';
import { DerError } from '../der/errors.ts';
import { readBitStringOctets, toHex } from '../der/values.ts';
import type { AlgorithmIdentifier } from '../x509/algorithm.ts';
import { resolveSignature } from '../x509/signature-scheme.ts';
import type { Budget } from './budget.ts';
import type { ParsedCertificate } from './parsed-certificate.ts';

export type SignatureVerdict =
  | { readonly status: 'valid' }
  | { readonly status: 'invalid' }
  /** The algorithm, or the key's, is not one that we can compute or that may be used; `reason` says which. */
  | { readonly status: 'unsupported'; readonly reason: string }
  | { readonly status: 'budget' };

const VALID: SignatureVerdict = { status: 'valid' };
const INVALID: SignatureVerdict = { status: 'invalid' };
const OVER_BUDGET: SignatureVerdict = { status: 'budget' };

/** Something signed, in the shape that certificates and CRLs share. */
export interface Signed {
  readonly tbs: Uint8Array;
  readonly algorithm: AlgorithmIdentifier;
  readonly signature: () => Uint8Array;
}

/** Verifies signatures within the budget. A verdict about two certificates is remembered with them. */
export class Signatures {
  readonly #crypto: Crypto;
  readonly #budget: Budget;

  constructor(crypto: Crypto, budget: Budget) {
    this.#crypto = crypto;
    this.#budget = budget;
  }

  /**
   * Whether `issuer`'s key signed `child`.
   * @param inherited working_public_key_parameters (RFC 5280 §6.1.4 (e)), for a DSA key that has none of its own
   */
  check(child: ParsedCertificate, issuer: ParsedCertificate, inherited?: AlgorithmIdentifier): SignatureVerdict {
    const known = child.remember('signatures', () => new WeakMap<ParsedCertificate, SignatureVerdict>());
    const before = known.get(issuer);
    if (before !== undefined) return before;
    const { certificate } = child;
    const signed: Signed = {
      tbs: certificate.tbs.der(),
      algorithm: certificate.signatureAlgorithm,
      signature: () => readBitStringOctets(certificate.signatureValue, 'signatureValue'),
    };
    const verdict = this.verify(signed, issuer, inherited);
    if (verdict.status !== 'budget' && !needsParameters(issuer)) known.set(issuer, verdict);
    return verdict;
  }

  /** SHA-256, as people compare it. */
  fingerprint({ certificate }: ParsedCertificate): string {
    return toHex(this.#crypto.digest('sha256', certificate.der), ':').toUpperCase();
  }

  /** Whether `signer`'s key signed that; not remembered. */
  verify(signed: Signed, signer: ParsedCertificate, inherited?: AlgorithmIdentifier): SignatureVerdict {
    if (!this.#budget.spend('signatures')) return OVER_BUDGET;
    try {
      const info = signer.certificate.subjectPublicKeyInfo;
      const { scheme, key, problem } = resolveSignature(signed.algorithm, info, inherited);
      if (problem !== undefined) return { status: 'unsupported', reason: problem };
      // The adapter remembers loaded keys by this object.
      const shared = inherited === undefined ? signer.remember('publicKey', () => key) : key;
      return this.#crypto.verify(scheme, shared, signed.tbs, signed.signature()) ? VALID : INVALID;
    } catch (error) {
      if (error instanceof DerError) return { status: 'unsupported', reason: error.message };
      if (error instanceof UnsupportedAlgorithmError) return { status: 'unsupported', reason: error.message };
      throw error;
    }
  }
}

/** A DSA key that leaves its parameters to its issuer: only a whole chain can tell what it is. */
export function needsParameters({ certificate }: ParsedCertificate): boolean {
  const { kind, algorithm } = certificate.subjectPublicKeyInfo;
  return kind === 'DSA' && (algorithm.parameters === undefined || algorithm.parameters.contentLength === 0);
}
