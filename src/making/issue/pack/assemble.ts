import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Report } from '../../../core/base/finding.ts';
import type { Crypto } from '../../../core/base/ports.ts';
import { type BundleChecker, createBundleChecker } from '../../../core/check/check-bundle.ts';
import type { CheckOptions } from '../../../core/check/options.ts';
import { DerError } from '../../../core/der/errors.ts';
import { RunFleet } from '../../../core/check/run-fleet.ts';
import { identify } from '../../../core/files/identify.ts';
import { type Certificate, parseCertificate } from '../../../core/x509/certificate.ts';
import { ATTRIBUTE } from '../../../core/x509/name.ts';
import { parseCsr } from '../../../core/x509/csr.ts';
import { arrange } from '../../convert/arrange.ts';
import { toPem } from '../../encode/der.ts';
import { makeFolder, replaceFile } from '../durable-files.ts';
import { sha256 } from '../lab-ca.ts';
import { type AppliancePaths, type PackPlan, pathsOf } from './layout.ts';
import type { Reply } from './replies.ts';
import type { SiteAppliance } from './site.ts';

export type State = 'no-key' | 'waiting' | 'ready' | 'unsupported' | 'refused';

/** One appliance of a pack, as it stands. */
export interface ApplianceState {
  readonly appliance: SiteAppliance;
  readonly paths: AppliancePaths;
  readonly state: State;
  /** SHA-256 of the SubjectPublicKeyInfo, hex; undefined without a request. */
  readonly publicKey: string | undefined;
  /** Of the certificate that is there, or was refused. */
  readonly report: Report | undefined;
  readonly notAfter: Date | undefined;
  /** Where the certificate came from in this run; undefined where it was there already. */
  readonly from: string | undefined;
  /** CAs were there to go with it. */
  readonly hasChain: boolean;
}

export interface AssembleOptions {
  readonly crypto: Crypto;
  readonly now: Date;
  /** With the plan's `passphrases: one`. */
  readonly passphrase?: string | undefined;
  readonly check?: Pick<CheckOptions, 'trust' | 'crl' | 'crls' | 'crlSource' | 'profile'>;
  readonly progress?: (done: number) => void;
}

/** A certificate that could be an appliance's, with the chain that goes with it. */
interface Candidate {
  readonly certificate: Certificate;
  readonly chain: readonly Certificate[];
  /** Undefined: it is in its place already. */
  readonly from: string | undefined;
}

/**
 * Finds each appliance's certificate among the replies by its public key, judges it with key and chain and against the
 * whole pack, and puts what may be uploaded into the appliance's folder; what is refused goes to `refused/`.
 * Every file is put in place whole, so that a kill at any moment costs nothing but another run.
 */
export async function assemble(
  folder: string,
  plan: PackPlan,
  replies: readonly Reply[],
  options: AssembleOptions,
): Promise<ApplianceState[]> {
  const found = replies.filter(({ isCa }) => !isCa);
  const byKey = new Map<string, Reply[]>();
  for (const reply of found) {
    const key = keyOf(reply.certificate);
    byKey.set(key, [...(byKey.get(key) ?? []), reply]);
  }
  const authorities = replies.filter(({ isCa }) => isCa).map(({ certificate }) => certificate);
  const bench = new Bench(folder, plan, options);
  const chosen: (Candidate | undefined)[] = [];
  for (const appliance of plan.appliances) {
    const key = bench.publicKeyOf(appliance);
    const mine = (key === undefined ? undefined : byKey.get(key)) ?? [];
    chosen.push(await bench.choose(appliance, mine, authorities));
  }
  const fleet = await bench.fleetOf(chosen);
  const states: ApplianceState[] = [];
  for (const [i, appliance] of plan.appliances.entries()) {
    states.push(await bench.settle(appliance, chosen[i], fleet));
    options.progress?.(states.length);
  }
  return states;
}

/** The end-entity certificates whose key is none of the pack's. */
export function strangers(folder: string, plan: PackPlan, replies: readonly Reply[]): Reply[] {
  const keys = new Set(plan.appliances.map((appliance) => publicKeyAt(join(folder, pathsOf(appliance.name).csr))));
  return replies.filter(({ isCa, certificate }) => !isCa && !keys.has(keyOf(certificate)));
}

