import type { Crypto } from '../../core/base/ports.ts';
import { DerError } from '../../core/der/errors.ts';
import { identify } from '../../core/files/identify.ts';
import { followSignatures } from '../../core/revocation/chain-status.ts';
import { Certificate } from '../../core/x509/certificate.ts';
import type { Store } from '../../platform/store/store.ts';
import type { Anchors } from './anchors.ts';
import { sha256 } from './fingerprint.ts';

const A_MINUTE = 60_000;

/**
 * Whose CRLs are believed: the trust anchors, and the CAs of the appliances' chains that lead to one. What a CRL then
 * means for one certificate is judged again with that certificate's own chain.
 */
export class CrlSigners {
  readonly #store: Store;
  readonly #anchors: Anchors;
  readonly #crypto: Crypto;
  #read: { at: number; certificates: readonly Certificate[] } | undefined;

  constructor(store: Store, anchors: Anchors, crypto: Crypto) {
    this.#store = store;
    this.#anchors = anchors;
    this.#crypto = crypto;
  }

  /** @param recent chains seen within the last minute will do: reading all of a large fleet's takes a while */
  async all({ recent = false }: { recent?: boolean } = {}): Promise<Certificate[]> {
    const anchors = (await this.#anchors.certificates()).map((der) => Certificate.parse(der));
    if (!recent || this.#read === undefined || Date.now() - this.#read.at > A_MINUTE) {
      this.#read = { at: Date.now(), certificates: await this.#inChains() };
    }
    const others = this.#read.certificates;
    const led = others.filter(
      (leaf) => followSignatures({ leaf, others, anchors, crypto: this.#crypto }).anchored && !isAmong(leaf, anchors),
    );
    return [...anchors, ...led];
  }

  async #inChains(): Promise<readonly Certificate[]> {
    const rows = await this.#store.db
      .selectFrom('identities')
      .select('chain_pem')
      .distinct()
      .where('chain_pem', 'is not', null)
      .execute();
    return distinct(rows.flatMap(({ chain_pem }) => certificatesOf(chain_pem ?? '')));
  }
}

const isAmong = ({ der }: Certificate, others: readonly Certificate[]): boolean =>
  others.some((other) => Buffer.compare(other.der, der) === 0);

function certificatesOf(pem: string): Certificate[] {
  return identify(Buffer.from(pem)).blocks.flatMap(({ der }) => {
    try {
      return Certificate.parse(der);
    } catch (error) {
      if (error instanceof DerError) return [];
      throw error;
    }
  });
}

function distinct(certificates: readonly Certificate[]): Certificate[] {
  return [...new Map(certificates.map((certificate) => [sha256(certificate.der), certificate])).values()];
}
