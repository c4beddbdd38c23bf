import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PackError } from './pack-error.ts';
import type { SiteAppliance } from './site.ts';

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
    throw new PackError(`There is no pack in ${folder}. Make one: certgate pack new site.csv ${folder}`);
  }
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as PackPlan;
  } catch {
    throw new PackError(
      `${path} is damaged. Run certgate pack new again with the same site file: no key is made twice.`,
    );
  }
}
