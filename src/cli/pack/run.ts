import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { shellWord } from '../../core/base/shell-word.ts';
import { makeFolder } from '../../making/issue/durable-files.ts';
import { FolderInUseError, FolderLock } from '../../making/issue/folder-lock.ts';
import type { KeySize } from '../../making/issue/key.ts';
import { assemble, type ApplianceState, type AssembleOptions, strangers } from '../../making/issue/pack/assemble.ts';
import { type PackPlan, type PassphraseMode, readPlan, REPLIES, WORK_ORDER } from '../../making/issue/pack/layout.ts';
import { judgeSite, makePack } from '../../making/issue/pack/make.ts';
import { manifestOf, writeManifest } from '../../making/issue/pack/manifest.ts';
import { PackError } from '../../making/issue/pack/pack-error.ts';
import { collectReplies } from '../../making/issue/pack/replies.ts';
import { readSite } from '../../making/issue/pack/site.ts';
import { nodeCrypto } from '../../platform/crypto/node-crypto.ts';
import { EXIT, type ExitCode, systemReason, UsageError } from '../failure.ts';
import { type PassphraseOptions, readOptionFile, readPassphrase, trustFiles } from '../inputs.ts';
import { choosePassphrase, type NewPassphraseFlags, showOnce } from '../new-passphrase.ts';
import { note, print, Progress, styleOf } from '../output.ts';
import { safeJson, visible } from '../render/text.ts';
import { cannotWrite } from '../written-files.ts';
import { renderMade, renderObjections, renderStates } from './render.ts';

interface FormatFlags {
  readonly format: 'pretty' | 'json';
}

export interface NewFlags extends NewPassphraseFlags, FormatFlags {
  readonly bits: KeySize;
}

export interface ImportFlags extends PassphraseOptions, FormatFlags {
  readonly trust?: readonly string[];
  readonly crl?: 'on' | 'off';
  readonly crlFile?: readonly string[];
  readonly allowUnsupported?: true;
}

/** `certgate pack new`. */
export async function runNew(sitePath: string, folder: string, flags: NewFlags): Promise<ExitCode> {
  const site = await ours(folder, async () => readSite(await readSiteFile(sitePath)));
  return ours(folder, async () => {
    const base = { bits: flags.bits, crypto: nodeCrypto, now: new Date() };
    const judged = new Progress(site.length, 'requests judged');
    const objections = await judgeSite(site, { ...base, passphrases: 'none', progress: (done) => judged.at(done) });
    judged.end();
    if (objections.length > 0) {
      if (flags.format === 'json') print(`${safeJson({ made: null, objections }, 2)}\n`);
      else print(renderObjections(styleOf(process.stdout), objections));
      note(
        `nothing was made: ${objections.length} of ${site.length} appliances in ${sitePath} could get no certificate.`,
      );
      return EXIT.refused;
    }
    return withPack(folder, async () => {
      const asked = flags.passphraseFile !== undefined || flags.passphraseEnv !== undefined;
      const passphrases: PassphraseMode = flags.passphrase === false ? 'none' : asked ? 'one' : 'each';
      const chosen = passphrases === 'one' ? await choosePassphrase(flags) : undefined;
      const progress = new Progress(site.length, 'keys');
      const made = await makePack(folder, site, {
        ...base,
        passphrases,
        passphrase: chosen?.passphrase,
        progress: (done) => progress.at(done),
      });
      progress.end();
      makeFolder(join(folder, REPLIES));
      const plan = readPlan(folder);
      const states = await assemble(folder, plan, [], {
        crypto: nodeCrypto,
        now: base.now,
        passphrase: chosen?.passphrase,
      });
      writeManifest(folder, plan, states, base.now);
      if (flags.format === 'json') print(`${safeJson({ made, appliances: manifestOf(plan, states) }, 2)}\n`);
      else print(renderMade(styleOf(process.stdout), folder, { ...made, appliances: site.length }));
      if (made.dropped.length > 0) note(leftOver(made.dropped, sitePath));
      if (chosen !== undefined) showOnce(chosen);
      return EXIT.ok;
    });
  });
}

function leftOver(names: readonly string[], sitePath: string): string {
  const some = names.slice(0, 8).join(', ') + (names.length > 8 ? ` and ${names.length - 8} more` : '');
  return `${sitePath} no longer names ${some}; their keys and requests were left where they are, and what the CA sends for them will not be taken in.`;
}

async function readSiteFile(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new UsageError(
      `${path} cannot be opened: ${systemReason(error)}. certgate pack template > site.csv makes an example.`,
    );
  }
}

