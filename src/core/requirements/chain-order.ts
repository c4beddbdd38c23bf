import { type Crypto, UnsupportedAlgorithmError } from '../base/ports.ts';
import type { Certificate } from '../x509/certificate.ts';
import { authorityKeyIdentifier } from '../x509/extensions/authority-key-identifier.ts';
import { subjectKeyIdentifier } from '../x509/extensions/subject-key-identifier.ts';
import { resolveSignature } from '../x509/signature-scheme.ts';
import { readBitStringOctets } from '../der/values.ts';

/** Whether `issuer`'s key made the signature of `child`; `unknown` where nobody here can compute it. */
export type Signed = 'yes' | 'no' | 'unknown';

/** How far the certificates at hand lead up from the leaf. */
export interface Ascent {
  /** From the leaf's issuer upwards. */
  readonly path: readonly Certificate[];
  /** Why it ends where it ends; `root`: in a self-signed certificate or an anchor. */
  readonly end: 'root' | 'issuer-missing' | 'issuer-wrong' | 'unknown-algorithm';
  /** The certificate whose issuer could not be found, or the root. */
  readonly top: Certificate;
  /** For `issuer-wrong`: the one with the right name and the wrong key. */
  readonly impostor?: Certificate;
}

// Each costs a public-key operation; real chains need three, and a hostile file could ask for thousands.
const MOST_SIGNATURES = 40;

/**
 * Climbs from the leaf by names, key identifiers and signatures, taking the first issuer that fits; a root or an anchor is
 * the top. Dates and constraints do not matter here: they are the business of path validation.
 */
export function climb(
  leaf: Certificate,
  chain: readonly Certificate[],
  anchors: readonly Certificate[],
  crypto: Crypto,
): Ascent {
  const pool = [...chain, ...anchors];
  const path: Certificate[] = [];
  let top = leaf;
  let left = MOST_SIGNATURES;
  for (;;) {
    if (top !== leaf && anchors.some(({ der }) => sameOctets(der, top.der))) return { path, end: 'root', top };
    if (top.isSelfIssued && left-- > 0 && signedBy(top, top, crypto) !== 'no') return { path, end: 'root', top };
    const named = pool.filter((one) => one !== top && !path.includes(one) && one.subject.equals(top.issuer));
    let next: Certificate | undefined;
    let unknown = false;
    for (const candidate of byKeyIdentifier(top, named)) {
      const signed = left-- > 0 ? signedBy(top, candidate, crypto) : 'no';
      unknown ||= signed === 'unknown';
      if (signed !== 'yes') continue;
      next = candidate;
      break;
    }
    if (next === undefined) {
      const [impostor] = named;
      if (unknown) return { path, end: 'unknown-algorithm', top };
      return impostor === undefined
        ? { path, end: 'issuer-missing', top }
        : { path, end: 'issuer-wrong', top, impostor };
    }
    path.push(next);
    top = next;
  }
}

/** Those first whose key identifier is the one that the child names. */
function byKeyIdentifier(child: Certificate, candidates: readonly Certificate[]): Certificate[] {
  const wanted = child.get(authorityKeyIdentifier)?.keyIdentifier?.content();
  const fits = (candidate: Certificate): boolean => {
    const own = candidate.get(subjectKeyIdentifier)?.keyIdentifier.content();
    return wanted !== undefined && own !== undefined && sameOctets(wanted, own);
  };
  return candidates.toSorted((a, b) => Number(fits(b)) - Number(fits(a)));
}

function signedBy(child: Certificate, issuer: Certificate, crypto: Crypto): Signed {
  const { scheme, key } = resolveSignature(child.signatureAlgorithm, issuer.subjectPublicKeyInfo);
  if (scheme === undefined) return 'unknown';
  try {
    const signature = readBitStringOctets(child.signatureValue, 'signatureValue');
    return crypto.verify(scheme, key, child.tbs.der(), signature) ? 'yes' : 'no';
  } catch (error) {
    if (error instanceof UnsupportedAlgorithmError) return 'unknown';
    throw error;
  }
}

export function sameOctets(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
