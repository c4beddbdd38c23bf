import type { Report } from '../core/base/finding.ts';
import { APPLIANCE_SAYS } from '../core/base/finding.ts';
import { type BundleChecker, createBundleChecker } from '../core/check/check-bundle.ts';
import { CheckOptionsError, type CheckOptions } from '../core/check/options.ts';
import { identify } from '../core/files/identify.ts';
import { type FleetClaims, RunFleet } from '../core/check/run-fleet.ts';
import type { Fleet } from '../core/requirements/rule.ts';
import { ProfileError } from '../core/requirements/profile.ts';
import type { BundleSettings, BundleTask } from '../platform/bulk/protocol.ts';
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

/** One bundle, under the name that its report will carry. */
export interface NamedFiles extends OpenedFiles {
  readonly name: string;
}

export interface Judge {
  one(files: NamedFiles): Promise<Report>;
  /**
   * The reports on many bundles, in their order, on all cores where that is quicker.
   * @param claims what they claim, to hold each against the others
   */
  many(files: AsyncIterable<NamedFiles>, count: number, claims?: FleetClaims): AsyncIterable<Report>;
}

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
  const check = prepare(shared);
  const judgeOne = async ({ name, crt, key, chain }: NamedFiles, fleet?: Fleet): Promise<Report> =>
    crt === undefined ? withoutCertificate(name, at) : check({ crt, key, chain, passphrase }, name, fleet);
  return {
    one: (files) => judgeOne(files),
    async *many(files, count, claims) {
      // What fetches must ask each server once for all bundles: it stays on this thread.
      if (crlSource !== undefined || count === 1) {
        const fleet = claims && new RunFleet(nodeCrypto, claims);
        for await (const one of files) yield judgeOne(one, fleet?.without(one.name));
        return;
      }
      const { crlSource: _, ...options } = shared;
      yield* manyOnAllCores(files, count, { options, passphrase, claims }, at);
    },
  };
}

async function* manyOnAllCores(
  files: AsyncIterable<NamedFiles>,
  count: number,
  settings: BundleSettings,
  at: Date,
): AsyncGenerator<Report> {
  const { judgeBundles } = await import('../platform/bulk/judge-bundles.ts');
  // Bundles without a certificate are no work for anybody; each stands before that one of the others.
  const before: Report[][] = [[]];
  async function* tasks(): AsyncGenerator<BundleTask> {
    for await (const { name, crt, key, chain } of files) {
      if (crt === undefined) before.at(-1)!.push(withoutCertificate(name, at));
      else {
        before.push([]);
        yield { name, crt, key, chain };
      }
    }
  }
  for await (const report of judgeBundles({ tasks: tasks(), count, settings })) {
    yield* before.shift()!;
    yield report;
  }
  for (const rest of before) yield* rest;
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
