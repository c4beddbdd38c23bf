import { nameDamage } from '../requirements/certificate-facts.ts';
import type { OpenedBundle } from '../files/bundle.ts';
import { type ChainMaterial, followSignatures, type RevocationFacts, statusesOf } from '../revocation/chain-status.ts';
import { type Delivery, gatherCrls } from '../revocation/gather.ts';
import type { OpenCrl } from '../revocation/open-crl.ts';
import type { Certificate } from '../x509/certificate.ts';
import type { Prepared } from './options.ts';

/**
 * Fetches the CRLs where that is wanted, and asks them about the certificate and the CAs above it. Undefined where
 * CRL validation is not on, or there is no certificate to ask about.
 */
export async function revocationFacts(bundle: OpenedBundle, prepared: Prepared): Promise<RevocationFacts | undefined> {
  const { circumstances, crls, crlSource } = prepared;
  const leaf = bundle.crt.leaf?.certificate;
  if (circumstances.crl !== 'on' || leaf === undefined) return undefined;
  const material: ChainMaterial = {
    leaf,
    others: certificatesBeside(bundle, leaf),
    anchors: circumstances.trust ?? [],
    crypto: circumstances.crypto,
  };
  const chain = followSignatures(material);
  const { crypto } = circumstances;
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
  const statuses = statusesOf(chain, material, [...given, ...delivered(deliveries)], at);
  return { statuses, given, unreadable: crls?.unreadable ?? [], deliveries };
}

const delivered = (deliveries: readonly Delivery[] = []): OpenCrl[] => [
  ...new Set(deliveries.flatMap(({ crl, delta }) => [crl, delta?.crl].filter((one) => one !== undefined))),
];

function certificatesBeside({ crt, chain }: OpenedBundle, leaf: Certificate): Certificate[] {
  const all = [...(chain?.certificates ?? []), ...crt.rest].flatMap(({ certificate }) => certificate ?? []);
  // Who cannot be named issued nothing that could be asked about; chain-file refuses it.
  return all.filter((certificate) => certificate !== leaf && nameDamage(certificate) === undefined);
}
