import { DerError } from '../der/errors.ts';
import { formatTime } from '../der/time.ts';
import { toHex, readBitStringOctets } from '../der/values.ts';
import { checkRevocation } from '../revocation/check-revocation.ts';
import type { OpenCrl } from '../revocation/open-crl.ts';
import type { CrlTrust, RevocationAnswer, RevocationIssue } from '../revocation/question.ts';
import type { AlgorithmIdentifier } from '../x509/algorithm.ts';
import type { Certificate } from '../x509/certificate.ts';
import { authorityKeyIdentifier } from '../x509/extensions/authority-key-identifier.ts';
import { ANY_POLICY } from '../x509/extensions/certificate-policies.ts';
import { cRLNumber } from '../x509/extensions/crl-number.ts';
import { refusedHash } from './algorithm-checks.ts';
import { CertificatePool, search } from './build.ts';
import type { CandidatePath, JudgeTools } from './judge.ts';
import type { ParsedCertificate } from './parsed-certificate.ts';
import type { Problem } from './problem.ts';
import type { PathQuestion } from './question.ts';
import { crlSignerSettings } from './settings.ts';
import { needsParameters, type SignatureVerdict } from './signature.ts';

/** Which key signed which CRL: kept as long as the CRL, since hashing a large one is what costs. */
export type CrlSignatureMemory = WeakMap<OpenCrl, WeakMap<ParsedCertificate, SignatureVerdict>>;

/** RFC 5280 §6.1.3 (a)(3) for the chains of one validation: asks `core/revocation`, and answers what that asks back. */
export class PathRevocation {
  readonly #crls: readonly OpenCrl[];
  readonly #pool: CertificatePool;
  readonly #tools: JudgeTools;
  readonly #memory: CrlSignatureMemory;
  /** CRL signers whose own chain is being judged just now. */
  readonly #inProgress = new Set<ParsedCertificate>();
  /** By trust anchor, then by signer. */
  readonly #judgedSigners = new Map<ParsedCertificate, Map<ParsedCertificate, boolean>>();

  constructor(crls: readonly OpenCrl[], pool: CertificatePool, tools: JudgeTools, memory: CrlSignatureMemory) {
    this.#crls = crls;
    this.#pool = pool;
    this.#memory = memory;
    this.#tools = { ...tools, revocation: (path, question) => this.problems(path, question) };
  }

