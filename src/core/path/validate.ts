import type { Finding } from '../base/finding.ts';
import type { Crypto } from '../base/ports.ts';
import { DerError } from '../der/errors.ts';
import { OpenCrl } from '../revocation/open-crl.ts';
import type { RevocationAnswer } from '../revocation/question.ts';
import { ANY_POLICY } from '../x509/extensions/certificate-policies.ts';
import { KEY_USAGES, type KeyUsageName } from '../x509/extensions/key-usage.ts';
import { Budget, BUDGET, type BudgetLimits } from './budget.ts';
import { type Attempt, CertificatePool, search } from './build.ts';
import { type CertificateCheck, RFC5280_CHECKS } from './certificate-checks.ts';
import { CertificateCache } from './certificate-cache.ts';
import type { JudgeTools, VerifiedPath } from './judge.ts';
import type { Origin, ParsedCertificate } from './parsed-certificate.ts';
import { toFinding } from './problem.ts';
import type { PathQuestion, PeerName, Purpose, RevocationMode } from './question.ts';
import { type CrlSignatureMemory, PathRevocation } from './revocation.ts';
import { PATH_SETTINGS, type PathProfile } from './settings.ts';
import { Signatures } from './signature.ts';
import { type PublicSuffixOf, webpkiChecks } from './webpki-checks.ts';

/** What one chain is judged by, beside the validator's own anchors, CRLs and profile. */
export interface ChainInput {
  /** DER. */
  readonly leaf: Uint8Array;
  /** DER, in any order; certificates that do not belong to the chain do no harm. */
  readonly intermediates: readonly Uint8Array[];
  readonly at: Date;
  /** extKeyUsage of the whole chain. Default `any`: none is demanded. */
  readonly purpose?: Purpose;
  /** Bits of keyUsage, as RFC 5280 spells them, that the leaf must have where it has the extension. */
  readonly keyUsage?: readonly string[];
  /** All must match (RFC 9525; RFC 9598 for e-mail). */
  readonly peerNames?: readonly PeerName[];
  /** Only what ties the leaf to its chain is judged, not its own dates, extensions, key and names. */
  readonly leafJudgedElsewhere?: boolean;
  /** Intermediates, self-issued ones not counted. */
  readonly maxDepth?: number;
  /** Default: `required` when CRLs are given, even none in the list; else `off`. */
  readonly revocation?: RevocationMode;
  readonly policy?: {
    /** Dotted; default: any policy. */
    readonly initialPolicySet?: readonly string[];
    readonly explicit?: boolean;
    readonly inhibitMapping?: boolean;
    readonly inhibitAny?: boolean;
  };
}

export interface ValidatorOptions {
  /** DER certificates; their dates and constraints apply. */
  readonly trustAnchors: readonly Uint8Array[];
  readonly crls?: readonly (Uint8Array | OpenCrl)[];
  /** Default `rfc5280`. */
  readonly profile?: PathProfile;
  /** Default `BUDGET`. */
  readonly limits?: BudgetLimits;
}

/** What core asks of the outside world. */
export interface ValidatorPorts {
  readonly crypto: Crypto;
  /** For `webpki`; without it only wildcards directly under a top-level domain are refused. */
  readonly publicSuffixOf?: PublicSuffixOf;
}

export interface PathResult {
  readonly valid: boolean;
  /** DER, leaf first, trust anchor last; only of a valid chain. */
  readonly path?: Uint8Array[];
  /** The user-constrained-policy-set, dotted; anyPolicy where any may be assumed. Only of a valid chain. */
  readonly policies?: string[];
  /**
   * Empty for a valid chain. Else the problems of the candidate that came closest, from the anchor down, then those of
   * the others. `location.file` is `leaf`, `intermediates` or `trustAnchors`, `location.block` the place in that list.
   */
  readonly findings: Finding[];
}

/** The same with everything that was tried, for whoever draws it. */
export interface ExploredPath extends PathResult {
  readonly verified: VerifiedPath | undefined;
  readonly attempts: readonly Attempt[];
  readonly origins: ReadonlyMap<ParsedCertificate, Origin>;
}