const keyOf = (certificate: Certificate): string => sha256(certificate.subjectPublicKeyInfo.element.der());

/** Of the request that lies there: the key itself stays closed. */
function publicKeyAt(csr: string): string | undefined {
  if (!existsSync(csr)) return undefined;
  const block = identify(readFileSync(csr)).blocks.find(({ kind }) => kind === 'csr');
  return block && legible(() => sha256(parseCsr(block.der).subjectPublicKeyInfo.element.der()));
}

/** Undefined where the file was damaged: it counts as not there, and is made or taken in anew. */
function legible<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof DerError) return undefined;
    throw error;
  }
}

const RANK = { accepted: 2, unsupported: 1, refused: 0 } as const;

class Bench {
  readonly #folder: string;
  readonly #plan: PackPlan;
  readonly #options: AssembleOptions;

  constructor(folder: string, plan: PackPlan, options: AssembleOptions) {
    this.#folder = folder;
    this.#plan = plan;
    this.#options = options;
  }

  publicKeyOf({ name }: SiteAppliance): string | undefined {
    return publicKeyAt(this.#path(pathsOf(name).csr));
  }

  /** The best of what came and what is there: by verdict, then the youngest. */
  async choose(
    appliance: SiteAppliance,
    replies: readonly Reply[],
    authorities: readonly Certificate[],
  ): Promise<Candidate | undefined> {
    const candidates = this.#candidates(appliance, replies, authorities);
    if (candidates.length < 2) return candidates[0];
    const check = this.#checker(appliance);
    const ranked: { candidate: Candidate; rank: number }[] = [];
    for (const candidate of candidates) {
      const { verdict } = await this.#judge(appliance, candidate, check);
      ranked.push({ candidate, rank: RANK[verdict] });
    }
    const age = ({ candidate }: { candidate: Candidate }): number => candidate.certificate.notBefore.seconds;
    return ranked.toSorted((a, b) => b.rank - a.rank || age(b) - age(a))[0]!.candidate;
  }

  /**
   * What must be each appliance's own. A certificate that is refused for itself claims nothing: it is uploaded nowhere,
   * and a CA's mix-up of two names must not take the good one down with it.
   */
  async fleetOf(chosen: readonly (Candidate | undefined)[]): Promise<RunFleet> {
    const fleetWith = (leftOut: ReadonlySet<number>): RunFleet => {
      const fleet = new RunFleet(this.#options.crypto);
      for (const [i, candidate] of chosen.entries()) {
        if (candidate === undefined || leftOut.has(i)) continue;
        fleet.add(pathsOf(this.#plan.appliances[i]!.name).crt, candidate.certificate.der);
      }
      return fleet;
    };
    const all = fleetWith(new Set());
    const refused = new Set<number>();
    for (const [i, candidate] of chosen.entries()) {
      const appliance = this.#plan.appliances[i]!;
      if (candidate === undefined || !isContested(candidate, all.without(pathsOf(appliance.name).crt))) continue;
      const { verdict } = await this.#judge(appliance, candidate, this.#checker(appliance));
      if (verdict === 'refused') refused.add(i);
    }
    return refused.size === 0 ? all : fleetWith(refused);
  }

  async settle(appliance: SiteAppliance, candidate: Candidate | undefined, fleet: RunFleet): Promise<ApplianceState> {
    const paths = pathsOf(appliance.name);
    const publicKey = this.publicKeyOf(appliance);
    const none = { report: undefined, notAfter: undefined, from: undefined, hasChain: false };
    const base = { appliance, paths, publicKey, ...none };
    if (publicKey === undefined || !existsSync(this.#path(paths.key))) return { ...base, state: 'no-key' };
    if (candidate === undefined) return { ...base, state: 'waiting' };
    const check = this.#checker(appliance, fleet);
    const report = await this.#judge(appliance, candidate, check);
    this.#place(paths, candidate, report);
    return {
      ...base,
      report,
      state: report.verdict === 'accepted' ? 'ready' : report.verdict,
      notAfter: new Date(candidate.certificate.notAfter.seconds * 1000),
      from: candidate.from,
      hasChain: candidate.chain.length > 0,
    };
  }

  #path(relative: string): string {
    return join(this.#folder, relative);
  }

  #candidates({ name }: SiteAppliance, replies: readonly Reply[], authorities: readonly Certificate[]): Candidate[] {
    const { crt, chain } = pathsOf(name);
    const known = [...authorities, ...certificatesIn(this.#path(chain))];
    const there = certificatesIn(this.#path(crt))[0];
    const all = [
      ...(there === undefined ? [] : [{ certificate: there, from: undefined }]),
      ...replies
        .filter(({ certificate }) => there === undefined || Buffer.compare(certificate.der, there.der) !== 0)
        .map(({ certificate, path }) => ({ certificate, from: path })),
    ];
    return all.map(({ certificate, from }) => ({ certificate, from, chain: chainOf(certificate, known) }));
  }

  #checker({ role, subject, name }: SiteAppliance, fleet?: RunFleet): BundleChecker {
    const { now, check, crypto } = this.#options;
    const others = fleet?.without(pathsOf(name).crt);
    return createBundleChecker(
      { ...check, at: now, hostname: subject.commonName, role, ...(others !== undefined && { fleet: others }) },
      crypto,
    );
  }

  async #judge({ name }: SiteAppliance, candidate: Candidate, check: BundleChecker): Promise<Report> {
    const paths = pathsOf(name);
    const key = this.#path(paths.key);
    return check(
      {
        crt: Buffer.from(toPem('CERTIFICATE', candidate.certificate.der)),
        key: existsSync(key) ? readFileSync(key) : undefined,
        chain: candidate.chain.length === 0 ? undefined : Buffer.from(pemOf(candidate.chain)),
        passphrase: this.#passphrase(this.#path(paths.passphrase)),
      },
      paths.crt,
    );
  }

  #passphrase(path: string): string | undefined {
    const { passphrases } = this.#plan;
    if (passphrases !== 'each') return passphrases === 'one' ? this.#options.passphrase : undefined;
    return existsSync(path) ? readFileSync(path, 'utf8').replace(/\r?\n$/, '') : undefined;
  }

  /** The chain first: where the certificate lies, all of it does. */
  #place(paths: AppliancePaths, { certificate, chain, from }: Candidate, { verdict }: Report): void {
    const pem = toPem('CERTIFICATE', certificate.der);
    if (verdict === 'refused') {
      if (from === undefined) return;
      makeFolder(this.#path('refused'));
      replaceIfOther(this.#path(paths.refused), pem);
      return;
    }
    if (chain.length > 0) replaceIfOther(this.#path(paths.chain), pemOf(chain));
    replaceIfOther(this.#path(paths.crt), pem);
    rmSync(this.#path(paths.refused), { force: true });
  }
}

function isContested({ certificate }: Candidate, others: NonNullable<CheckOptions['fleet']>): boolean {
  const names = certificate.subject.all(ATTRIBUTE.CN).map(({ text }) => text.toLowerCase().replace(/\.$/, ''));
  return (
    names.some((name) => others.withCommonName(name).length > 0) ||
    others.withKey(keyOf(certificate)).length > 0 ||
    others.withCertificate(sha256(certificate.der)).length > 0
  );
}

function certificatesIn(path: string): Certificate[] {
  if (!existsSync(path)) return [];
  const { blocks } = identify(readFileSync(path));
  return blocks.flatMap(({ kind, der }) => (kind === 'certificate' ? (legible(() => [readWhole(der)]) ?? []) : []));
}

/** Names are read on first use: here, where damage can still be passed over. */
function readWhole(der: Uint8Array): Certificate {
  const certificate = parseCertificate(der);
  void [certificate.subject.canonical, certificate.issuer.canonical];
  return certificate;
}

/** Issuer first, then up to the root, as far as the authorities reach. */
function chainOf(certificate: Certificate, authorities: readonly Certificate[]): Certificate[] {
  const all = [certificate, ...authorities].map((one) => ({ certificate: one }));
  const arranged = arrange(all, certificate.subjectPublicKeyInfo.element.der());
  return arranged.chain.map((one) => one.certificate);
}

const pemOf = (certificates: readonly Certificate[]): string =>
  certificates.map(({ der }) => toPem('CERTIFICATE', der)).join('');

function replaceIfOther(path: string, text: string): void {
  if (existsSync(path) && readFileSync(path, 'latin1') === text) return;
  replaceFile(path, text);
}
