import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { Finding } from '../../../core/base/finding.ts';
import type { Crypto } from '../../../core/base/ports.ts';
import { toPem } from '../../encode/der.ts';
import { makeFolder, PRIVATE, removeTemporaryFiles, replaceFile, writeNew } from '../durable-files.ts';
import { keyToPem, type KeySize, newKey } from '../key.ts';
import { newPassphrase } from '../passphrase.ts';
import { newRequest } from '../request.ts';
import { checkRequest } from '../request-check.ts';
import {
  type AppliancePaths,
  type PackPlan,
  pathsOf,
  type PassphraseMode,
  PLAN,
  readPlan,
  REQUESTS,
} from './layout.ts';
import { PackError } from './pack-error.ts';
import type { SiteAppliance } from './site.ts';

export interface MakeOptions {
  readonly bits: KeySize;
  readonly passphrases: PassphraseMode;
  /** With `one`. */
  readonly passphrase?: string | undefined;
  readonly crypto: Crypto;
  readonly now: Date;
  /** Told after each appliance. */
  readonly progress?: (done: number) => void;
}

export interface Made {
  readonly keys: number;
  readonly requests: number;
  /** Appliances that an earlier run made, and the site no longer names; their files stay. */
  readonly dropped: readonly string[];
}

/** What speaks against a request before it is made. */
export interface Objection {
  readonly name: string;
  readonly findings: readonly Finding[];
}

/**
 * Judges all requests of a site before any key is made: a name that no certificate can have is better known now than
 * when the CA has signed 200. A throw-away key stands in, of the kind that is made and signs quickest; the keys
 * themselves will comply.
 */
export async function judgeSite(site: readonly SiteAppliance[], options: MakeOptions): Promise<Objection[]> {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const objections: Objection[] = [];
  let done = 0;
  for (const appliance of site) {
    const { name, role } = appliance;
    const csr = newRequest(appliance, privateKey);
    const { findings } = await checkRequest(name, { csr }, { at: options.now, role }, options.crypto);
    const bad = findings.filter(
      ({ rule, status }) => rule !== 'crt-public-key' && (status === 'refused' || status === 'unsupported'),
    );
    if (bad.length > 0) objections.push({ name, findings: bad });
    options.progress?.(++done);
  }
  return objections;
}

/**
 * Makes what is missing of a pack: keys first, then the requests. What is there stays: a key is never made twice, and
 * after a kill at any moment the next run goes on where this one was. The caller holds the lock of the folder.
 * @throws {PackError} where a key that is there cannot be opened, or the pack was begun differently
 */
export async function makePack(folder: string, site: readonly SiteAppliance[], options: MakeOptions): Promise<Made> {
  const { bits, passphrases } = options;
  const plan: PackPlan = { version: 1, bits, passphrases, appliances: site };
  const dropped = keepPlan(folder, plan);
  makeFolder(join(folder, REQUESTS));
  removeTemporaryFiles(join(folder, REQUESTS));
  const made = { keys: 0, requests: 0 };
  let done = 0;
  const waiting = [...site];
  const worker = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const { newKeys, newRequests } = await makeAppliance(folder, next, options);
      made.keys += newKeys;
      made.requests += newRequests;
      options.progress?.(++done);
    }
  };
  // Keys are made on the thread pool of the system library, off the event loop.
  const workers = Array.from({ length: Math.min(availableParallelism(), 4) }, () =>
    worker().catch((error: unknown) => {
      // The others finish what they are at, under the lock, and begin nothing more.
      waiting.length = 0;
      throw error;
    }),
  );
  const failed = (await Promise.allSettled(workers)).find((end) => end.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
  return { ...made, dropped };
}

/** Gives the names of appliances that are no longer in it. */
function keepPlan(folder: string, plan: PackPlan): string[] {
  removeTemporaryFiles(folder);
  const before = existsSync(join(folder, PLAN)) ? readPlan(folder) : undefined;
  if (before !== undefined) {
    if (before.passphrases !== plan.passphrases) {
      throw new PackError(
        `${folder} was begun with ${MODES[before.passphrases]}, and not with ${MODES[plan.passphrases]}. Keep to it.`,
      );
    }
    // Half of the keys of either size is what nobody wants who goes on after a kill and forgets the option.
    if (before.bits !== plan.bits) {
      throw new PackError(`${folder} was begun with --bits ${before.bits}, and not with ${plan.bits}. Keep to it.`);
    }
  }
  replaceFile(join(folder, PLAN), `${JSON.stringify(plan, null, 2)}\n`);
  const names = new Set(plan.appliances.map(({ name }) => name));
  return (before?.appliances ?? []).map(({ name }) => name).filter((name) => !names.has(name));
}

const MODES: Readonly<Record<PassphraseMode, string>> = {
  each: 'a passphrase for each appliance',
  one: 'one passphrase for all (--passphrase-file)',
  none: 'unencrypted keys (--no-passphrase)',
};

async function makeAppliance(
  folder: string,
  appliance: SiteAppliance,
  options: MakeOptions,
): Promise<{ newKeys: number; newRequests: number }> {
  const paths = pathsOf(appliance.name);
  const path = (which: keyof AppliancePaths): string => join(folder, paths[which]);
  makeFolder(path('folder'));
  removeTemporaryFiles(path('folder'));
  const passphrase = passphraseFor(path('key'), path('passphrase'), options);
  let newKeys = 0;
  if (!existsSync(path('key'))) {
    const pem = keyToPem((await newKey(options.bits)).privateKey, passphrase);
    newKeys = writeNew(path('key'), pem, PRIVATE) ? 1 : 0;
  }
  const privateKey = openKey(path('key'), passphrase);
  // The same key and the same wishes give the same bytes: another request means that the site file has changed.
  const csr = Buffer.from(toPem('CERTIFICATE REQUEST', newRequest(appliance, privateKey)));
  if (existsSync(path('csr')) && readFileSync(path('csr')).equals(csr)) return { newKeys, newRequests: 0 };
  replaceFile(path('csr'), csr);
  return { newKeys, newRequests: 1 };
}

/** On the disk before the key that it opens; never a new one for a key that is there. */
function passphraseFor(key: string, path: string, { passphrases, passphrase }: MakeOptions): string | undefined {
  if (passphrases !== 'each') return passphrases === 'one' ? passphrase : undefined;
  if (!existsSync(path)) {
    if (existsSync(key)) {
      throw new PackError(
        `${key} is there, and ${path}, which opens it, is not. Put that file back, or move the key away and run again.`,
      );
    }
    writeNew(path, `${newPassphrase()}\n`, PRIVATE);
  }
  return readFileSync(path, 'utf8').replace(/\r?\n$/, '');
}

function openKey(path: string, passphrase: string | undefined): KeyObject {
  try {
    return createPrivateKey({ key: readFileSync(path), ...(passphrase !== undefined && { passphrase }) });
  } catch {
    throw new PackError(
      `${path} is there and cannot be opened with its passphrase. It was left alone: put it right, or move it away and run again.`,
    );
  }
}
