import { ParsedCertificate } from './parsed-certificate.ts';

// Far more CA certificates than a fleet meets; some KB each.
const MOST_REMEMBERED = 1024;
/** In octets; what is larger was not made by a CA for its own certificate. */
const LARGEST_REMEMBERED = 65_536;

/** CA certificates by content, read once: what is remembered with them survives from call to call. */
export class CertificateCache {
  readonly #nodes = new Map<number, ParsedCertificate[]>();
  #count = 0;

  /** @throws {DerError} */
  parse(der: Uint8Array): ParsedCertificate {
    if (der.length > LARGEST_REMEMBERED) return ParsedCertificate.parse(new Uint8Array(der));
    const hash = hashOf(der);
    const bucket = this.#nodes.get(hash);
    const known = bucket?.find(({ certificate }) => sameOctets(certificate.der, der));
    if (known !== undefined) return known;
    // The caller may reuse its buffer; what is remembered must not change under us. `slice` of a Buffer is no copy.
    const node = ParsedCertificate.parse(new Uint8Array(der));
    if (this.#count >= MOST_REMEMBERED) this.#forgetAll();
    const list = this.#nodes.get(hash);
    if (list === undefined) this.#nodes.set(hash, [node]);
    else list.push(node);
    this.#count++;
    return node;
  }

  /** A leaf is seen once, unless it is a certificate that is known as a CA or an anchor. */
  parseLeaf(der: Uint8Array): ParsedCertificate {
    const known = this.#nodes.get(hashOf(der))?.find(({ certificate }) => sameOctets(certificate.der, der));
    return known ?? ParsedCertificate.parse(der);
  }

  #forgetAll(): void {
    this.#nodes.clear();
    this.#count = 0;
  }
}

// FNV-1a over the end, where serial-dependent signatures make certificates differ; equal octets decide.
function hashOf(der: Uint8Array): number {
  let hash = 0x811c9dc5 ^ der.length;
  for (let i = Math.max(0, der.length - 64); i < der.length; i++) hash = Math.imul(hash ^ der[i]!, 0x01000193);
  return hash >>> 0;
}

function sameOctets(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = a.length - 1; i >= 0; i--) if (a[i] !== b[i]) return false;
  return true;
}
