import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { PRIVATE } from '../making/issue/durable-files.ts';
import { newPassphrase, unsupportedCharacters } from '../making/issue/passphrase.ts';
import { UsageError } from './failure.ts';
import { readPassphrase } from './inputs.ts';
import { writeFile } from './written-files.ts';

/** The passphrase of a key that is about to be made. */

export interface NewPassphraseFlags {
  readonly passphraseFile?: string;
  readonly passphraseEnv?: string;
  /** False after `--no-passphrase`. */
  readonly passphrase?: boolean;
}

export function addNewPassphraseOptions(command: Command): Command {
  return command
    .option('--passphrase-file <file>', 'the passphrase of the new key; where there is no such file, one is made')
    .option('--passphrase-env <name>', 'take the passphrase from an environment variable')
    .option('--no-passphrase', 'leave the key unencrypted: whoever reads the file has the key');
}

export interface ChosenPassphrase {
  /** Undefined: the key stays unencrypted. */
  readonly passphrase: string | undefined;
  /** A sentence on where it is kept. */
  readonly kept: string;
  /** Must be shown on the terminal, for it is kept nowhere. */
  readonly showOnce: boolean;
}

/**
 * The passphrase that the options name, or a new one: into the file that they name, else onto the terminal.
 * @throws {UsageError} where it has characters that the appliance does not support, or nobody would see a new one
 */
export async function choosePassphrase(flags: NewPassphraseFlags): Promise<ChosenPassphrase> {
  const { passphraseFile, passphraseEnv } = flags;
  if (flags.passphrase === false) {
    if (passphraseFile !== undefined || passphraseEnv !== undefined) {
      throw new UsageError('--no-passphrase and a passphrase contradict each other; give one of them.');
    }
    return { passphrase: undefined, kept: 'not encrypted', showOnce: false };
  }
  if (passphraseEnv !== undefined || (passphraseFile !== undefined && existsSync(passphraseFile))) {
    const passphrase = textOf((await readPassphrase(flags))!, passphraseFile ?? passphraseEnv!);
    return { passphrase, kept: `passphrase from ${passphraseFile ?? `$${passphraseEnv}`}`, showOnce: false };
  }
  const passphrase = newPassphrase();
  if (passphraseFile !== undefined) {
    writeFile(passphraseFile, `${passphrase}\n`, { mode: PRIVATE });
    return { passphrase, kept: `new passphrase in ${passphraseFile}`, showOnce: false };
  }
  if (process.stderr.isTTY !== true) {
    throw new UsageError(
      'a new passphrase would be seen by nobody, or end in a log. Say where to keep it: --passphrase-file FILE; or --no-passphrase.',
    );
  }
  return { passphrase, kept: 'new passphrase, shown below', showOnce: true };
}

/** Onto the terminal and nowhere else. */
export function showOnce({ passphrase, showOnce }: ChosenPassphrase): void {
  if (!showOnce || passphrase === undefined) return;
  process.stderr.write(`\nPassphrase (shown only this once, note it now):\n  ${passphrase}\n`);
}

/** @throws {UsageError} naming the characters that the appliance does not support */
function textOf(bytes: Uint8Array, where: string): string {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new UsageError(`the passphrase of ${where} is no UTF-8 text, so it cannot be typed into the upload form.`);
  }
  if (text === '') throw new UsageError(`the passphrase of ${where} is empty.`);
  const others = unsupportedCharacters(text);
  if (others.length === 0) return text;
  throw new UsageError(
    `the passphrase of ${where} holds ${others.join(', ')}, which the appliance does not support. certgate passphrase new makes one that it does.`,
  );
}