  /** What the CRLs say about each certificate, leaf first, the anchor left out, whatever mode the question has. */
  answers({ certificates }: CandidatePath, question: PathQuestion): RevocationAnswer[] {
    return certificates.slice(0, -1).map((node, i) => this.#ask(node, certificates[i + 1]!, certificates, question));
  }

  /** What speaks against the chain, from the anchor down; below a revoked certificate nothing is asked any more. */
  problems({ certificates }: CandidatePath, question: PathQuestion): Problem[] {
    if (question.revocation === 'off') return [];
    const problems: Problem[] = [];
    for (let i = certificates.length - 2; i >= 0; i--) {
      const node = certificates[i]!;
      const answer = this.#ask(node, certificates[i + 1]!, certificates, question);
      if (answer.status === 'revoked') return [revoked(node, answer)];
      if (answer.status === 'undetermined' && question.revocation === 'required') problems.push(unknown(node, answer));
    }
    return problems;
  }

  #ask(
    node: ParsedCertificate,
    issuer: ParsedCertificate,
    path: readonly ParsedCertificate[],
    question: PathQuestion,
  ): RevocationAnswer {
    const { certificate } = node;
    const trust = this.#trust(path, path.indexOf(node), question);
    const asked = { certificate, issuer: issuer.certificate, at: question.at, trust };
    const answer = checkRevocation({ ...asked, crls: this.#crls });
    if (answer.status !== 'good' || !question.settings.soundCrls) return answer;
    // A list that is not made as it must be is heard when it says "revoked", and does not count when it does not.
    const faults = this.#crls.map(crlFault);
    const unsound = faults.filter((fault) => fault !== undefined);
    if (unsound.length === 0) return answer;
    const second = checkRevocation({ ...asked, crls: this.#crls.filter((_, index) => faults[index] === undefined) });
    if (second.status !== 'undetermined') return second;
    return { ...second, issues: [...unsound, ...second.issues] };
  }

  #trust(certificates: readonly ParsedCertificate[], asked: number, question: PathQuestion): CrlTrust {
    const known = [...certificates, ...this.#pool.anchors, ...this.#pool.intermediates];
    const parsed = new Map<Certificate, ParsedCertificate>(known.map((node) => [node.certificate, node]));
    return {
      verifySignature: (crl, signer) => {
        const node = parsed.get(signer);
        return node !== undefined && this.#isSignedBy(crl, node, parametersFor(node, certificates));
      },
      crlSigners: (name) => this.#signersNamed(name.canonical, certificates, question),
      isSettled: (signer) => {
        const node = parsed.get(signer)!;
        const place = certificates.indexOf(node);
        // What stands below the certificate that is asked about hangs on the answer, too.
        return !this.#inProgress.has(node) && (place < 0 || place > asked);
      },
      refusedSignature: ({ list: { signatureAlgorithm } }) => {
        const hash = refusedHash(signatureAlgorithm, question.settings);
        return hash && `is signed with ${hash}, which can be forged; the CA has to sign its CRLs with SHA-256`;
      },
    };
  }

  #isSignedBy(crl: OpenCrl, signer: ParsedCertificate, inherited: AlgorithmIdentifier | undefined): boolean {
    const { tbs, signatureAlgorithm, signatureValue } = crl.list;
    let bySigner = this.#memory.get(crl);
    if (bySigner === undefined) this.#memory.set(crl, (bySigner = new WeakMap()));
    let verdict = bySigner.get(signer);
    if (verdict === undefined) {
      const signature = (): Uint8Array => readBitStringOctets(signatureValue, 'signatureValue');
      const signed = { tbs: tbs.der(), algorithm: signatureAlgorithm, signature };
      verdict = this.#tools.signatures.verify(signed, signer, inherited);
      if (verdict.status !== 'budget' && inherited === undefined) bySigner.set(signer, verdict);
    }
    return verdict.status === 'valid';
  }

  /** RFC 5280 §6.3.3 (f): "the trust anchor … must be the same as the trust anchor used to validate the target certificate". */
  *#signersNamed(
    name: string,
    path: readonly ParsedCertificate[],
    question: PathQuestion,
  ): Generator<Certificate, void, undefined> {
    // Certificates of the chain itself, the leaf excepted, are being judged with it.
    for (const node of path.slice(1)) if (node.subjectKey === name) yield node.certificate;
    const anchor = path.at(-1)!;
    for (const node of [path[0]!, ...this.#pool.intermediatesNamed(name)]) {
      if (node.subjectKey !== name || path.indexOf(node) > 0) continue;
      // Whoever signed the list of its own certificate is heard here: an issuer may put a CRL signer on the signer's own
      // list (PKITS 4.14.30), and a list that names its signer as revoked is still heard. See `isSettled`.
      if (this.#inProgress.has(node) || this.#isTrusted(node, anchor, question)) yield node.certificate;
    }
  }

  #isTrusted(node: ParsedCertificate, anchor: ParsedCertificate, question: PathQuestion): boolean {
    let judged = this.#judgedSigners.get(anchor);
    if (judged === undefined) this.#judgedSigners.set(anchor, (judged = new Map()));
    const known = judged.get(node);
    if (known !== undefined) return known;
    this.#inProgress.add(node);
    const { path } = search(
      node,
      new CertificatePool([anchor], this.#pool.intermediates),
      {
        ...question,
        settings: crlSignerSettings(question.settings),
        purpose: 'any',
        keyUsage: [],
        peerNames: [],
        leafJudgedElsewhere: false,
        maxDepth: this.#tools.budget.limits.intermediates,
        initialPolicySet: [ANY_POLICY],
        explicitPolicy: false,
      },
      this.#tools,
    );
    this.#inProgress.delete(node);
    // A verdict that leant on another one in progress holds for this chain only.
    if (this.#inProgress.size === 0) judged.set(node, path !== undefined);
    return path !== undefined;
  }
}

/** working_public_key_parameters (RFC 5280 §6.1.4 (e)) for a DSA key on the path that leaves them to its issuer. */
function parametersFor(signer: ParsedCertificate, path: readonly ParsedCertificate[]): AlgorithmIdentifier | undefined {
  if (!needsParameters(signer)) return undefined;
  const place = path.indexOf(signer);
  // Elsewhere they would be somebody else's, who could have chosen them to fit a forged signature.
  if (place < 0) return undefined;
  const above = path.slice(place + 1).find((node) => !needsParameters(node));
  return above?.certificate.subjectPublicKeyInfo.algorithm;
}

function issuerOf({ issuer }: OpenCrl): string {
  try {
    return issuer.toString();
  } catch (error) {
    if (error instanceof DerError) return 'an issuer that cannot be read';
    throw error;
  }
}

/** What a conforming CRL must have, RFC 5280 §5, and this one has not. */
function crlFault(crl: OpenCrl): RevocationIssue | undefined {
  const { nextUpdate, extensions } = crl.list;
  const fault = (what: string): RevocationIssue => {
    const message = `the CRL of ${issuerOf(crl)} ${what}`;
    return { code: 'crl-malformed', crl, message };
  };
  if (nextUpdate === undefined) return fault('does not say when the next one comes (nextUpdate)');
  for (const { oid, name } of [authorityKeyIdentifier, cRLNumber]) {
    const extension = extensions.find(oid);
    if (extension === undefined) return fault(`has no ${name}`);
    if (extension.critical) return fault(`marks ${name} as critical, which it must not be`);
  }
  return undefined;
}

function revoked(node: ParsedCertificate, { reason, revokedAt, crl }: RevocationAnswer): Problem {
  const when = revokedAt === undefined ? '' : ` since ${formatTime(revokedAt)}`;
  const why = reason === undefined ? '' : ` (${reason})`;
  const serial = toHex(node.certificate.serialNumber.content());
  return {
    code: 'revoked',
    certificate: node,
    field: 'tbsCertificate.serialNumber',
    element: node.certificate.serialNumber,
    found: `serial ${serial}${when}${why}${crl === undefined ? '' : ` in the CRL of ${issuerOf(crl)}`}`,
    required: 'a certificate that its issuer has not revoked',
    message:
      reason === 'certificateHold'
        ? `${node.label} is on hold${when}: its issuer has suspended it`
        : `${node.label} is revoked${when}${why}`,
    fix: 'Have a new certificate issued, with a new key if the reason is keyCompromise',
    section: '6.3',
  };
}

function unknown(node: ParsedCertificate, { issues }: RevocationAnswer): Problem {
  const found = issues.map(({ message }) => message);
  return {
    code: 'revocation-unknown',
    certificate: node,
    field: 'tbsCertificate.extensions.cRLDistributionPoints',
    found: found.join('; ') || 'no CRL answers for it',
    required: `a current CRL of ${node.issuerTitle} that covers it`,
    message: `Whether ${node.label} is revoked cannot be told: ${found[0] ?? 'no CRL answers for it'}`,
    fix: 'Fetch the current CRL of that issuer (certgate crl fetch URL) and hand it in with --crl-file',
    section: '6.3.3',
  };
}
