import { nameDamage } from '../requirements/certificate-facts.ts';
import type { OpenedBundle } from '../files/bundle.ts';
import type { VerifiedPath } from '../path/judge.ts';
import type { ExploredPath } from '../path/validate.ts';
import {
  type CertificateStatus,
  type ChainMaterial,
  followSignatures,
  type RevocationFacts,
  statusOf,
  statusesOf,
} from '../revocation/chain-status.ts';
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
  const path = paths && verifiedPath(paths, prepared, []);
  const chain = path === undefined ? followSignatures(material) : path.chain;
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
    (paths && path && verifiedPath(paths, prepared, all)?.statuses(at)) ?? statusesOf(chain, material, all, at);
  return { statuses, given, unreadable: crls?.unreadable ?? [], deliveries };
}

/**
 * The path that the verdict rests on: of several the one that the CRLs speak for in full, else the first that is valid
 * but for them. Undefined where there is none, or the certificate is an anchor itself.
 */
function verifiedPath(material: PathMaterial, { circumstances }: Prepared, crls: readonly OpenCrl[]) {
  const { at, crypto, trust } = circumstances;
  const validator = pathValidator(material, crypto, crls);
  const input = pathInput(material, at);
  const spokenFor = crls.length === 0 ? undefined : validator.explore({ ...input, revocation: 'required' });
  const { verified, origins } =
    spokenFor?.verified === undefined ? validator.explore({ ...input, revocation: 'off' }) : spokenFor;
  if (verified === undefined || verified.certificates.length < 2) return undefined;
  const certificates = certificatesOf(verified, origins, material);
  return {
    chain: { certificates, complete: true, anchored: trust !== undefined },
    /** @param when seconds since 1970: the time of the CRLs */
    statuses: (when: number): CertificateStatus[] =>
      validator
        .revocationOf(verified, pathInput(material, when))
        .map((answer, i) => statusOf(certificates[i]!, i === 0, answer)),
  };
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
