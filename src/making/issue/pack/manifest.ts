import { join } from 'node:path';
import { replaceFile } from '../durable-files.ts';
import type { ApplianceState } from './assemble.ts';
import { csvRow } from './csv.ts';
import { MANIFEST, type PackPlan, WORK_ORDER } from './layout.ts';
import { workOrderHtml } from './work-order.ts';

/** One line of the manifest: what is on the disk, derived anew each time. */
export interface ManifestEntry {
  readonly name: string;
  readonly hostname: string;
  readonly role: 'sensor' | 'ha';
  readonly site: string;
  readonly state: ApplianceState['state'];
  readonly publicKeySha256: string | null;
  readonly request: string;
  readonly key: string;
  readonly certificate: string | null;
  readonly chain: string | null;
  readonly passphraseFile: string | null;
  readonly notAfter: string | null;
  /** The rules that speak against it, the first one leading. */
  readonly rules: readonly string[];
}

export function manifestOf(plan: PackPlan, states: readonly ApplianceState[]): ManifestEntry[] {
  return states.map(({ appliance, paths, state, publicKey, report, notAfter, hasChain }) => {
    const complete = state === 'ready' || state === 'unsupported';
    return {
      name: appliance.name,
      hostname: appliance.subject.commonName,
      role: appliance.role,
      site: appliance.site,
      state,
      publicKeySha256: publicKey ?? null,
      request: paths.csr,
      key: paths.key,
      certificate: complete ? paths.crt : null,
      chain: complete && hasChain ? paths.chain : null,
      passphraseFile: plan.passphrases === 'each' ? paths.passphrase : null,
      notAfter: notAfter?.toISOString() ?? null,
      rules: problemsOf(report).map(({ rule }) => rule),
    };
  });
}

export const problemsOf = (report: ApplianceState['report']) =>
  (report?.findings ?? []).filter(({ status }) => ['refused', 'checker-failed', 'unsupported'].includes(status));

/** Writes manifest and work order anew. */
export function writeManifest(folder: string, plan: PackPlan, states: readonly ApplianceState[], now: Date): void {
  const entries = manifestOf(plan, states);
  const manifest = { version: 1, at: now.toISOString(), bits: plan.bits, appliances: entries };
  replaceFile(join(folder, MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`);
  replaceFile(join(folder, WORK_ORDER.csv), `\uFEFF${workOrderCsv(entries)}`);
  replaceFile(join(folder, WORK_ORDER.html), workOrderHtml(plan, entries, now));
}

function workOrderCsv(entries: readonly ManifestEntry[]): string {
  const columns = Object.keys(COLUMNS) as (keyof typeof COLUMNS)[];
  const rows = entries.map((entry) => csvRow(columns.map((column) => COLUMNS[column](entry) ?? '')));
  return csvRow(columns) + rows.join('');
}

const COLUMNS = {
  name: (entry: ManifestEntry) => entry.name,
  'host name': (entry: ManifestEntry) => entry.hostname,
  role: (entry: ManifestEntry) => entry.role,
  site: (entry: ManifestEntry) => entry.site,
  state: (entry: ManifestEntry) => entry.state,
  request: (entry: ManifestEntry) => entry.request,
  'certificate (CRT)': (entry: ManifestEntry) => entry.certificate,
  'private key (KEY)': (entry: ManifestEntry) => entry.key,
  'chain (PEM)': (entry: ManifestEntry) => entry.chain,
  'passphrase in': (entry: ManifestEntry) => entry.passphraseFile,
  'valid until': (entry: ManifestEntry) => entry.notAfter?.slice(0, 10) ?? null,
  'public key SHA-256': (entry: ManifestEntry) => entry.publicKeySha256,
  'what is wrong': (entry: ManifestEntry) => entry.rules.join(' '),
};
