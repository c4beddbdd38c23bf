import type { Report, Trust } from '../base/finding.ts';
import type { Crypto } from '../base/ports.ts';
import type { OpenedBundle } from '../files/bundle.ts';
import { type BundleFiles, openBundle, wipeBundle } from '../files/open-bundle.ts';
import type { Fleet } from '../requirements/rule.ts';
import { run } from '../requirements/run.ts';
import { type CheckOptions, prepare, type Prepared } from './options.ts';
import { makeReport } from './report.ts';
import { isRoot, pathFacts } from './path-facts.ts';
import { revocationFacts } from './revocation-facts.ts';

/** Judges bundles with options that were prepared once; `fleet` takes the place of that of the options. */
export type BundleChecker = (files: BundleFiles, name?: string, fleet?: Fleet) => Promise<Report>;

/**
 * Prepares the options for any number of bundles.
 * @throws {CheckOptionsError | ProfileError}
 */
export function createBundleChecker(
  options: CheckOptions & { readonly at: Date | string },
  crypto: Crypto,
): BundleChecker {
  const prepared = prepare(options, crypto);
  return async (files, name = options.name ?? 'bundle', fleet) => {
    const bundle = await openBundle(files, crypto);
    const among = fleet === undefined ? prepared : { ...prepared, circumstances: { ...prepared.circumstances, fleet } };
    try {
      return judge(bundle, await withRevocation(bundle, among), name);
    } finally {
      wipeBundle(bundle);
    }
  };
}

/**
 * Judges a bundle that is open already, and leaves it open: its key is not decrypted twice.
 * @throws {CheckOptionsError | ProfileError}
 */
export async function checkOpened(
  bundle: OpenedBundle,
  options: CheckOptions & { readonly at: Date | string },
  crypto: Crypto,
): Promise<Report> {
  const prepared = prepare(options, crypto);
  return judge(bundle, await withRevocation(bundle, prepared), options.name ?? 'bundle');
}

/** The same options, with what CRLs say about this bundle's certificates. */
async function withRevocation(bundle: OpenedBundle, prepared: Prepared): Promise<Prepared> {
  const revocation = await revocationFacts(bundle, prepared);
  return revocation === undefined
    ? prepared
    : { ...prepared, circumstances: { ...prepared.circumstances, revocation } };
}

function judge(bundle: OpenedBundle, prepared: Prepared, name: string): Report {
  const { profile, circumstances, findings } = prepared;
  const { leaf } = bundle.crt;
  const path = pathFacts(bundle, circumstances);
  const judged = {
    certificate: leaf?.certificate,
    error: leaf?.error,
    block: leaf?.block.index,
    bundle,
    circumstances: path === undefined ? circumstances : { ...circumstances, path },
  };
  return makeReport(name, prepared, trustOf(bundle, prepared), run(profile, judged, findings));
}

/** What a path could end in: configured anchors, or a root that the chain itself brings, as on the appliance. */
function trustOf({ chain }: OpenedBundle, { circumstances }: Prepared): Trust {
  if (circumstances.trust !== undefined) return 'anchors';
  const root = chain?.certificates.some(({ certificate }) => certificate !== undefined && isRoot(certificate));
  return root === true ? 'own-chain' : 'none';
}
