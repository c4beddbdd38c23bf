import { DerError } from '../../../core/der/errors.ts';
import { crlLocations } from '../../../core/revocation/locations.ts';
import { Certificate } from '../../../core/x509/certificate.ts';
import { crlIssuers } from '../crls.ts';
import type { IdentityRow } from '../identity.ts';

/** What a certificate in use is judged by, its key left aside. */
export interface Material {
  readonly leaf: Certificate;
  /** Certificates that came with it. */
  readonly others: readonly Certificate[];
  readonly identity: Pick<IdentityRow, 'origin' | 'verdict' | 'reason' | 'crl' | 'activated_at'>;
}

/** Chains read once: most of a fleet has the same one. By their PEM. */
export class ChainReader {
  readonly #lists = new Map<string, readonly string[]>();
  readonly #known = new Map<string, readonly Certificate[]>();

  /** @throws {DerError} where what the gate let in cannot be read any more */
  material(row: Material['identity'] & Pick<IdentityRow, 'crt_pem' | 'chain_pem'>): Material {
    const [leaf, ...beside] = certificatesOf(row.crt_pem);
    if (leaf === undefined) throw new DerError('truncated', 0, 'the database holds no certificate for this identity');
    return { leaf, others: [...this.#chain(row.chain_pem ?? ''), ...beside], identity: row };
  }

  /** The same list for all that have it: ten thousand certificates have a handful of different ones. */
  shared(list: readonly string[]): readonly string[] {
    const key = list.join('\n');
    const known = this.#lists.get(key);
    if (known !== undefined) return known;
    if (this.#lists.size >= MOST_CHAINS) this.#lists.clear();
    this.#lists.set(key, list);
    return list;
  }

  #chain(pem: string): readonly Certificate[] {
    let chain = this.#known.get(pem);
    if (chain === undefined) {
      chain = certificatesOf(pem);
      if (this.#known.size >= MOST_CHAINS) this.#known.clear();
      this.#known.set(pem, chain);
    }
    return chain;
  }
}

const MOST_CHAINS = 256;
const BLOCK = /-----BEGIN CERTIFICATE-----([^-]+)-----END CERTIFICATE-----/g;

/** PEM as the gate writes it. */
const certificatesOf = (pem: string): Certificate[] =>
  [...pem.matchAll(BLOCK)].map(([, base64]) => Certificate.parse(new Uint8Array(Buffer.from(base64!, 'base64'))));

/** Where its CRLs and those of the CAs above it lie, as they say. */
export function crlUrlsOf({ leaf, others }: Pick<Material, 'leaf' | 'others'>): string[] {
  return [...new Set([leaf, ...others].flatMap((certificate) => locationsIn(certificate)))];
}

function locationsIn(certificate: Certificate): string[] {
  try {
    return crlLocations(certificate).flatMap(({ urls }) => urls);
  } catch (error) {
    // The rule on the certificate's form says so.
    if (error instanceof DerError) return [];
    throw error;
  }
}

/** The canonical names whose CRLs can change what this is worth: of every CA that may stand above it, or sign a CRL. */
export function issuersOf({ leaf, others }: Pick<Material, 'leaf' | 'others'>): string[] {
  const names = [leaf, ...others].flatMap((certificate) => [certificate.subject, ...crlIssuers(certificate)]);
  return [...new Set(names.map(({ canonical }) => canonical))];
}
