import type { Crypto } from '../../../core/base/ports.ts';
import type { ParsedCertificate } from '../../../core/path/parsed-certificate.ts';
import { type ChainInput, type ExploredPath, PathValidator } from '../../../core/path/validate.ts';
import type { OpenCrl } from '../../../core/revocation/open-crl.ts';
import { CLOCK_TOLERANCE, type RevocationAnswer } from '../../../core/revocation/question.ts';
import { Certificate } from '../../../core/x509/certificate.ts';
import {
  datesMatter,
  listedMatter,
  type Matter,
  NOTHING_UPLOADED,
  pathMatter,
  selfSignedMatter,
  SOON_DAYS,
  unsupportedMatter,
} from './matters.ts';
import { issuersOf, type Material } from './material.ts';
import { halts, type Standing, type State, STATES } from './standing.ts';

export interface JudgeAnchor {
  readonly id: string;
  readonly der: Uint8Array;
}

/** Everything that is known about what a certificate is worth. */
export interface Assessment {
  readonly standing: Standing;
  /** What decides first. */
  readonly matters: readonly Matter[];
  /** Undefined where no path was searched: nothing was uploaded, or it issued itself. */
  readonly explored: ExploredPath | undefined;
  /** Of the verified path, leaf first, the anchor left out; undefined where there is none, or CRLs were not asked. */
  readonly answers: readonly RevocationAnswer[] | undefined;
}

/**
 * Judges certificates in use by the anchors and CRLs of one moment; a new one is made when either changes. CRLs are
 * asked where the identity was uploaded with the CRL check on.
 */
export class StandingJudge {
  readonly anchors: readonly JudgeAnchor[];
  readonly crls: readonly OpenCrl[];
  readonly #validator: PathValidator;
  /** Seconds: when an anchor begins or ceases to be valid. */
  readonly #anchorDates: readonly number[];

  constructor(anchors: readonly JudgeAnchor[], crls: readonly OpenCrl[], crypto: Crypto) {
    this.anchors = anchors;
    this.crls = crls;
    const trustAnchors = anchors.map(({ der }) => der);
    this.#validator = new PathValidator({ trustAnchors, crls, profile: 'appliance' }, { crypto });
    this.#anchorDates = trustAnchors.flatMap((der) => datesOf(Certificate.parse(der)));
  }

  /** @param material undefined: nothing was uploaded @param now milliseconds */
  judge(material: Material | undefined, { mandatory, now }: { mandatory: boolean; now: number }): Assessment {
    if (material === undefined) return NOTHING;
    const at = Math.floor(now / 1000);
    const { matters, explored, answers } = this.#lookAt(material, at);
    const sorted = matters.toSorted((a, b) => STATES.indexOf(a.state) - STATES.indexOf(b.state));
    const state: State = sorted[0]?.state ?? 'ready';
    const [first] = sorted;
    const anchor = explored?.verified?.certificates.at(-1);
    return {
      matters: sorted,
      explored,
      answers,
      standing: {
        state,
        blocks: mandatory && (halts(state) || state === 'no-certificate'),
        since: first?.since ?? null,
        until: this.#until(material, at),
        rule: first?.finding.rule ?? null,
        message: first?.finding.message ?? null,
        fix: first?.finding.fix ?? null,
        anchorId: (anchor && this.anchorId(explored!, anchor)) ?? null,
      },
    };
  }

  anchorId({ origins }: ExploredPath, node: ParsedCertificate): string | undefined {
    const origin = origins.get(node);
    if (origin?.list === 'trustAnchors') return this.anchors[origin.index]?.id;
    // A leaf that is an anchor itself.
    return this.anchors.find(({ der }) => Buffer.compare(der, node.certificate.der) === 0)?.id;
  }

