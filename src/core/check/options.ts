import type { Crypto, CrlSource } from '../base/ports.ts';
import { DerError } from '../der/errors.ts';
import { formatTime } from '../der/time.ts';
import { identify } from '../files/identify.ts';
import type { BundleFiles } from '../files/open-bundle.ts';
import { isIpAddress, judgeDnsName } from '../requirements/host-name.ts';
import { type Profile, resolveProfile, type ResolvedProfile } from '../requirements/profile.ts';
import { DEFAULT_PROFILE, SHIPPED_PROFILES } from '../requirements/profiles/shipped.data.ts';
import type { Circumstances, Fleet } from '../requirements/rule.ts';
import { RULES } from '../requirements/rules/index.ts';
import { type OpenCrl, openCrl } from '../revocation/open-crl.ts';
import { Certificate } from '../x509/certificate.ts';

/** What is asked beyond the files; everything has a default but, in core, time and crypto. */
export interface CheckOptions {
  /** The id of a shipped profile, or a profile of one's own (which may extend a shipped one). Default `defender-iot`. */
  readonly profile?: string | Profile;
  /** The time to judge for; text as ISO 8601, e.g. `2027-01-31T08:00:00Z`. Parts of a second are dropped. */
  readonly at?: Date | string;
  readonly hostname?: string;
  readonly role?: 'sensor' | 'ha';
  /** Trust anchors: files in PEM (any number of certificates each) or DER. */
  readonly trust?: readonly Uint8Array[];
  /** Whether the organisation validates against a CRL; `crls` implies `on`. */
  readonly crl?: 'on' | 'off';
  /** CRLs in DER or PEM. They are the only ones asked: with them nothing is fetched. */
  readonly crls?: readonly Uint8Array[];
  /** Fetches the CRLs that certificates name, where `crl` is `on` and no `crls` are given. */
  readonly crlSource?: CrlSource<OpenCrl>;
  /** CRLs opened earlier that count beside those that are fetched; for whoever keeps them. */
  readonly heldCrls?: readonly OpenCrl[];
  /** The bundle is handed in for an appliance: what its upload form demands must be there. Default false. */
  readonly upload?: boolean;
  /** The other appliances. */
  readonly fleet?: Fleet;
  /** `problems` leaves out what passes and what does not apply. Default `all`. */
  readonly findings?: 'all' | 'problems';
  /** The name of the bundle in its report. */
  readonly name?: string;
}

/** An option makes no sense; the message says which and what would. */
export class CheckOptionsError extends Error {
  override readonly name = 'CheckOptionsError';
}

/** Options made ready to judge by, once for any number of bundles. */
export interface Prepared {
  readonly profile: ResolvedProfile;
  readonly circumstances: Circumstances;
  /** `at` as it stands in reports. */
  readonly at: string;
  readonly findings: 'all' | 'problems';
  /** Undefined: none were given. */
  readonly crls: GivenCrls | undefined;
  readonly crlSource: CrlSource<OpenCrl> | undefined;
}

/** CRLs that came as bytes, opened once for all bundles. */
export interface GivenCrls {
  readonly opened: readonly OpenCrl[];
  /** Why the others could not be opened. */
  readonly unreadable: readonly string[];
}

/**
 * @throws {CheckOptionsError} for an unknown profile, a time that is none, an anchor that is no certificate
 * @throws {ProfileError} for a profile that contradicts the rules
 */
export function prepare(options: CheckOptions & { readonly at: Date | string }, crypto: Crypto): Prepared {
  const at = readAt(options.at);
  demandSense(options);
  const { hostname, role, trust, fleet } = options;
  const crl = options.crl ?? (options.crls === undefined ? undefined : 'on');
  return {
    profile: findProfile(options.profile ?? DEFAULT_PROFILE),
    at: formatTime(at),
    findings: options.findings ?? 'all',
    crls: crl === 'on' ? givenCrls(options) : undefined,
    crlSource: crl === 'on' && options.crls === undefined ? options.crlSource : undefined,
    circumstances: {
      at,
      crypto,
      ...(hostname !== undefined && { hostname }),
      ...(role !== undefined && { role }),
      ...(crl !== undefined && { crl }),
      ...(trust !== undefined && { trust: trust.flatMap(readAnchors) }),
      ...(fleet !== undefined && { fleet }),
      ...(options.upload === true && { upload: true }),
    },
  };
}

