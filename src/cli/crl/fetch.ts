import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CrlFailure, CrlReply } from '../../core/base/ports.ts';
import { formatTime } from '../../core/der/time.ts';
import { numberOf } from '../../core/revocation/crl-facts.ts';
import { gatherCrls } from '../../core/revocation/gather.ts';
import { judgeCrl } from '../../core/revocation/judge-crl.ts';
import type { OpenCrl } from '../../core/revocation/open-crl.ts';
import type { Certificate } from '../../core/x509/certificate.ts';
import { nodeCrypto } from '../../platform/crypto/node-crypto.ts';
import type { CrlFetcher } from '../../platform/fetch/crl-fetcher.ts';
import { createCrlSource } from '../crl-source.ts';
import { EXIT, type ExitCode, systemReason, UsageError } from '../failure.ts';
import { note, print, styleOf } from '../output.ts';
import { safeJson, visible, wrap } from '../render/text.ts';
import { readCertificates } from './crl-file.ts';

export interface FetchFlags {
  readonly out: string;
  readonly issuer?: readonly string[];
  readonly proxy?: string;
  readonly crlProxy?: string;
  readonly reset?: true;
  readonly format: 'pretty' | 'json';
}

/** One URL, or one distribution point with all its URLs. */
interface Outcome {
  readonly url: string;
  readonly crl: OpenCrl | undefined;
  readonly from: CrlReply<OpenCrl>['from'];
  readonly failures: readonly CrlFailure[];
  file?: string;
}

/** Fetches into a folder. Ends with 1 where one of the CRLs could not be had. */
export async function fetchCrls(what: readonly string[], flags: FetchFlags): Promise<ExitCode> {
  const isUrl = (text: string): boolean => /^[a-z][a-z0-9+.-]*:\/\//i.test(text);
  const urls = what.filter(isUrl);
  const named = await Promise.all(what.filter((text) => !isUrl(text)).map((path) => readCertificates('FILE', path)));
  const issuers = await Promise.all((flags.issuer ?? []).map((path) => readCertificates('--issuer', path)));
  const certificates = named.flat();
  const known = [...certificates, ...issuers.flat()];
  const verifiable =
    (urls.length === 0 || issuers.length > 0) &&
    certificates.every(({ issuer }) => known.some(({ subject }) => subject.equals(issuer)));
  const signers = verifiable ? known : [];
  const outcomes = await withSource(flags, signers, async (source) => [
    ...(await ofCertificates(source, certificates, signers)),
    ...(await Promise.all(urls.map((url) => ofUrl(source, url, signers)))),
  ]);
  if (outcomes.length === 0) {
    throw new UsageError(`none of the certificates in ${what.join(', ')} names a URL of a CRL; give the URL itself.`);
  }
  await save(outcomes, flags.out);
  if (flags.format === 'json') print(`${safeJson(outcomes.map(toJson), 2)}\n`);
  else printPretty(outcomes, verifiable);
  return outcomes.every(({ crl }) => crl !== undefined) ? EXIT.ok : EXIT.refused;
}

/** What nobody can verify is not kept beyond this run: a forged CRL must not raise what counts as the newest. */
async function withSource(
  { proxy, crlProxy, reset }: FetchFlags,
  signers: readonly Certificate[],
  use: (source: CrlFetcher) => Promise<Outcome[]>,
): Promise<Outcome[]> {
  const temporary = signers.length > 0 ? undefined : await mkdtemp(join(tmpdir(), 'certgate-crl-'));
  try {
    const source = createCrlSource(crlProxy ?? proxy, temporary);
    if (reset === true) {
      if (temporary !== undefined)
        throw new UsageError('--reset needs the certificate of the CA that is to be forgotten: --issuer FILE.');
      for (const { subject } of signers) {
        const count = await source.cache.reset(subject);
        if (count > 0) note(`forgotten how new the CRLs of "${subject}" were.`);
      }
    }
    return await use(source);
  } finally {
    if (temporary !== undefined) await rm(temporary, { recursive: true, force: true });
  }
}

const now = (): number => Math.floor(Date.now() / 1000);

