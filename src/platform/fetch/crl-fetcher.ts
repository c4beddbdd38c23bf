import { readFile, rm } from 'node:fs/promises';
import type { CrlFailure, CrlReply, CrlRequest, CrlSource } from '../../core/base/ports.ts';
import { dateProblem } from '../../core/revocation/crl-facts.ts';
import type { OpenCrl } from '../../core/revocation/open-crl.ts';
import { COMMAND_POLICY, type FetchPolicy } from './address-guard.ts';
import { CrlCache, type Held } from './crl-cache.ts';
import { decodeCrl, readEntries } from './decode-crl.ts';
import { type Address, download, FETCH_LIMITS, type FetchLimits } from './download.ts';
import { FetchFailure, shownUrl } from './failure.ts';
import { NO_PROXY, type ProxySettings } from './proxy.ts';
import { Patience } from './patience.ts';
import { isOfTheWay, RecentAnswers } from './recent.ts';

export interface CrlFetcherOptions {
  /** Where CRLs are kept; made when it is not there. */
  readonly folder: string;
  /** Seconds since 1970. */
  readonly now: () => number;
  readonly policy?: FetchPolicy;
  readonly proxies?: ProxySettings;
  readonly limits?: Partial<FetchLimits>;
  /** For so many seconds a URL is not asked again, whatever it answered. Default 0. */
  readonly freshFor?: number;
  /** All addresses of a host name; by default the system's resolver is asked. */
  readonly resolve?: (host: string) => Promise<readonly Address[]>;
}

/** CRLs over HTTP, kept on disk until their nextUpdate. Requests for one URL at one time are one request. */
export class CrlFetcher implements CrlSource<OpenCrl> {
  readonly cache: CrlCache;
  readonly #options: CrlFetcherOptions;
  readonly #limits: FetchLimits;
  readonly #recent: RecentAnswers;
  #prepared: Promise<void> | undefined;
  readonly #patience: Patience;
  readonly #underWay = new Map<string, Promise<CrlReply<OpenCrl>>>();

  constructor(options: CrlFetcherOptions) {
    this.cache = new CrlCache(options.folder);
    this.#options = options;
    this.#limits = { ...FETCH_LIMITS, ...options.limits };
    this.#recent = new RecentAnswers(options.freshFor ?? 0);
    this.#patience = new Patience(this.#limits.patience);
  }

  now(): number {
    return this.#options.now();
  }

  /** Never throws for anything that a server, a proxy, the network or the disk does. */
  async fetch(request: CrlRequest<OpenCrl>): Promise<CrlReply<OpenCrl>> {
    // Whoever judges differently must not get the other's answer.
    for (let before; (before = this.#underWay.get(request.url)) !== undefined;) await before;
    const running = this.#fetch(request);
    this.#underWay.set(request.url, running);
    try {
      return await running;
    } finally {
      if (this.#underWay.get(request.url) === running) this.#underWay.delete(request.url);
    }
  }

  async #fetch(request: CrlRequest<OpenCrl>): Promise<CrlReply<OpenCrl>> {
    const { url } = request;
    const now = this.#options.now();
    const recent = this.#recent.get(url, now);
    if (recent !== undefined && 'crl' in recent && request.judge(recent.crl) === undefined) {
      return { url, crl: recent.crl, from: 'unchanged', failure: undefined };
    }
    const held = await this.#held(request);
    if (held !== undefined && request.want === 'held') return { url, crl: held.crl, from: 'held', failure: undefined };
    if (recent !== undefined && 'failure' in recent) {
      return { url, crl: held?.crl, from: held && 'held', failure: recent.failure };
    }
    const impatience = this.#patience.lost(request.errand);
    if (impatience !== undefined) return { url, crl: held?.crl, from: held && 'held', failure: impatience.of(url) };
    try {
      const { crl, from } = await this.#ask(request, held);
      this.#patience.renew(request.errand);
      this.#recent.put(url, now, { crl });
      return { url, crl, from, failure: undefined };
    } catch (error) {
      const failure = asFailure(error, url);
      if (error instanceof FetchFailure && isOfTheWay(error)) this.#recent.put(url, now, { failure });
      return { url, crl: held?.crl, from: held && 'held', failure };
    }
  }

  /** What is kept, where it is still current and still judged good. */
  async #held(request: CrlRequest<OpenCrl>): Promise<Held | undefined> {
    try {
      const held = await this.cache.get(request.url);
      if (held === undefined || dateProblem(held.crl, this.#options.now()) !== undefined) return undefined;
      return request.judge(held.crl) === undefined ? held : undefined;
    } catch {
      // A cache that cannot be read is no reason not to fetch.
      return undefined;
    }
  }

  async #ask(
    request: CrlRequest<OpenCrl>,
    held: Held | undefined,
  ): Promise<{ crl: OpenCrl; from: 'network' | 'unchanged' }> {
    const { folder, policy = COMMAND_POLICY, proxies = NO_PROXY, resolve } = this.#options;
    await (this.#prepared ??= this.#prepare());
    const answer = await download(
      { url: request.url, anchored: request.anchored, etag: held?.etag, lastModified: held?.lastModified },
      { folder, policy, proxies, limits: this.#limits, resolve },
    );
    if (answer.kind === 'unchanged') return { crl: held!.crl, from: 'unchanged' };
    try {
      const { host } = new URL(request.url);
      const crl = decodeCrl(await readFile(answer.file), host);
      const refused = request.judge(crl);
      if (refused !== undefined) throw new FetchFailure(refused.code, refused.message, refused.fix);
      readEntries(crl, host);
      if (request.keep !== false) {
        await this.#refuseOlder(crl);
        await this.cache.put(request.url, crl, answer);
      }
      return { crl, from: 'network' };
    } finally {
      await rm(answer.file, { force: true });
    }
  }

  /** Once, unless it fails: the disk may have room later. */
  async #prepare(): Promise<void> {
    try {
      await this.cache.prepare(this.#options.now());
    } catch (error) {
      this.#prepared = undefined;
      throw error;
    }
  }

  async #refuseOlder(crl: OpenCrl): Promise<void> {
    const older = await this.cache.olderThanKnown(crl);
    if (older === undefined) return;
    throw new FetchFailure(
      'older',
      `The CRL of "${crl.issuer}" is older than one seen before: ${older}. Somebody plays back an old list, or a server of the CA lags behind.`,
      'Have the CA publish its newest CRL everywhere. After a CA was restored from a backup, forget what was seen: certgate crl fetch URL --issuer CA.crt --reset',
    );
  }
}

function asFailure(error: unknown, url: string): CrlFailure {
  if (error instanceof FetchFailure) return error.of(url);
  const code = (error as NodeJS.ErrnoException)?.code;
  if (typeof code !== 'string') throw error;
  return {
    code: 'storage',
    url: shownUrl(url),
    message: `The folder for CRLs cannot be used (${code}).`,
    fix: 'Make room, or name a writable folder.',
  };
}
