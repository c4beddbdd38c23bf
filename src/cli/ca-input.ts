import type { Command } from 'commander';
import { FolderInUseError } from '../making/issue/folder-lock.ts';
import { type LabCa, LabCaError, openLabCa } from '../making/issue/lab-ca.ts';
import { LedgerError } from '../making/issue/ledger.ts';
import { UsageError } from './failure.ts';
import { readPassphrase } from './inputs.ts';
import { cannotWrite } from './written-files.ts';

/** The CA that a command works with. */

export interface CaFlags {
  readonly caPassphraseFile?: string;
  readonly caPassphraseEnv?: string;
}

export function addCaPassphraseOptions(command: Command): Command {
  return command
    .option('--ca-passphrase-file <file>', "read the passphrase of the CA's keys from a file")
    .option('--ca-passphrase-env <name>', "read the passphrase of the CA's keys from an environment variable");
}

/** @throws {UsageError} where there is no CA, or the passphrase does not open it */
export async function openCa(folder: string, { caPassphraseFile, caPassphraseEnv }: CaFlags): Promise<LabCa> {
  const passphrase = await readPassphrase({
    ...(caPassphraseFile !== undefined && { passphraseFile: caPassphraseFile }),
    ...(caPassphraseEnv !== undefined && { passphraseEnv: caPassphraseEnv }),
  }).catch((error: unknown) => {
    throw error instanceof UsageError
      ? new UsageError(error.message.replaceAll('--passphrase', '--ca-passphrase'))
      : error;
  });
  if (passphrase === undefined) {
    throw new UsageError(
      'the keys of the CA are encrypted: give --ca-passphrase-file FILE or --ca-passphrase-env NAME.',
    );
  }
  return ours(folder, () => openLabCa(folder, new TextDecoder().decode(passphrase)));
}

/** Runs what works in a folder, and makes the user's mistakes usage errors. */
export function ours<T>(folder: string, action: () => T): T {
  try {
    const result = action();
    if (!(result instanceof Promise)) return result;
    return result.catch((error: unknown) => {
      throw asUsage(folder, error);
    }) as T;
  } catch (error) {
    throw asUsage(folder, error);
  }
}

/** Why a server of ours could not start, where that is for the user to change. */
export function cannotListen(error: unknown, host: string): unknown {
  const { code, port } = error as NodeJS.ErrnoException & { readonly port?: number };
  switch (code) {
    case 'EADDRINUSE':
      return new UsageError(
        `port ${port} on ${host} is taken by another program; end that one, or name another --port.`,
      );
    case 'EACCES':
      return new UsageError(`port ${port} needs more rights than you have. Take one above 1023, e.g. --port 8580.`);
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new UsageError(`${host} is no address of this machine; --host takes one, or 0.0.0.0 for all.`);
    default:
      return error;
  }
}

function asUsage(folder: string, error: unknown): unknown {
  if (error instanceof LabCaError || error instanceof LedgerError || error instanceof FolderInUseError) {
    return new UsageError(error.message);
  }
  return error instanceof Error ? cannotWrite(folder, error) : error;
}