  #lookAt(material: Material, at: number): Omit<Assessment, 'standing'> {
    const { leaf, identity } = material;
    const dates = datesMatter(material, at);
    const matters = dates === undefined ? [] : [dates];
    const isAnchor = this.anchors.some(({ der }) => Buffer.compare(der, leaf.der) === 0);
    if (identity.origin === 'self-signed' || (leaf.isSelfIssued && !isAnchor)) {
      return { matters: [selfSignedMatter(material), ...matters], explored: undefined, answers: undefined };
    }
    const asked = identity.crl === 'on';
    const input = inputOf(material, at);
    const explored = this.#validator.explore({ ...input, revocation: asked ? 'required' : 'off' });
    if (identity.verdict === 'unsupported') matters.push(unsupportedMatter(material));
    if (explored.verified === undefined) {
      const answers = asked ? this.#answersWithout(input) : undefined;
      matters.push(...this.#pathMatters(material, explored, answers));
      return { matters, explored, answers };
    }
    if (asked || !this.#isListed(material)) return { matters, explored, answers: undefined };
    const answers = this.#validator.revocationOf(explored.verified, input);
    const index = answers.findIndex(({ status }) => status === 'revoked');
    if (index >= 0) matters.push(listedMatter(explored.verified, answers[index]!, index));
    return { matters, explored, answers };
  }

  #pathMatters(
    material: Material,
    { attempts, findings }: ExploredPath,
    answers: readonly RevocationAnswer[] | undefined,
  ): Matter[] {
    const [best] = attempts;
    const problems = best?.problems ?? [];
    if (best === undefined || problems.length === 0) {
      return findings.slice(0, 1).map((finding) => ({ state: 'untrusted', since: null, finding }));
    }
    return problems.map((problem) => {
      const index = best.certificates.indexOf(problem.certificate);
      return pathMatter(problem, material, index < 0 ? undefined : answers?.[index]);
    });
  }

  /** What the CRLs say of a path that is valid but for them. */
  #answersWithout(input: ChainInput): RevocationAnswer[] | undefined {
    const { verified } = this.#validator.explore({ ...input, revocation: 'off' });
    return verified && this.#validator.revocationOf(verified, input);
  }

  /** What the CRLs say along the path, for whoever looks at one appliance. */
  answersFor(material: Material, now: number): RevocationAnswer[] | undefined {
    return this.#answersWithout(inputOf(material, Math.floor(now / 1000)));
  }

  #isListed({ leaf, others }: Material): boolean {
    return [leaf, ...others].some((one) =>
      this.crls.some((crl) => crl.find(one.serialNumber.content(), one.issuer) !== undefined),
    );
  }

  /** The next moment at which one of the certificates, anchors or CRLs begins or ceases to count. */
  #until(material: Material, at: number): number | null {
    const { leaf, others } = material;
    const ahead = [
      leaf.notAfter.seconds - SOON_DAYS * 86_400 + 1,
      ...[leaf, ...others].flatMap(datesOf),
      ...this.#anchorDates,
      ...(this.crls.length === 0 ? [] : this.#crlDates(issuersOf(material))),
    ].filter((seconds) => seconds > at);
    return ahead.length === 0 ? null : Math.min(...ahead) * 1000;
  }

  #crlDates(issuers: readonly string[]): number[] {
    return this.crls
      .filter((crl) => issuers.includes(crl.issuer.canonical))
      .flatMap(({ list: { thisUpdate, nextUpdate } }) => [
        thisUpdate.seconds - CLOCK_TOLERANCE,
        ...(nextUpdate === undefined ? [] : [nextUpdate.seconds + 1]),
      ]);
  }
}

/** As `check` asks: the certificate's own dates and names are judged elsewhere. */
const inputOf = ({ leaf, others }: Material, at: number): ChainInput => ({
  leaf: leaf.der,
  intermediates: others.map(({ der }) => der),
  at: new Date(at * 1000),
  purpose: 'server',
  leafJudgedElsewhere: true,
});

/** Both dates are inclusive (RFC 5280 §4.1.2.5): a certificate is over when the second after notAfter begins. */
const datesOf = ({ notBefore, notAfter }: Certificate): number[] => [notBefore.seconds, notAfter.seconds + 1];

const NOTHING: Assessment = {
  matters: [{ state: 'no-certificate', since: null, finding: NOTHING_UPLOADED }],
  explored: undefined,
  answers: undefined,
  standing: {
    state: 'no-certificate',
    blocks: false,
    since: null,
    until: null,
    rule: NOTHING_UPLOADED.rule,
    message: NOTHING_UPLOADED.message,
    fix: NOTHING_UPLOADED.fix ?? null,
    anchorId: null,
  },
};
