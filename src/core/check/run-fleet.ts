import type { Crypto } from '../base/ports.ts';
import { DerError } from '../der/errors.ts';
import { toHex } from '../der/values.ts';
import { identify } from '../files/identify.ts';
import type { Fleet, FleetMatch } from '../requirements/rule.ts';
import { type Certificate, parseCertificate } from '../x509/certificate.ts';
import { basicConstraints } from '../x509/extensions/basic-constraints.ts';
import { ATTRIBUTE } from '../x509/name.ts';

// A folder of 200 copies is one mistake, not 199 names in each of 200 reports.
const MOST_NAMED = 3;

/** Which bundles have what, by name or digest; it can be cloned. */
export interface FleetClaims {
  readonly commonName: Map<string, string[]>;
  readonly certificate: Map<string, string[]>;
  readonly key: Map<string, string[]>;
}

/** What must be each appliance's own, for the bundles of one run: each bundle is judged against the others. */
export class RunFleet {
  readonly #crypto: Crypto;
  readonly claims: FleetClaims;

  constructor(crypto: Crypto, claims: FleetClaims = { commonName: new Map(), certificate: new Map(), key: new Map() }) {
    this.#crypto = crypto;
    this.claims = claims;
  }

  /** Remembers what the .crt of a bundle claims; a file that cannot be read claims nothing. */
  add(bundle: string, crt: Uint8Array): void {
    const certificate = leafOf(crt);
    if (certificate === undefined) return;
    for (const name of commonNames(certificate)) put(this.claims.commonName, name, bundle);
    put(this.claims.certificate, this.#digest(certificate.der), bundle);
    put(this.claims.key, this.#digest(certificate.subjectPublicKeyInfo.element.der()), bundle);
  }

  /** The run as one of its bundles sees it. */
  without(bundle: string): Fleet {
    const others = (map: Map<string, string[]>, key: string): FleetMatch[] => {
      const all = (map.get(key) ?? []).filter((other) => baseOf(other) !== baseOf(bundle));
      const named = all.length <= MOST_NAMED ? all : [...all.slice(0, MOST_NAMED), `${all.length - MOST_NAMED} more`];
      return named.map((appliance) => ({ appliance, active: true, same: false }));
    };
    return {
      withCommonName: (name) => others(this.claims.commonName, name),
      withCertificate: (sha256) => others(this.claims.certificate, sha256),
      withKey: (sha256) => others(this.claims.key, sha256),
    };
  }

  #digest(bytes: Uint8Array): string {
    return toHex(this.#crypto.digest('sha256', bytes));
  }
}

// sensor.crt and sensor.der are the same certificate twice, not two appliances.
const baseOf = (path: string): string => path.replace(/\.[^./\\]*$/, '');

function put(map: Map<string, string[]>, key: string, bundle: string): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [bundle]);
  else list.push(bundle);
}

function leafOf(crt: Uint8Array): Certificate | undefined {
  const certificates: Certificate[] = [];
  for (const { kind, der } of identify(crt).blocks) {
    if (kind !== 'certificate') continue;
    try {
      certificates.push(parseCertificate(der));
    } catch (error) {
      if (!(error instanceof DerError)) throw error;
    }
  }
  return certificates.find((certificate) => !isCa(certificate)) ?? certificates[0];
}

function isCa(certificate: Certificate): boolean {
  try {
    return certificate.get(basicConstraints)?.cA === true;
  } catch (error) {
    if (error instanceof DerError) return false;
    throw error;
  }
}

/** In lower case and without a final dot, as DNS compares names. */
function commonNames({ subject }: Certificate): string[] {
  try {
    return subject.all(ATTRIBUTE.CN).map(({ text }) => text.toLowerCase().replace(/\.$/, ''));
  } catch (error) {
    if (error instanceof DerError) return [];
    throw error;
  }
}
