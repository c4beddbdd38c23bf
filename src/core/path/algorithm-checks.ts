import { DerError } from '../der/errors.ts';
import type { AlgorithmIdentifier } from '../x509/algorithm.ts';
import { NAMED_CURVES, SIGNATURE_ALGORITHMS } from '../x509/algorithms.data.ts';
import { readSignatureScheme } from '../x509/signature-scheme.ts';
import type { ParsedCertificate, Role } from './parsed-certificate.ts';
import type { Problem } from './problem.ts';
import type { PathSettings } from './settings.ts';

const KEY_FIELD = 'tbsCertificate.subjectPublicKeyInfo';

/** A key that the profile does not accept. Signature algorithms nobody can compute are found when verifying. */
export function keyProblem(node: ParsedCertificate, settings: PathSettings): Problem | undefined {
  const info = node.certificate.subjectPublicKeyInfo;
  const weak = (found: string, required: string): Problem => ({
    code: 'weak-key',
    certificate: node,
    field: KEY_FIELD,
    element: info.element,
    found,
    required,
    message: `${node.label} has a key that is not accepted here: ${found}`,
    section: settings.profile === 'webpki' ? 'CA/B Baseline Requirements §6.1.5' : '4.1.2.7',
  });
  try {
    switch (info.kind) {
      case 'RSA':
      case 'RSASSA-PSS': {
        const { bits } = info.rsa;
        if (bits < settings.leastRsaBits) return weak(`RSA ${bits} bits`, `at least ${settings.leastRsaBits} bits`);
        if (settings.rsaBitsDivisibleBy8 && bits % 8 !== 0) return weak(`RSA ${bits} bits`, 'bits divisible by 8');
        return undefined;
      }
      case 'EC': {
        const oid = info.curveOid;
        // RFC 5480 §2.1.1: "specifiedCurve MUST NOT be used in PKIX".
        if (oid === undefined) return weak('an elliptic curve spelled out instead of named', 'a named curve');
        const curve = NAMED_CURVES[oid]?.name ?? oid;
        if (settings.curves?.has(curve) !== false) return undefined;
        return weak(`the curve ${curve}`, [...settings.curves].join(', '));
      }
      case 'DSA':
        return settings.dsaKeys ? undefined : weak('a DSA key', 'RSA or an elliptic curve');
      case 'Ed25519':
      case 'Ed448':
        return settings.edwardsKeys ? undefined : weak(`an ${info.kind} key`, 'RSA, P-256, P-384 or P-521');
      default:
        return weak(info.kind === undefined ? info.algorithm.oid : `a ${info.kind} key`, 'a key that can sign');
    }
  } catch (error) {
    if (error instanceof DerError) return weak(error.message, 'a readable key');
    throw error;
  }
}

const HASH_WORDS: Readonly<Record<string, string>> = { md5: 'MD5', sha1: 'SHA-1' };

/** A signature below the anchor whose hash the profile does not accept; and RFC 5280 §4.1.1.2, the two algorithms. */
export function signatureProblem(node: ParsedCertificate, role: Role, settings: PathSettings): Problem | undefined {
  const { certificate } = node;
  const { innerSignatureAlgorithm: inner, signatureAlgorithm: outer } = certificate;
  const name = (oid: string): string => SIGNATURE_ALGORITHMS[oid]?.name ?? oid;
  if (!inner.element.sameBytes(outer.element)) {
    return {
      code: 'signature-algorithm-mismatch',
      certificate: node,
      field: 'signatureAlgorithm',
      element: outer.element,
      found: `${name(outer.oid)} outside, ${name(inner.oid)} inside the signed part`,
      required: 'the same algorithm, parameters included, in both places',
      message: `${node.label} names two different signature algorithms: it was altered, or made by a broken program`,
      section: '4.1.1.2',
    };
  }
  if (role === 'anchor') return undefined;
  const hash = refusedHash(outer, settings);
  if (hash === undefined) return undefined;
  return {
    code: 'weak-signature',
    certificate: node,
    field: 'signatureAlgorithm',
    element: outer.element,
    found: `${name(outer.oid)} (${hash})`,
    required: 'SHA-256 or stronger',
    message: `${node.label} is signed with ${hash}, which can be forged; have it issued again with SHA-256`,
    section: '6.1.3 (a)(1)',
  };
}

/** The hash of a signature algorithm where the profile does not accept it. */
export function refusedHash(algorithm: AlgorithmIdentifier, settings: PathSettings): string | undefined {
  const hash = hashOf(algorithm);
  return [...settings.refusedHashes].find((refused) => refused === hash);
}

function hashOf(algorithm: AlgorithmIdentifier): string | undefined {
  const named = SIGNATURE_ALGORITHMS[algorithm.oid]?.hash;
  if (named !== undefined) return named;
  try {
    const scheme = readSignatureScheme(algorithm);
    return scheme.kind === 'rsa-pss' ? (HASH_WORDS[scheme.hash] ?? scheme.hash) : undefined;
  } catch (error) {
    if (error instanceof DerError) return undefined;
    throw error;
  }
}
