import type { Selectable } from 'kysely';
import type { Finding, Report } from '../../core/base/finding.ts';
import type { Crypto, CrlSource } from '../../core/base/ports.ts';
import { checkOpened } from '../../core/check/check-bundle.ts';
import { DerError } from '../../core/der/errors.ts';
import type { OpenedBundle } from '../../core/files/bundle.ts';
import type { Profile } from '../../core/requirements/profile.ts';
import { followSignatures } from '../../core/revocation/chain-status.ts';
import type { OpenCrl } from '../../core/revocation/open-crl.ts';
import { Certificate } from '../../core/x509/certificate.ts';
import { ATTRIBUTE } from '../../core/x509/name.ts';
import { toPem } from '../../making/encode/der.ts';
import type { Schema } from '../../platform/store/schema.ts';
import type { Store } from '../../platform/store/store.ts';
import { type AnchorCandidate, candidateOf } from './anchors.ts';
import type { Appliance } from './appliances.ts';
import { sha256 } from './fingerprint.ts';
import { asFleet, commonNameKey, matchesAround } from './fleet-around.ts';

/** Where the gate gets its trust and its CRLs; only the inventory's anchors count. */
export interface TrustSource {
  /** DER. */
  anchors(): Promise<readonly Uint8Array[]>;
  /** CRLs held that may concern a certificate of these files. */
  crls(bundle: OpenedBundle): Promise<readonly OpenCrl[]>;
  /** Gets the CRLs that certificates name; absent: nothing is fetched, only what is held counts. */
  readonly crlSource?: CrlSource<OpenCrl>;
}

/** A root that the chain brings and nobody here trusts: what an administrator is offered to add. */
export interface UnknownRoot extends AnchorCandidate {
  readonly pem: string;
}

export interface Judgement {
  readonly report: Report;
  readonly unknownRoot?: UnknownRoot;
}

/** Under validation `none` these are shown and refuse nothing; every other rule refuses all the same. */
const LOWERED_WITHOUT_VALIDATION = ['trust-path', 'revocation-status', 'crl-reachable', 'crl-current'] as const;

/** Judges a bundle as the identity of one appliance: by its settings, the inventory's trust and the rest of the fleet. */
export class Judging {
  readonly #parts: { readonly store: Store; readonly trust: TrustSource; readonly crypto: Crypto };
  readonly #now: () => number;

  constructor(parts: { store: Store; trust: TrustSource; crypto: Crypto }, now: () => number) {
    this.#parts = parts;
    this.#now = now;
  }

  async judge(
    appliance: Appliance,
    bundle: OpenedBundle,
    options: { name: string; crl: 'on' | 'off' },
  ): Promise<Judgement> {
    const { trust, crypto } = this.#parts;
    const [anchors, matches] = await Promise.all([
      trust.anchors(),
      matchesAround(this.#parts.store.db, appliance.id, bundle.crt.leaf?.certificate),
    ]);
    const { crl, name } = options;
    const report = await checkOpened(
      bundle,
      {
        at: new Date(this.#now()),
        name,
        profile: profileOf(appliance),
        hostname: appliance.hostname,
        role: appliance.role,
        trust: anchors,
        crl,
        ...(crl === 'on' && { heldCrls: await trust.crls(bundle) }),
        ...(crl === 'on' && trust.crlSource !== undefined && { crlSource: trust.crlSource }),
        fleet: asFleet(matches),
        upload: true,
      },
      crypto,
    );
    const root = this.#unknownRoot(bundle, anchors);
    return root === undefined ? { report } : { report: offering(root, report), unknownRoot: root };
  }

  #unknownRoot({ crt, chain }: OpenedBundle, trusted: readonly Uint8Array[]): UnknownRoot | undefined {
    const leaf = crt.leaf?.certificate;
    if (leaf === undefined) return undefined;
    const others = [...(chain?.certificates ?? []), ...crt.rest].flatMap(({ certificate }) => certificate ?? []);
    try {
      const anchors = trusted.map((der) => Certificate.parse(der));
      const { certificates, complete, anchored } = followSignatures({
        leaf,
        others,
        anchors,
        crypto: this.#parts.crypto,
      });
      const root = certificates.at(-1)!;
      if (anchored || !complete || root === leaf) return undefined;
      const candidate = candidateOf(root, this.#now());
      return candidate.problem === undefined ? { ...candidate, pem: toPem('CERTIFICATE', root.der) } : undefined;
    } catch (error) {
      // A chain that cannot be read leads nowhere; its own rules say so.
      if (error instanceof DerError) return undefined;
      throw error;
    }
  }
}

/** The report with the way out that there is here: an administrator may trust the root. */
function offering({ name, fingerprint }: UnknownRoot, report: Report): Report {
  const fix = `If "${name}" is your own CA, have an administrator add it as trust anchor, after comparing this SHA-256 fingerprint with the one that the CA publishes: ${fingerprint}. Then upload again.`;
  const isAboutIt = ({ rule, status }: Finding): boolean =>
    rule === 'trust-path' && (status === 'refused' || status === 'warning');
  let offered = false;
  const findings = report.findings.map((finding) => {
    if (!isAboutIt(finding) || offered) return finding;
    offered = true;
    return { ...finding, fix };
  });
  return { ...report, findings };
}

function profileOf({ profile, validation }: Appliance): string | Profile {
  if (validation === 'mandatory') return profile;
  const rules = Object.fromEntries(LOWERED_WITHOUT_VALIDATION.map((rule) => [rule, { severity: 'warning' as const }]));
  return {
    id: `${profile}-without-validation`,
    version: 1,
    title: `${profile}, validation none`,
    extends: profile,
    rules,
  };
}

export const rulesOf = (findings: readonly Finding[], verdict: Report['verdict']): string[] => [
  ...new Set(findings.filter(({ status }) => status === verdict).map(({ rule }) => rule)),
];

/** What the inventory finds an identity by. */
export function describe(
  certificate: Certificate,
): Pick<
  Selectable<Schema['identities']>,
  'fingerprint' | 'spki_fingerprint' | 'subject' | 'cn' | 'cn_key' | 'not_before' | 'not_after'
> {
  return {
    fingerprint: sha256(certificate.der),
    spki_fingerprint: sha256(certificate.subjectPublicKeyInfo.element.der()),
    subject: certificate.subject.toString(),
    cn: certificate.subject.all(ATTRIBUTE.CN)[0]?.text ?? '',
    cn_key: commonNameKey(certificate) ?? '',
    not_before: certificate.notBefore.seconds * 1000,
    not_after: certificate.notAfter.seconds * 1000,
  };
}
