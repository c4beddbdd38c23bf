import type { Report } from '../core/base/finding.ts';
import { APPLIANCE_SAYS } from '../core/base/finding.ts';
import { type BundleChecker, createBundleChecker } from '../core/check/check-bundle.ts';
import { CheckOptionsError, type CheckOptions } from '../core/check/options.ts';
import { identify } from '../core/files/identify.ts';
import type { Fleet } from '../core/requirements/rule.ts';
import { ProfileError } from '../core/requirements/profile.ts';
import { nodeCrypto } from '../platform/crypto/node-crypto.ts';
import { UsageError } from './failure.ts';

export interface NamedBytes {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** What the command line asks of every bundle. */
export interface JudgeOptions {
  readonly at: Date;
  readonly passphrase?: Uint8Array;
  /** The id of a shipped profile, or the path of a YAML file. */
  readonly profile?: string;
  readonly hostname?: string;
  readonly role?: 'sensor' | 'ha';
  readonly trust?: readonly NamedBytes[];
  readonly crl?: 'on' | 'off';
  /** CRLs to ask; without them, and with `crl` on, those that the certificates name are fetched. */
  readonly crls?: readonly Uint8Array[];
  readonly crlProxy?: string;
}

/** The bytes of one bundle's files. */
export interface OpenedFiles {
  readonly crt: Uint8Array | undefined;
  readonly key: Uint8Array | undefined;
  readonly chain: Uint8Array | undefined;
}

/** Judges one bundle under the name that its report will carry, beside the other bundles of the run. */
export type Judge = (name: string, files: OpenedFiles, fleet?: Fleet) => Promise<Report>;

/** Makes everything ready that all bundles share. @throws {UsageError} for an option that makes no sense */
export async function createJudge(options: JudgeOptions): Promise<Judge> {
  const { passphrase, profile, trust, at, hostname, role, crl, crls, crlProxy } = options;
  // Loaded only when needed; a wrong proxy is said in any case.
  const fetches = crlProxy !== undefined || (crl === 'on' && crls === undefined);
  const crlSource = fetches ? (await import('./crl-source.ts')).createCrlSource(crlProxy) : undefined;
  const anchors = trust === undefined ? undefined : certificatesOnly(trust);
  const shared = {
    at,
    ...(profile !== undefined && { profile: await (await import('./profile-file.ts')).findProfile(profile) }),
    ...(hostname !== undefined && { hostname }),
    ...(role !== undefined && { role }),
    ...(anchors !== undefined && { trust: anchors }),
    ...(crl !== undefined && { crl }),
    ...(crls !== undefined && { crls }),
    ...(crlSource !== undefined && { crlSource }),
  };
  // Made once for all, and before the first bundle, so that a wrong option is said before any report.
  const alone = prepare(shared);
  return async (name, { crt, key, chain }, fleet) => {
    if (crt === undefined) return withoutCertificate(name, at);
    const judge = fleet === undefined ? alone : prepare({ ...shared, fleet });
    return judge({ crt, key, chain, passphrase }, name);
  };
}

function prepare(options: CheckOptions & { readonly at: Date }): BundleChecker {
  try {
    return createBundleChecker(options, nodeCrypto);
  } catch (error) {
    if (error instanceof CheckOptionsError || error instanceof ProfileError) throw new UsageError(error.message);
    throw error;
  }
}

/** Files of a trust folder that hold no certificate are passed over; a folder or file without any is a mistake. */
function certificatesOnly(files: readonly NamedBytes[]): Uint8Array[] {
  const holding = files.filter(({ bytes }) =>
    identify(bytes).blocks.some(({ kind }) => kind === 'certificate' || kind === 'trusted-certificate'),
  );
  if (holding.length > 0) return holding.map(({ bytes }) => bytes);
  const first = files[0];
  const what = first === undefined ? 'the folder is empty' : `${first.path} is ${identify(first.bytes).description}`;
  throw new UsageError(`--trust holds no certificate (${what}). Give root certificates in PEM or DER.`);
}

/** A key on its own is no bundle, and passing it over in silence would be worse than refusing it. */
function withoutCertificate(name: string, at: Date): Report {
  return {
    bundle: name,
    profile: 'defender-iot',
    at: at.toISOString().replace(/\.\d+Z$/, 'Z'),
    trust: 'none',
    verdict: 'refused',
    complete: true,
    notChecked: [],
    findings: [
      {
        rule: 'crt-file',
        status: 'refused',
        location: { file: 'crt' },
        found: 'no certificate file',
        required: 'one .crt file that holds the certificate',
        message: `Only the key ${name} was given, and no certificate that goes with it.`,
        fix: 'Name the certificate, too: certgate check --crt FILE --key FILE. In a folder, give both files the same base name.',
        applianceSays: APPLIANCE_SAYS[6],
        source: {
          document: 'Microsoft Defender for IoT: SSL/TLS certificate requirements for on-premises resources',
          section: 'Supported file types',
        },
      },
    ],
  };
}