/** `certgate pack import`. */
export async function runImport(folder: string, paths: readonly string[], flags: ImportFlags): Promise<ExitCode> {
  return ours(folder, async () => {
    const plan = readPlan(folder);
    const options = { ...(await assembleOptions(plan, flags)), check: await checkOptions(flags) };
    const collected = await collectReplies(paths.length > 0 ? paths : [defaultReplies(folder)]);
    return withPack(folder, async () => {
      const progress = new Progress(plan.appliances.length, 'appliances');
      const states = await assemble(folder, plan, collected.replies, {
        ...options,
        progress: (done) => progress.at(done),
      });
      progress.end();
      writeManifest(folder, plan, states, options.now);
      const unknown = strangers(folder, plan, collected.replies);
      return finishRun(folder, plan, { states, unknown, problems: collected.problems }, flags);
    });
  });
}

function defaultReplies(folder: string): string {
  const path = join(folder, REPLIES);
  if (existsSync(path)) return path;
  throw new UsageError(`name what the CA sent back: certgate pack import ${shellWord(folder)} FILE, FOLDER or ZIP.`);
}

/** `certgate pack status`. */
export async function runStatus(folder: string, flags: PassphraseOptions & FormatFlags): Promise<ExitCode> {
  return ours(folder, async () => {
    const plan = readPlan(folder);
    const options = await assembleOptions(plan, flags);
    return withPack(folder, async () => {
      const states = await assemble(folder, plan, [], options);
      writeManifest(folder, plan, states, options.now);
      return finishRun(folder, plan, { states, unknown: [], problems: [] }, flags);
    });
  });
}

interface Outcome {
  readonly states: readonly ApplianceState[];
  readonly unknown: Parameters<typeof renderStates>[1]['unknown'];
  readonly problems: readonly string[];
}

function finishRun(
  folder: string,
  plan: PackPlan,
  outcome: Outcome,
  flags: FormatFlags & { readonly allowUnsupported?: true },
): ExitCode {
  const { states, unknown, problems } = outcome;
  if (flags.format === 'json') {
    const others = unknown.map(({ path, certificate }) => ({ path, subject: certificate.subject.toString() }));
    print(`${safeJson({ appliances: manifestOf(plan, states), unknown: others, problems }, 2)}\n`);
  } else {
    print(renderStates(styleOf(process.stdout), { folder, states, unknown }));
    for (const problem of problems) note(problem);
    print(`\nWork order: ${visible(join(folder, WORK_ORDER.html))}\n`);
  }
  const fine = states.every(
    ({ state }) => state === 'ready' || (state === 'unsupported' && flags.allowUnsupported === true),
  );
  return fine ? EXIT.ok : EXIT.refused;
}

async function assembleOptions(
  { passphrases }: PackPlan,
  flags: PassphraseOptions,
): Promise<Omit<AssembleOptions, 'check'>> {
  const bytes = await readPassphrase(flags);
  if (passphrases === 'one' && bytes === undefined) {
    throw new UsageError(
      'the keys of this pack share one passphrase: give --passphrase-file FILE or --passphrase-env NAME.',
    );
  }
  const passphrase = bytes === undefined ? undefined : new TextDecoder().decode(bytes);
  return { crypto: nodeCrypto, now: new Date(), passphrase };
}

async function checkOptions({ trust, crl, crlFile }: ImportFlags): Promise<NonNullable<AssembleOptions['check']>> {
  const anchors = trust === undefined ? undefined : (await Promise.all(trust.map(trustFiles))).flat();
  const crls = crlFile && (await Promise.all(crlFile.map((path) => readOptionFile('--crl-file', path))));
  const fetches = crl === 'on' && crls === undefined;
  return {
    ...(anchors !== undefined && { trust: anchors.map(({ bytes }) => bytes) }),
    ...(crl !== undefined && { crl }),
    ...(crls !== undefined && { crls }),
    ...(fetches && { crlSource: (await import('../crl-source.ts')).createCrlSource(undefined) }),
  };
}

/** One run at a time in a pack. */
async function withPack<T>(folder: string, action: () => Promise<T>): Promise<T> {
  makeFolder(folder);
  const lock = FolderLock.take(folder);
  try {
    return await action();
  } finally {
    lock.release();
  }
}

async function ours<T>(folder: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (error instanceof PackError) throw new UsageError(error.message, error.details);
    if (error instanceof FolderInUseError) throw new UsageError(error.message);
    throw error instanceof Error ? cannotWrite(folder, error) : error;
  }
}
