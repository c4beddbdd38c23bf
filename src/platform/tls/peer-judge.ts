import { createHash } from 'node:crypto';
import type { Finding } from '../../core/base/finding.ts';
import type { PathValidator } from '../../core/path/validate.ts';
import type { ProblemCode } from '../../core/path/problem.ts';
import type { PeerName, Purpose } from '../../core/path/question.ts';
import { parseCertificate } from '../../core/x509/certificate.ts';

/** What is asked of whoever is at the other end. */
export interface PeerExpectation {
  readonly purpose: Exclude<Purpose, 'any'>;
  /** All must match. */
  readonly names?: readonly PeerName[];
}

export interface PeerVerdict {
  readonly valid: boolean;
  /** Why not; empty for a valid one. */
  readonly findings: readonly Finding[];
  /** What is wrong with the chain that came closest; empty for a valid one. */
  readonly problems: readonly ProblemCode[];
  /** SHA-256 of the peer's own certificate, lower-case hex; undefined where none came. */
  readonly fingerprint: string | undefined;
  /** Milliseconds: until then the verdict stands unless trust changes. */
  readonly validUntil: number;
}

/** Verdicts kept: those of a storm of different peers must not fill the memory. */
const MOST_REMEMBERED = 10_000;

/**
 * Judges chains synchronously, so that nothing can be sent meanwhile. Remembers verdicts on valid chains until the first
 * of their certificates expires or a CRL runs out: make a new one whenever anchors or CRLs change.
 */
export class PeerJudge {
  readonly #validator: PathValidator;
  readonly #revocation: 'off' | 'if-available' | 'required';
  readonly #changes: readonly number[];
  readonly #remembered = new Map<string, { readonly verdict: PeerVerdict; readonly from: number }>();

  /** @param changes milliseconds: moments at which a CRL comes into force or runs out, and no verdict outlasts */
  constructor(
    validator: PathValidator,
    revocation: 'off' | 'if-available' | 'required',
    changes: readonly number[] = [],
  ) {
    this.#validator = validator;
    this.#revocation = revocation;
    this.#changes = changes;
  }

  /** @param chain DER, the peer's own first @param now milliseconds */
  judge(chain: readonly Uint8Array[], expectation: PeerExpectation, now: number): PeerVerdict {
    const [leaf, ...intermediates] = chain;
    if (leaf === undefined) return NO_CERTIFICATE;
    const key = memoryKey(chain, expectation);
    const known = this.#remembered.get(key);
    // What holds at a later time, which somebody asked about, need not hold yet.
    if (known !== undefined && known.from <= now && now < known.verdict.validUntil) return known.verdict;
    const { valid, path, findings, attempts } = this.#validator.explore({
      leaf,
      intermediates,
      at: new Date(now),
      purpose: expectation.purpose,
      revocation: this.#revocation,
      ...(expectation.names !== undefined && { peerNames: expectation.names }),
    });
    const verdict: PeerVerdict = {
      valid,
      findings,
      problems: valid ? [] : (attempts[0]?.problems ?? []).map(({ code }) => code),
      fingerprint: sha256(leaf),
      validUntil: valid ? Math.min(earliestNotAfter(path!), ...this.#changes.filter((change) => change > now)) : now,
    };
    if (valid) this.#remember(key, verdict, now);
    return verdict;
  }

  #remember(key: string, verdict: PeerVerdict, from: number): void {
    if (this.#remembered.size >= MOST_REMEMBERED) this.#remembered.clear();
    this.#remembered.set(key, { verdict, from });
  }
}

/** Both dates are inclusive (RFC 5280 §4.1.2.5): the certificate is over when the second after notAfter begins. */
const earliestNotAfter = (path: readonly Uint8Array[]): number =>
  Math.min(...path.map((der) => (parseCertificate(der).notAfter.seconds + 1) * 1000));

function memoryKey(chain: readonly Uint8Array[], { purpose, names = [] }: PeerExpectation): string {
  const hash = createHash('sha256');
  for (const der of chain) hash.update(`${der.length}:`).update(der);
  return hash.update(JSON.stringify([purpose, names])).digest('base64');
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

const NO_CERTIFICATE: PeerVerdict = {
  valid: false,
  fingerprint: undefined,
  problems: [],
  validUntil: 0,
  findings: [
    {
      rule: 'trust-path',
      status: 'refused',
      location: { file: 'leaf' },
      found: 'no certificate',
      required: 'a certificate of the other end, with its chain',
      message: 'The other end presented no certificate.',
      fix: 'Configure a certificate and its key at the other end; both ends of this connection must show one.',
      source: { document: 'RFC 8446', section: '4.4.2' },
    },
  ],
};