/** Callers without types, and what no type can say; options that are not understood must not pass for others. */
function demandSense({ hostname, role, crl, trust, crls }: CheckOptions): void {
  if (hostname !== undefined && !isHostname(hostname)) {
    throw new CheckOptionsError(
      `hostname must be the appliance's full domain name, such as sensor.contoso.com; found "${String(hostname)}".`,
    );
  }
  demandOneOf('role', role, ['sensor', 'ha']);
  demandOneOf('crl', crl, ['on', 'off']);
  for (const [option, files] of Object.entries({ trust, crls })) {
    if (files === undefined || (Array.isArray(files) && files.every((file) => file instanceof Uint8Array))) continue;
    throw new CheckOptionsError(`${option} must be a list of Uint8Arrays, one for each file.`);
  }
}

// An appliance that is only known by an address has no certificate that fits; saying so is the rule's business.
const isHostname = (hostname: unknown): boolean =>
  typeof hostname === 'string' && (judgeDnsName(hostname).kind !== 'bad' || isIpAddress(hostname));

function demandOneOf(option: string, value: unknown, valid: readonly string[]): void {
  if (value === undefined || valid.includes(value as string)) return;
  throw new CheckOptionsError(`${option} must be ${valid.join(' or ')}; found "${String(value)}".`);
}

/** @throws {CheckOptionsError} where a file of the bundle did not come as bytes */
export function demandBytes(bundle: BundleFiles): void {
  for (const part of ['crt', 'key', 'chain'] as const) {
    const bytes: unknown = (bundle as BundleFiles | null | undefined)?.[part];
    if (bytes instanceof Uint8Array || (bytes === undefined && part !== 'crt')) continue;
    throw new CheckOptionsError(
      `${part} must be the file's bytes as Uint8Array${part === 'crt' ? '' : ', or be left out'}.`,
    );
  }
}

function readAt(at: Date | string): number {
  const date = typeof at === 'string' ? new Date(at) : at;
  const seconds = Math.floor(date.getTime() / 1000);
  if (Number.isNaN(seconds)) {
    throw new CheckOptionsError(`at must be a time such as 2027-01-31T08:00:00Z; found "${String(at)}".`);
  }
  return seconds;
}

const resolved = new Map<string, ResolvedProfile>();

function findProfile(profile: string | Profile): ResolvedProfile {
  if (typeof profile !== 'string') return resolveProfile(profile, SHIPPED_PROFILES, RULES);
  const known = resolved.get(profile);
  if (known !== undefined) return known;
  const shipped = SHIPPED_PROFILES.find(({ id }) => id === profile);
  if (shipped === undefined) {
    const ids = SHIPPED_PROFILES.map(({ id }) => id).join(', ');
    throw new CheckOptionsError(`There is no profile "${profile}". Shipped are: ${ids}.`);
  }
  const ready = resolveProfile(shipped, SHIPPED_PROFILES, RULES);
  resolved.set(profile, ready);
  return ready;
}

function readAnchors(file: Uint8Array, index: number): Certificate[] {
  const blocks = identify(file).blocks.filter(({ kind }) => kind === 'certificate' || kind === 'trusted-certificate');
  if (blocks.length === 0) {
    throw new CheckOptionsError(`Trust anchor ${index + 1} holds no certificate (PEM or DER).`);
  }
  return blocks.map(({ der }) => {
    try {
      return Certificate.parse(der);
    } catch (error) {
      if (!(error instanceof DerError)) throw error;
      throw new CheckOptionsError(`Trust anchor ${index + 1} cannot be read: ${error.message}.`);
    }
  });
}

function givenCrls({ crls, heldCrls }: CheckOptions): GivenCrls | undefined {
  if (heldCrls === undefined) return crls && openCrls(crls);
  const given = openCrls(crls ?? []);
  return { ...given, opened: [...given.opened, ...heldCrls] };
}

function openCrls(files: readonly Uint8Array[]): GivenCrls {
  const opened: OpenCrl[] = [];
  const unreadable: string[] = [];
  for (const file of files) {
    // A DER CRL of 100 MB is not looked at for what else it could be.
    const blocks = file[0] === 0x30 ? [file] : crlBlocks(file, unreadable);
    for (const der of blocks) {
      try {
        opened.push(openCrl(der));
      } catch (error) {
        if (!(error instanceof DerError)) throw error;
        unreadable.push(error.message);
      }
    }
  }
  return { opened, unreadable };
}

function crlBlocks(file: Uint8Array, unreadable: string[]): Uint8Array[] {
  const content = identify(file);
  const blocks = content.blocks.filter(({ kind }) => kind === 'crl');
  if (blocks.length === 0) unreadable.push(`a file given as CRL is ${content.description}`);
  return blocks.map(({ der }) => der);
}
