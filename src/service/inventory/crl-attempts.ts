import type { CrlSource } from '../../core/base/ports.ts';
import type { OpenCrl } from '../../core/revocation/open-crl.ts';

/** What became of asking one URL. Times in milliseconds. */
export interface CrlAttempt {
  readonly url: string;
  readonly at: number;
  readonly ok: boolean;
  /** Why not; null where it came. */
  readonly code: string | null;
  readonly reason: string | null;
  readonly fix: string | null;
}

/** Far more than a fleet's certificates name. */
const MOST = 1000;

/** The last attempt at each URL, of this process. */
export class CrlAttempts {
  readonly #last = new Map<string, CrlAttempt & { readonly failures: number }>();
  readonly #now: () => number;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  of(url: string): CrlAttempt | undefined {
    return this.#last.get(url);
  }

  /** How often it failed since it last succeeded. */
  failures(url: string): number {
    return this.#last.get(url)?.failures ?? 0;
  }

  note(url: string, failure?: { readonly code: string; readonly message: string; readonly fix: string }): CrlAttempt {
    const failures = failure === undefined ? 0 : this.failures(url) + 1;
    const { code = null, message: reason = null, fix = null } = failure ?? {};
    const attempt = { url, at: this.#now(), ok: failure === undefined, code, reason, fix, failures };
    // The one that was asked last stands last.
    this.#last.delete(url);
    this.#last.set(url, attempt);
    if (this.#last.size > MOST) this.#last.delete(this.#last.keys().next().value!);
    return attempt;
  }

  /** The same source, each of its answers noted. One that is served from what is held is none. */
  noting(source: CrlSource<OpenCrl>): CrlSource<OpenCrl> {
    const now = source.now?.bind(source);
    return {
      ...(now !== undefined && { now }),
      fetch: async (request) => {
        const reply = await source.fetch(request);
        if (reply.failure !== undefined) this.note(request.url, reply.failure);
        else if (reply.from !== 'held') this.note(request.url);
        return reply;
      },
    };
  }
}
