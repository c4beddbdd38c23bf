import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { shellWord } from '../../../core/base/shell-word.ts';
import { PackError } from './pack-error.ts';
import { isApplianceName, type SiteAppliance } from './site.ts';

/** How the keys of a pack are protected: a passphrase each, one for all that the user keeps, or none. */
export type PassphraseMode = 'each' | 'one' | 'none';

/** What was decided when the pack was made; the rest is read from the disk each time. */
export interface PackPlan {
  readonly version: 1;
  readonly bits: 2048 | 4096;
  readonly passphrases: PassphraseMode;
  readonly appliances: readonly SiteAppliance[];
}

/** Where the files of one appliance lie, relative to the pack. */
export interface AppliancePaths {
  readonly folder: string;
  readonly key: string;
  readonly passphrase: string;
  readonly crt: string;
  readonly chain: string;
  readonly csr: string;
  /** A certificate that came back and must not be uploaded. */
  readonly refused: string;
}

export const PLAN = 'pack.json';
export const MANIFEST = 'manifest.json';
export const WORK_ORDER = { html: 'work-order.html', csv: 'work-order.csv' } as const;
/** Where replies are looked for unless other places are named. */
export const REPLIES = 'replies';
export const REQUESTS = 'requests';

export function pathsOf(name: string): AppliancePaths {
  const folder = join('appliances', name);
  const at = (ending: string): string => join(folder, `${name}.${ending}`);
  return {
    folder,
    key: at('key'),
    passphrase: at('passphrase.txt'),
    crt: at('crt'),
    chain: at('pem'),
    csr: join(REQUESTS, `${name}.csr`),
    refused: join('refused', `${name}.crt`),
  };
}

/** @throws {PackError} where there is no pack */
export function readPlan(folder: string): PackPlan {
  const path = join(folder, PLAN);
  if (!existsSync(path)) {
    throw new PackError(`There is no pack in ${folder}. Make one: certgate pack new site.csv ${shellWord(folder)}`);
  }
  let plan: unknown;
  try {
    plan = JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    // Said below.
  }
  if (isPlan(plan)) return plan;
  throw new PackError(
    `${path} is damaged. Move it away and run certgate pack new again with the same site file and options: no key is made twice.`,
  );
}

/** A pack may come from elsewhere: its names must not lead out of its folder. */
function isPlan(value: unknown): value is PackPlan {
  const plan = value as Partial<PackPlan> | null | undefined;
  return (
    plan?.version === 1 &&
    (plan.bits === 2048 || plan.bits === 4096) &&
    ['each', 'one', 'none'].includes(plan.passphrases ?? '') &&
    Array.isArray(plan.appliances) &&
    plan.appliances.every((one: Partial<SiteAppliance> | null) => {
      return typeof one?.name === 'string' && isApplianceName(one.name) && typeof one.subject?.commonName === 'string';
    })
  );
}
