import type { Location } from '../base/finding.ts';
import type { Crypto } from '../base/ports.ts';
import type { FileCertificate, OpenedBundle } from '../files/bundle.ts';
import type { Origin } from '../path/parsed-certificate.ts';
import type { PathFacts, PathReason } from '../path/path-facts.ts';
import { fixOf, type Problem } from '../path/problem.ts';
import { type ChainInput, PathValidator } from '../path/validate.ts';
import type { Circumstances } from '../requirements/rule.ts';
import type { OpenCrl } from '../revocation/open-crl.ts';
import type { Certificate } from '../x509/certificate.ts';

/** What a path is searched in. */
export interface PathMaterial {
  readonly leaf: Certificate;
  /** Certificates that came with it, readable ones only. */
  readonly others: readonly FileCertificate[];
  /** Those of `others` that are their own issuers. */
  readonly roots: readonly FileCertificate[];
  readonly anchors: readonly Certificate[];
}

/**
 * The certificates around the bundle's: its anchors are the configured ones, else the roots that the chain itself
 * brings, as the appliance does. Undefined where there is nothing to search in, or the certificate is its own root.
 */
export function pathMaterial(bundle: OpenedBundle, { trust }: Circumstances): PathMaterial | undefined {
  const leaf = bundle.crt.leaf?.certificate;
  if (leaf === undefined) return undefined;
  const others = [...(bundle.chain?.certificates ?? []), ...(bundle.chainFromCrt ? [] : bundle.crt.rest)].filter(
    ({ certificate }) => certificate !== undefined && !sameOctets(certificate.der, leaf.der),
  );
  const roots = others.filter(({ certificate }) => isRoot(certificate!));
  const anchors = trust ?? roots.map(({ certificate }) => certificate!);
  const selfIssued = isRoot(leaf) && !anchors.some((anchor) => sameOctets(anchor.der, leaf.der));
  if (selfIssued || (trust === undefined && others.length === 0)) return undefined;
  return { leaf, others, roots, anchors };
}

/** How `check` asks about a path: the leaf's own dates and names are judged by rules of their own. */
export const pathInput = ({ leaf, others }: PathMaterial, at: number): ChainInput => ({
  leaf: leaf.der,
  intermediates: others.map(({ certificate }) => certificate!.der),
  at: new Date(at * 1000),
  purpose: 'server',
  leafJudgedElsewhere: true,
});

export const pathValidator = (
  { anchors }: PathMaterial,
  crypto: Crypto,
  crls: readonly OpenCrl[] = [],
): PathValidator =>
  new PathValidator({ trustAnchors: anchors.map(({ der }) => der), crls, profile: 'appliance' }, { crypto });

/** Searches a path for the bundle's certificate; see `pathMaterial`. */
export function pathFacts(bundle: OpenedBundle, circumstances: Circumstances): PathFacts | undefined {
  const material = pathMaterial(bundle, circumstances);
  if (material === undefined) return undefined;
  const { trust, at, crypto } = circumstances;
  const { others, roots } = material;
  const asked = { ...pathInput(material, at), revocation: 'off' } as const;
  const { verified, attempts, origins } = pathValidator(material, crypto).explore(asked);
  if (verified !== undefined) return { path: verified.certificates.map(({ title }) => title), reasons: [] };
  const locate = locator(bundle, others, trust === undefined ? roots : undefined);
  const reasons = (attempts[0]?.problems ?? []).map((problem) =>
    reasonOf(problem, locate(origins.get(problem.certificate)!)),
  );
  return { path: undefined, reasons };
}

/** Whether a certificate names itself as its issuer. */
export function isRoot(certificate: NonNullable<FileCertificate['certificate']>): boolean {
  try {
    return certificate.isSelfIssued;
  } catch {
    // A name that cannot be read is nobody's.
    return false;
  }
}

function locator(
  bundle: OpenedBundle,
  others: readonly FileCertificate[],
  roots: readonly FileCertificate[] | undefined,
): (origin: Origin) => Location {
  return ({ list, index }) => {
    if (list === 'trustAnchors' && roots === undefined) return { file: 'trust', block: index };
    const held = list === 'leaf' ? bundle.crt.leaf : (list === 'intermediates' ? others : roots!)[index];
    return held === undefined ? { file: 'chain' } : { file: held.file, block: held.block.index };
  };
}

function reasonOf(problem: Problem, location: Location): PathReason {
  const { code, field, element, found, required, message } = problem;
  return {
    code,
    message,
    found: found ?? message,
    required: required ?? 'a certification path that RFC 5280 §6 accepts',
    fix: fixOf(problem),
    location: {
      ...location,
      ...(field === undefined ? {} : { path: field }),
      ...(element === undefined ? {} : { offset: element.offset, length: element.length }),
    },
  };
}

const sameOctets = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((octet, i) => octet === b[i]);