/** Validates chains against the same anchors and CRLs; remembers what it learned about CA certificates. */
export class PathValidator {
  readonly #options: ValidatorOptions;
  readonly #ports: ValidatorPorts;
  readonly #checks: readonly CertificateCheck[];
  readonly #cache = new CertificateCache();
  readonly #anchors: readonly { readonly node: ParsedCertificate; readonly index: number }[];
  readonly #unreadable: readonly Finding[];
  readonly #crls: readonly OpenCrl[];
  readonly #crlMemory: CrlSignatureMemory = new WeakMap();

  constructor(options: ValidatorOptions, ports: ValidatorPorts) {
    this.#options = options;
    this.#ports = ports;
    this.#checks = [...RFC5280_CHECKS, ...webpkiChecks(ports.publicSuffixOf)];
    const unreadable: Finding[] = [];
    this.#anchors = options.trustAnchors.flatMap((der, index) => {
      const node = readable(() => this.#cache.parse(der), { list: 'trustAnchors', index }, unreadable);
      return node === undefined ? [] : [{ node, index }];
    });
    this.#crls = (options.crls ?? []).flatMap((crl, index) => {
      if (crl instanceof OpenCrl) return [crl];
      const opened = readable(() => new OpenCrl(crl), { list: 'crls', index }, unreadable);
      return opened === undefined ? [] : [opened];
    });
    this.#unreadable = unreadable;
  }

  /** Whether a chain of the given certificates leads from the leaf to an anchor (RFC 5280 §6). Never throws for bytes. */
  validate(input: ChainInput): PathResult {
    const { valid, path, policies, findings } = this.explore(input);
    return { valid, ...(path && { path }), ...(policies && { policies }), findings };
  }

  /** The same, with every attempt. */
  explore(input: ChainInput): ExploredPath {
    if (!ArrayBuffer.isView(input.leaf)) throw new TypeError('`leaf` is no Uint8Array');
    const origins = new Map<ParsedCertificate, Origin>();
    const unreadable: Finding[] = [];
    const leaf = readable(() => this.#cache.parseLeaf(input.leaf), { list: 'leaf', index: 0 }, unreadable);
    if (leaf === undefined) {
      return { valid: false, findings: unreadable, verified: undefined, attempts: [], origins };
    }
    const intermediates = input.intermediates.flatMap((der, index) => {
      const node = readable(() => this.#cache.parse(der), { list: 'intermediates', index }, unreadable);
      if (node === undefined || origins.has(node)) return [];
      origins.set(node, { list: 'intermediates', index });
      return [node];
    });
    for (const { node, index } of this.#anchors) origins.set(node, { list: 'trustAnchors', index });
    origins.set(leaf, { list: 'leaf', index: 0 });
    const { path, attempts } = this.#search(leaf, intermediates, this.#question(input));
    if (path === undefined) {
      const findings = attempts.flatMap(({ problems }) => problems.map((problem) => toFinding(problem, origins)));
      const all = [...unique(findings), ...unreadable, ...this.#unreadable];
      return { valid: false, findings: all, verified: undefined, attempts, origins };
    }
    return {
      valid: true,
      path: path.certificates.map(({ certificate }) => new Uint8Array(certificate.der)),
      policies: [...path.policies],
      findings: [],
      verified: path,
      attempts,
      origins,
    };
  }

  /**
   * What the CRLs say about each certificate of a path that `explore` found for the same input, leaf first, the anchor
   * left out. `input.at` may be another time: that of the CRLs.
   */
  revocationOf(path: VerifiedPath, input: ChainInput): RevocationAnswer[] {
    const intermediates = input.intermediates.flatMap((der) => {
      const node = readable(() => this.#cache.parse(der), { list: 'intermediates', index: 0 }, []);
      return node === undefined ? [] : [node];
    });
    // Signers of CRLs are held against CRLs themselves.
    const question = { ...this.#question(input), revocation: 'required' } as const;
    const { pool, tools } = this.#tools(intermediates);
    return new PathRevocation(this.#crls, pool, tools, this.#crlMemory).answers(path, question);
  }

  #tools(intermediates: readonly ParsedCertificate[]): { pool: CertificatePool; tools: JudgeTools } {
    const budget = new Budget(this.#options.limits ?? BUDGET);
    const anchors = this.#anchors.map(({ node }) => node);
    return {
      pool: new CertificatePool(anchors, intermediates),
      tools: { signatures: new Signatures(this.#ports.crypto, budget), budget },
    };
  }

  #search(
    leaf: ParsedCertificate,
    intermediates: readonly ParsedCertificate[],
    question: PathQuestion,
  ): ReturnType<typeof search> {
    const { pool, tools } = this.#tools(intermediates);
    if (question.revocation === 'off') return search(leaf, pool, question, tools);
    const revocation = new PathRevocation(this.#crls, pool, tools, this.#crlMemory);
    return search(leaf, pool, question, { ...tools, revocation: (path, asked) => revocation.problems(path, asked) });
  }

  #question(input: ChainInput): PathQuestion {
    const { crls, limits = BUDGET, profile = 'rfc5280' } = this.#options;
    const seconds = secondsOf(input.at);
    const { maxDepth = limits.intermediates } = input;
    // NaN and text would compare as no limit at all.
    if (!Number.isInteger(maxDepth) || maxDepth < 0) throw new TypeError('`maxDepth` is no whole number from 0 up');
    const settings = PATH_SETTINGS[oneOf('profile', profile, Object.keys(PATH_SETTINGS) as PathProfile[])];
    for (const { kind } of input.peerNames ?? []) oneOf('peerNames kind', kind, ['dns', 'ip', 'email']);
    const revocation = input.revocation ?? (crls === undefined ? 'off' : 'required');
    return {
      at: seconds,
      settings,
      checks: this.#checks,
      purpose: oneOf('purpose', input.purpose ?? 'any', ['server', 'client', 'any']),
      keyUsage: (input.keyUsage ?? []).map((name) => oneOf('keyUsage', name as KeyUsageName, KEY_USAGES)),
      peerNames: input.peerNames ?? [],
      leafJudgedElsewhere: input.leafJudgedElsewhere ?? false,
      maxDepth,
      revocation: oneOf('revocation', revocation, ['off', 'if-available', 'required']),
      initialPolicySet: input.policy?.initialPolicySet ?? [ANY_POLICY],
      explicitPolicy: input.policy?.explicit ?? false,
      inhibitMapping: input.policy?.inhibitMapping ?? false,
      inhibitAny: input.policy?.inhibitAny ?? false,
    };
  }
}

function secondsOf(at: Date): number {
  const seconds = at instanceof Date ? Math.floor(at.getTime() / 1000) : Number.NaN;
  if (Number.isNaN(seconds)) throw new TypeError('`at` is no valid Date');
  return seconds;
}

/** Callers without types must not come to another verdict through a typing mistake. */
function oneOf<T extends string>(option: string, value: T, valid: readonly T[]): T {
  if (valid.includes(value)) return value;
  throw new TypeError(`${option} is ${JSON.stringify(value)}; there are ${valid.join(', ')}`);
}

function readable<T>(read: () => T, { list, index }: { list: string; index: number }, into: Finding[]): T | undefined {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof DerError)) throw error;
    const what = list === 'crls' ? 'CRL' : 'certificate';
    into.push({
      rule: 'trust-path',
      status: 'refused',
      location: { file: list, ...(list === 'leaf' ? {} : { block: index }), offset: error.offset },
      found: error.message,
      required: `a DER ${what}`,
      message: `${list === 'leaf' ? 'The certificate' : `${what} ${index} of ${list}`} cannot be read: ${error.message}`,
      source: { document: 'RFC 5280', section: what === 'CRL' ? '5.1' : '4.1' },
    });
    return undefined;
  }
}

function unique(findings: readonly Finding[]): Finding[] {
  const seen = new Set<string>();
  return findings.filter(({ message, found }) => {
    const key = `${message}\n${found}`;
    return !seen.has(key) && seen.add(key);
  });
}

/** `createValidator` for one question. */
export function validatePath(input: ChainInput & ValidatorOptions, ports: ValidatorPorts): PathResult {
  return new PathValidator(input, ports).validate(input);
}