async function ofCertificates(
  source: CrlFetcher,
  certificates: readonly Certificate[],
  signers: readonly Certificate[],
): Promise<Outcome[]> {
  const request = { certificates, signers, anchored: false, want: 'newest', at: now(), crypto: nodeCrypto } as const;
  const deliveries = await gatherCrls(source, request);
  const seen = new Set<string>();
  return deliveries
    .flatMap((delivery) => (delivery.delta === undefined ? [delivery] : [delivery, delivery.delta]))
    .flatMap(({ url, urls, crl, from, failures }) => {
      const asked = url ?? urls[0]!;
      if (seen.has(asked)) return [];
      seen.add(asked);
      return [{ url: asked, crl, from, failures }];
    });
}

async function ofUrl(source: CrlFetcher, url: string, signers: readonly Certificate[]): Promise<Outcome> {
  const issuers = signers.map(({ subject }) => subject);
  const reply = await source.fetch({
    url,
    anchored: false,
    want: 'newest',
    judge: (crl) => judgeCrl(crl, { issuers, signers, at: now(), crypto: nodeCrypto }),
  });
  const { crl, from, failure } = reply;
  return { url, crl, from, failures: failure === undefined ? [] : [failure] };
}

async function save(outcomes: readonly Outcome[], folder: string): Promise<void> {
  const taken = new Set<string>();
  try {
    await mkdir(folder, { recursive: true });
    for (const outcome of outcomes) {
      if (outcome.crl === undefined) continue;
      const path = join(folder, fileName(outcome.url, taken));
      // Beside and renamed: whoever reads the folder meanwhile sees the old one or the new one, whole.
      await writeFile(`${path}.part`, outcome.crl.list.der);
      await rename(`${path}.part`, path);
      outcome.file = path;
    }
  } catch (error) {
    throw new UsageError(`--out ${folder} cannot be written: ${systemReason(error)}.`);
  }
}

/** The last part of the URL's path, fit for a file; always with `.crl`, so that nothing else is ever overwritten. */
function fileName(url: string, taken: Set<string>): string {
  const last = new URL(url).pathname.split('/').at(-1) ?? '';
  const plain = last
    .replaceAll('%20', '-')
    .replace(/\.(?:crl|der|pem)$/i, '')
    .replaceAll(/[^\w.+-]/g, '_')
    .slice(0, 80);
  const base = plain.replace(/^\.+/, '') || new URL(url).hostname;
  for (let i = 1; ; i++) {
    const name = `${base}${i > 1 ? `-${i}` : ''}.crl`;
    if (!taken.has(name.toLowerCase())) {
      taken.add(name.toLowerCase());
      return name;
    }
  }
}

const toJson = ({ url, crl, from, failures, file }: Outcome) => ({
  url,
  file: file ?? null,
  from: from ?? null,
  issuer: crl?.issuer.toString() ?? null,
  crlNumber: (crl && numberOf(crl)?.toString()) ?? null,
  thisUpdate: crl === undefined ? null : formatTime(crl.list.thisUpdate.seconds),
  nextUpdate: crl?.list.nextUpdate === undefined ? null : formatTime(crl.list.nextUpdate.seconds),
  entries: crl?.entries.count ?? null,
  failures,
});

function printPretty(outcomes: readonly Outcome[], verified: boolean): void {
  const style = styleOf(process.stdout);
  const indented = (text: string): void => {
    for (const line of wrap(visible(text), style.columns - 4)) print(`    ${line}\n`);
  };
  for (const { url, crl, from, failures, file } of outcomes) {
    const held = from === 'held';
    const sign =
      crl === undefined
        ? style.paint('red', style.sign.bad)
        : style.paint(held ? 'yellow' : 'green', held ? style.sign.warning : style.sign.ok);
    print(`${sign} ${visible(failures[0]?.url ?? url)}\n`);
    for (const { message, fix, code } of failures) {
      indented(`${message} (${code})`);
      indented(`→ ${fix}`);
    }
    if (crl === undefined) continue;
    if (held) indented('The one fetched earlier is still current and was taken instead.');
    if (from === 'unchanged') indented('There is none newer than the one fetched earlier.');
    const { nextUpdate } = crl.list;
    indented(
      `${file}: CRL${numberOf(crl) === undefined ? '' : ` number ${numberOf(crl)}`} of "${crl.issuer}", ${crl.entries.count} entries, ` +
        (nextUpdate === undefined ? 'no next update' : `next update ${formatTime(nextUpdate.seconds)}`),
    );
  }
  if (!verified) note('the signatures were not verified: give the certificates of the CAs with --issuer FILE.');
}
