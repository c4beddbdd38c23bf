import { checkOpened } from '../../../src/core/check/check-bundle.ts';
import { type CheckOptions, CheckOptionsError } from '../../../src/core/check/options.ts';
import { openBundle, wipeBundle } from '../../../src/core/files/open-bundle.ts';
import { identify } from '../../../src/core/files/identify.ts';
import { ProfileError } from '../../../src/core/requirements/profile.ts';
import type { Fleet } from '../../../src/core/requirements/rule.ts';
import { type OpenCrl, openCrl } from '../../../src/core/revocation/open-crl.ts';
import { Certificate } from '../../../src/core/x509/certificate.ts';
import { chainOf } from './chain-of.ts';
import { deliveredCrls } from './delivered-crls.ts';
import { evidenceOf } from './evidence.ts';
import { pageCrypto } from './page-crypto.ts';
import { recogniseFiles } from './recognise.ts';
import type {
  CheckAnswer,
  FleetFacts,
  NamedFile,
  SentFile,
  Shipped,
  ShippedCrls,
  WorkerAnswer,
  WorkerRequest,
} from './request.ts';

/** The engine in a thread of its own: the page stays fluent, and what takes too long can be ended. */

/** Large files came once; by their number. */
const shipped = new Map<number, Uint8Array>();
const opened = new WeakMap<Uint8Array, OpenCrl>();

addEventListener('message', ({ data }: MessageEvent<WorkerRequest>) => void answer(data));

async function answer(request: WorkerRequest): Promise<void> {
  const { id } = request;
  try {
    const said: WorkerAnswer =
      request.kind === 'recognise'
        ? { id, kind: 'recognise', answer: recogniseFiles(request.files.map(unpacked)) }
        : { id, kind: 'check', answer: await check(request) };
    postMessage(said);
  } catch (error) {
    postMessage({ id, kind: 'failed', ...failureOf(error) } satisfies WorkerAnswer);
  }
}

function failureOf(error: unknown): { code: 'option' | 'broken'; message: string } {
  if (error instanceof CheckOptionsError || error instanceof ProfileError)
    return { code: 'option', message: error.message };
  return {
    code: 'broken',
    message: `Certgate itself failed while it checked this (${error instanceof Error ? error.message : String(error)}). That says nothing about your certificate.`,
  };
}

async function check(request: WorkerRequest & { kind: 'check' }): Promise<CheckAnswer> {
  const started = performance.now();
  const recognised = recogniseFiles(request.files.map(unpacked));
  const { crt, key, chain } = recognised.bundle;
  const since = (): number => Math.round(performance.now() - started);
  if (crt === undefined) {
    return { recognised, report: undefined, evidence: [], chain: undefined, milliseconds: since() };
  }
  const { passphrase, circumstances } = request;
  const bundle = await openBundle({ crt, key, chain, passphrase }, pageCrypto);
  try {
    const options = optionsOf(request, recognised.crls);
    const report = await checkOpened(bundle, options, pageCrypto);
    const picture = chainOf({
      bundle,
      report,
      circumstances: {
        at: Math.floor(Date.parse(circumstances.at) / 1000),
        crypto: pageCrypto,
        ...(options.trust !== undefined && { trust: options.trust.flatMap(certificatesOf) }),
      },
    });
    const evidence = report.findings.map((finding) => evidenceOf(finding, bundle, recognised.bundle));
    return { recognised, report, evidence, chain: picture, milliseconds: since() };
  } finally {
    wipeBundle(bundle);
  }
}

function optionsOf(
  { circumstances, crls, serverCrls }: WorkerRequest & { kind: 'check' },
  dropped: readonly Uint8Array[],
): CheckOptions & { at: string } {
  const { fleet, ...rest } = circumstances;
  const given = [...(crls ?? []).map(received), ...(circumstances.crl === 'off' ? [] : dropped)];
  return {
    ...rest,
    ...(fleet !== undefined && { fleet: fleetOf(fleet) }),
    ...(crls !== undefined || given.length > 0 ? { crls: given } : serverCrls === undefined ? {} : asked(serverCrls)),
  };
}

/** CRLs that the server had, or fetched, for this bundle's certificates. */
function asked({ held, replies, at }: ShippedCrls): Pick<CheckOptions, 'heldCrls' | 'crlSource'> {
  const delivered = replies.map(({ url, from, failure, crl }) => ({
    url,
    from,
    failure,
    crl: crl && openedOnce(received(crl)),
  }));
  return { heldCrls: held.map((one) => openedOnce(received(one))), crlSource: deliveredCrls(delivered, at) };
}

function openedOnce(bytes: Uint8Array): OpenCrl {
  let crl = opened.get(bytes);
  if (crl === undefined) opened.set(bytes, (crl = openCrl(bytes)));
  return crl;
}

function unpacked(file: SentFile): NamedFile {
  if ('bytes' in file) return file;
  const { shipped, ...rest } = file;
  return { ...rest, bytes: received(shipped) };
}

function received({ ref, bytes }: Shipped): Uint8Array {
  if (bytes !== undefined) shipped.set(ref, bytes);
  return shipped.get(ref)!;
}

// The rules ask only about the one certificate that these facts were fetched for.
const fleetOf = ({ commonName, certificate, key }: FleetFacts): Fleet => ({
  withCommonName: () => commonName,
  withCertificate: () => certificate,
  withKey: () => key,
});

/** As the check itself read them, so none of them throws. */
const certificatesOf = (file: Uint8Array): Certificate[] =>
  identify(file).blocks.flatMap(({ kind, der }) => (kind.endsWith('certificate') ? [Certificate.parse(der)] : []));
