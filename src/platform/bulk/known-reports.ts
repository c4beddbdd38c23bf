import type { Report } from '../../core/base/finding.ts';
import type { CertificateChecker } from '../../core/check/check-certificate.ts';

// A scan of a network finds the same certificate on many machines, and a proxy's log on every line. So many different
// ones are remembered by each worker; the memory for them, about 10 KB each, stays what it is however long the stream.
const MOST_REMEMBERED = 512;

/** What was found about the certificates seen lately, by their bytes. */
export class KnownReports {
  #recent = new Map<string, Report>();
  #older = new Map<string, Report>();

  /** The report on `der`, judged by `judge` when it is new or was forgotten; undefined where `judge` makes none. */
  reportOn(der: Uint8Array, name: string, judge: CertificateChecker): Report | undefined {
    const key = Buffer.from(der.buffer, der.byteOffset, der.byteLength).toString('latin1');
    let known = this.#recent.get(key);
    if (known !== undefined) return { ...known, bundle: name };
    known = this.#older.get(key) ?? judge(der, name);
    if (known === undefined) return undefined;
    this.#remember(key, known);
    return { ...known, bundle: name };
  }

  #remember(key: string, report: Report): void {
    if (this.#recent.size === MOST_REMEMBERED) {
      this.#older = this.#recent;
      this.#recent = new Map();
    }
    this.#recent.set(key, report);
  }
}
