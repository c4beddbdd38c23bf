import type { Certificate } from '../x509/certificate.ts';
import { authorityKeyIdentifier } from '../x509/extensions/authority-key-identifier.ts';
import { keyUsage } from '../x509/extensions/key-usage.ts';
import { subjectKeyIdentifier } from '../x509/extensions/subject-key-identifier.ts';
import { crlLabel } from './crl-facts.ts';
import type { OpenCrl } from './open-crl.ts';
import type { RevocationCode, RevocationQuestion } from './question.ts';

type Note = (code: RevocationCode, crl: OpenCrl, message: string) => void;

/** Finds out who signed a CRL and whether that key may (RFC 5280 §6.3.3 (f), (g)). */
export class SignerSearch {
  readonly #question: RevocationQuestion;
  readonly #note: Note;
  readonly #found = new Map<OpenCrl, Certificate | undefined>();
  readonly #verdicts = new Map<OpenCrl, Map<Certificate, boolean>>();

  constructor(question: RevocationQuestion, note: Note) {
    this.#question = question;
    this.#note = note;
  }

  /** The certificate whose key signed; undefined, with a note why, where nobody entitled did. */
  find(crl: OpenCrl): Certificate | undefined {
    if (!this.#found.has(crl)) this.#found.set(crl, this.#search(crl));
    return this.#found.get(crl);
  }

  /** Whether exactly this key signed: a delta must carry the key of its complete CRL (RFC 5280 §6.3.3 (h)). */
  signedBy(crl: OpenCrl, signer: Certificate): boolean {
    let verdicts = this.#verdicts.get(crl);
    if (verdicts === undefined) this.#verdicts.set(crl, (verdicts = new Map()));
    let verdict = verdicts.get(signer);
    if (verdict === undefined) {
      verdict = this.#question.trust.verifySignature(crl, signer);
      verdicts.set(signer, verdict);
    }
    return verdict;
  }

  #search(crl: OpenCrl): Certificate | undefined {
    const { issuer, trust } = this.#question;
    // RFC 5280 §5.1.2.2: the signature field "MUST contain the same algorithm identifier as the signatureAlgorithm".
    if (!crl.list.innerSignatureAlgorithm.element.sameBytes(crl.list.signatureAlgorithm.element)) {
      const message = `${crlLabel(crl)} names another signature algorithm inside its signed part than outside`;
      return void this.#note('crl-bad-signature', crl, message);
    }
    const refused = trust.refusedSignature?.(crl);
    if (refused !== undefined) return void this.#note('crl-bad-signature', crl, `${crlLabel(crl)} ${refused}`);
    let candidates = 0;
    let withoutUsage: Certificate | undefined;
    const accepts = (signer: Certificate, own: boolean): boolean => {
      // A key that the CRL's authorityKeyIdentifier rules out is not tried: signatures are what costs.
      if (!keyIdentifiersAgree(crl, signer)) return false;
      candidates++;
      if (!this.signedBy(crl, signer)) return false;
      if (maySignCrls(signer, own)) return true;
      withoutUsage = signer;
      return false;
    };
    if (issuer.subject.equals(crl.issuer) && accepts(issuer, true)) return issuer;
    for (const signer of trust.crlSigners(crl.issuer)) {
      if (signer !== issuer && signer.subject.equals(crl.issuer) && accepts(signer, false)) return signer;
    }
    this.#explain(crl, candidates, withoutUsage);
    return undefined;
  }

  #explain(crl: OpenCrl, candidates: number, withoutUsage: Certificate | undefined): void {
    const label = crlLabel(crl);
    if (withoutUsage !== undefined) {
      const message = `${label} is signed by a key whose certificate does not allow it: keyUsage lacks cRLSign`;
      this.#note('crl-sign-missing', crl, message);
    } else if (candidates > 0) {
      this.#note(
        'crl-bad-signature',
        crl,
        `${label} is not signed with the key of that issuer: forged, damaged, or made with a new key`,
      );
    } else {
      const message = `${label} is signed with a key that no CA certificate at hand has: forged, or made with a new key of the CA`;
      this.#note('crl-signer-unknown', crl, message);
    }
  }
}

/** RFC 5280 §6.3.3 (f): "If a key usage extension is present in the CRL issuer's certificate, verify that the cRLSign bit is set." */
function maySignCrls(signer: Certificate, own: boolean): boolean {
  const usage = signer.get(keyUsage);
  // Our reading: without keyUsage only the certificate's own issuer is taken. Any certificate that happens to bear the
  // name could otherwise vouch for the certificates of a CA that it has nothing to do with.
  if (usage === undefined) return own;
  return usage.names.has('cRLSign');
}

function keyIdentifiersAgree(crl: OpenCrl, signer: Certificate): boolean {
  const wanted = crl.list.extensions.get(authorityKeyIdentifier)?.keyIdentifier;
  const actual = signer.get(subjectKeyIdentifier)?.keyIdentifier;
  if (wanted === undefined || actual === undefined || wanted.contentLength !== actual.contentLength) {
    return wanted === undefined || actual === undefined;
  }
  const octets = actual.content();
  return wanted.content().every((octet, i) => octet === octets[i]);
}
