import { nameDamage } from '../requirements/certificate-facts.ts';
import type { OpenedBundle } from '../files/bundle.ts';
import type { VerifiedPath } from '../path/judge.ts';
import type { ExploredPath } from '../path/validate.ts';
import {
  type CertificateStatus,
  type ChainMaterial,
  followSignatures,
  type RevocationFacts,
  type SignedChain,
  statusOf,
  statusesOf,
} from '../revocation/chain-status.ts';
import type { Circumstances } from '../requirements/rule.ts';
import { type Delivery, gatherCrls } from '../revocation/gather.ts';
import type { OpenCrl } from '../revocation/open-crl.ts';
import type { Certificate } from '../x509/certificate.ts';
import type { Prepared } from './options.ts';
import { pathInput, type PathMaterial, pathMaterial, pathValidator } from './path-facts.ts';

/**
 * Fetches the CRLs where that is wanted, and asks them about the certificate and the CAs above it: those of the path
 * that the verdict rests on, or, where there is none, those that the signatures lead to, so that the report can still
 * say what is known. Undefined where CRL validation is not on, or there is no certificate to ask about.
 */
export async function revocationFacts(bundle: OpenedBundle, prepared: Prepared): Promise<RevocationFacts | undefined> {
  const { circumstances, crls, crlSource } = prepared;
  const { crypto, trust } = circumstances;
  const leaf = bundle.crt.leaf?.certificate;
  if (circumstances.crl !== 'on' || leaf === undefined) return undefined;
  const material: ChainMaterial = {
    leaf,
    others: certificatesBeside(bundle, leaf),
    anchors: trust ?? [],
    crypto,
  };
  const paths = pathMaterial(bundle, circumstances);
  const path = paths && verifiedPath(paths, prepared);
  const chain = path ?? followSignatures(material);
  const at = crlSource?.now?.() ?? circumstances.at;
  const wanted = chain.complete
    ? chain.certificates.slice(0, Math.max(1, chain.certificates.length - 1))
    : chain.certificates;
  const deliveries =
    crlSource &&
    (await gatherCrls(crlSource, {
      certificates: wanted,
      signers: [...chain.certificates.slice(1), ...material.others, ...material.anchors],
      anchored: chain.anchored,
      want: 'newest',
      at,
      crypto,
    }));
  const given = crls?.opened ?? [];
  const all = [...given, ...delivered(deliveries)];
  const statuses =
    paths === undefined || path === undefined
      ? statusesOf(chain, material, all, at)
      : statusesOnPath(paths, circumstances, all, at);
  return { statuses, given, unreadable: crls?.unreadable ?? [], deliveries };
}

/** A path that was verified, the CRLs left aside, in terms of the bundle. */
function verifiedPath(material: PathMaterial, { circumstances }: Prepared): SignedChain | undefined {
  const { at, crypto, trust } = circumstances;
  const { verified, origins } = pathValidator(material, crypto).explore({
    ...pathInput(material, at),
    revocation: 'off',
  });
  // A certificate that is an anchor itself has nobody above it.
  if (verified === undefined || verified.certificates.length < 2) return undefined;
  return {
    certificates: certificatesOf(verified, origins, material),
    complete: true,
    anchored: trust !== undefined,
  };
}

/**
 * What the CRLs say along the first path that is valid but for them; where they do not speak for all of it, along
 * another one that they speak for in full, if there is one.
 * @param when seconds since 1970: the time of the CRLs
 */
function statusesOnPath(
  material: PathMaterial,
  { at, crypto }: Circumstances,
  crls: readonly OpenCrl[],
  when: number,
): CertificateStatus[] {
  const validator = pathValidator(material, crypto, crls);
  const along = (mode: 'off' | 'required'): CertificateStatus[] | undefined => {
    const { verified, origins } = validator.explore({ ...pathInput(material, at), revocation: mode });
    if (verified === undefined) return undefined;
    const certificates = certificatesOf(verified, origins, material);
    return validator
      .revocationOf(verified, pathInput(material, when))
      .map((answer, i) => statusOf(certificates[i]!, i === 0, answer));
  };
  const first = along('off')!;
  const isGood = ({ answer }: CertificateStatus): boolean => answer?.status === 'good';
  return first.every(isGood) || crls.length === 0 ? first : (along('required') ?? first);
}

/** The bundle's own objects: rules tell certificates apart by them. */
const certificatesOf = (
  { certificates }: VerifiedPath,
  origins: ExploredPath['origins'],
  { leaf, others, anchors }: PathMaterial,
): Certificate[] =>
  certificates.map((node) => {
    const { list, index } = origins.get(node)!;
    if (list === 'leaf') return leaf;
    return list === 'trustAnchors' ? anchors[index]! : others[index]!.certificate!;
  });

const delivered = (deliveries: readonly Delivery[] = []): OpenCrl[] => [
  ...new Set(deliveries.flatMap(({ crl, delta }) => [crl, delta?.crl].filter((one) => one !== undefined))),
];

function certificatesBeside({ crt, chain }: OpenedBundle, leaf: Certificate): Certificate[] {
  const all = [...(chain?.certificates ?? []), ...crt.rest].flatMap(({ certificate }) => certificate ?? []);
  // Who cannot be named issued nothing that could be asked about; chain-file refuses it.
  return all.filter((certificate) => certificate !== leaf && nameDamage(certificate) === undefined);
}
