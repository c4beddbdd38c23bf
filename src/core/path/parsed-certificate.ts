import { DerError } from '../der/errors.ts';
import { toHex } from '../der/values.ts';
import { Certificate } from '../x509/certificate.ts';
import { authorityKeyIdentifier } from '../x509/extensions/authority-key-identifier.ts';
import { subjectKeyIdentifier } from '../x509/extensions/subject-key-identifier.ts';
import type { ExtensionValue } from '../x509/extension.ts';
import type { NameConstraints } from '../x509/extensions/name-constraints.ts';
import type { GeneralNames } from '../x509/general-name.ts';
import { knownExtension } from '../x509/known-extensions.ts';
import { ATTRIBUTE, type Name } from '../x509/name.ts';

/** Which list of the input a certificate came from, and where in it. */
export interface Origin {
  readonly list: 'leaf' | 'intermediates' | 'trustAnchors';
  readonly index: number;
}

/** What a certificate is on its path; the same one can be either in different chains. */
export type Role = 'leaf' | 'intermediate' | 'anchor';

/** A field that could not be read. */
export interface Damage {
  readonly field: string;
  readonly error: DerError;
}

/** A certificate that was read and of which nothing is trusted yet. What depends on it alone is remembered with it. */
export class ParsedCertificate {
  readonly certificate: Certificate;
  /** Fields that every path needs and that are malformed; such a certificate is good for nothing. */
  readonly damages: readonly Damage[];
  /** Equal exactly where the names are (RFC 5280 §7.1); empty where the name cannot be read. */
  readonly subjectKey: string;
  readonly issuerKey: string;
  /** Hex; undefined where absent or unreadable. */
  readonly subjectKeyId: string | undefined;
  readonly authorityKeyId: string | undefined;
  readonly #memory = new Map<string, unknown>();

  constructor(certificate: Certificate) {
    this.certificate = certificate;
    const damages: Damage[] = [];
    this.subjectKey = reading(damages, 'tbsCertificate.subject', () => certificate.subject.canonical) ?? '';
    this.issuerKey = reading(damages, 'tbsCertificate.issuer', () => certificate.issuer.canonical) ?? '';
    for (const extension of certificate.extensions.list) {
      const type = knownExtension(extension.oid);
      if (type === undefined) continue;
      reading(damages, `tbsCertificate.extensions.${type.name}`, () => readWhole(extension.valueAs(type)));
    }
    this.damages = damages;
    const ski = readable(() => certificate.get(subjectKeyIdentifier));
    const aki = readable(() => certificate.get(authorityKeyIdentifier));
    this.subjectKeyId = ski && toHex(ski.keyIdentifier.content());
    this.authorityKeyId = aki?.keyIdentifier && toHex(aki.keyIdentifier.content());
  }

  /** @throws {DerError} where `der` is no certificate at all. */
  static parse(der: Uint8Array): ParsedCertificate {
    return new ParsedCertificate(Certificate.parse(der));
  }

  /** RFC 5280 §6.1: issuer and subject are the same name. */
  get isSelfIssued(): boolean {
    return this.subjectKey === this.issuerKey;
  }

  /** For people: the subject, or what stands in for it. */
  get title(): string {
    return readable(() => this.certificate.subject.toString()) || 'a certificate without subject';
  }

  /** As people call it, in quotes: the common name, or the whole subject where it has none. */
  get label(): string {
    return `"${commonNameOf(this.certificate.subject) ?? this.title}"`;
  }

  /** `label` of the issuer. */
  get issuerLabel(): string {
    return `"${commonNameOf(this.certificate.issuer) ?? this.issuerTitle}"`;
  }

  /** `title` of the issuer. */
  get issuerTitle(): string {
    return readable(() => this.certificate.issuer.toString()) || 'an issuer without name';
  }

  /** The same subject with the same key: a path through both would go round. */
  isSameEntity(other: ParsedCertificate): boolean {
    return (
      this.subjectKey === other.subjectKey &&
      this.certificate.subjectPublicKeyInfo.element.sameBytes(other.certificate.subjectPublicKeyInfo.element)
    );
  }

  isSameCertificate(other: ParsedCertificate): boolean {
    if (this.certificate === other.certificate) return true;
    const { der } = this.certificate;
    const that = other.certificate.der;
    if (der.length !== that.length) return false;
    for (let i = der.length - 1; i >= 0; i--) if (der[i] !== that[i]) return false;
    return true;
  }

  /** Computed once per certificate: `make` must depend on nothing else but `key`. */
  remember<T>(key: string, make: () => T): T {
    const memory = this.#memory;
    if (!memory.has(key)) memory.set(key, make());
    return memory.get(key) as T;
  }
}

function commonNameOf(name: Name): string | undefined {
  return readable(() => name.all(ATTRIBUTE.CN).at(-1)?.text);
}

/** Names inside an extension are read on first use; here is where they have to be readable. */
function readWhole(value: ExtensionValue): void {
  const names = (value as Partial<GeneralNames>).names ?? [];
  const { permittedSubtrees, excludedSubtrees } = value as Partial<NameConstraints>;
  const bases = [...(permittedSubtrees ?? []), ...(excludedSubtrees ?? [])].map(({ base }) => base);
  for (const name of Array.isArray(names) ? [...names, ...bases] : bases) {
    if (name.kind === 'directoryName') void name.name.canonical;
  }
}

function readable<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof DerError) return undefined;
    throw error;
  }
}

function reading<T>(damages: Damage[], field: string, read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof DerError)) throw error;
    damages.push({ field, error });
    return undefined;
  }
}
