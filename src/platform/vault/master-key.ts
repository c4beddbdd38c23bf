import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve, sep } from 'node:path';
import { VaultError } from './vault.ts';

/** Where the master key comes from; exactly one of them, in this order of preference. */
export interface MasterKeySource {
  /** Prints the key: a PKCS#11 tool, a TPM unseal, a secrets agent. Program and arguments, no shell. */
  readonly command?: readonly string[];
  /** The key itself, as in CERTGATE_MASTER_KEY. */
  readonly value?: string;
  /** The folder of systemd credentials ($CREDENTIALS_DIRECTORY), where it holds `certgate-master-key`. */
  readonly credentialsDirectory?: string;
  /** A file of mode 0600; made on first use. */
  readonly file?: string;
}

const CREDENTIAL = 'certgate-master-key';
const HINT = 'It is 64 hex digits, or 32 bytes in Base64; make one with: openssl rand -hex 32';

/**
 * The 32 bytes of the master key. Makes the file where that is the source and it does not exist yet.
 * @param dataFolder the key file must lie outside it: whoever copies the data must not get the key with it.
 * @throws {VaultError}
 */
export function loadMasterKey(source: MasterKeySource, dataFolder: string): Uint8Array {
  if (source.command !== undefined) return decode(runCommand(source.command), `the output of ${source.command[0]}`);
  if (source.value !== undefined) return decode(source.value, 'CERTGATE_MASTER_KEY');
  if (source.credentialsDirectory !== undefined) {
    const path = join(source.credentialsDirectory, CREDENTIAL);
    return decode(readKeyFile(path), path);
  }
  if (source.file === undefined) throw new VaultError('no-master-key', `No master key is configured. ${HINT}`);
  return fromFile(source.file, dataFolder);
}

function fromFile(file: string, dataFolder: string): Uint8Array {
  if (resolve(file).startsWith(resolve(dataFolder) + sep)) {
    throw new VaultError(
      'exposed-master-key',
      `The master key ${file} must not lie inside the data folder ${dataFolder}: a copy of the data would hold its own key.`,
    );
  }
  const made = makeKeyFile(file);
  if (made !== undefined) return made;
  const { mode } = statSync(file);
  if ((mode & 0o077) !== 0) {
    throw new VaultError(
      'exposed-master-key',
      `Others may read the master key ${file}. Put it right with: chmod 600 ${file}`,
    );
  }
  return decode(readKeyFile(file), file);
}

/** Undefined where the file is there already. Whole or not at all: what is sealed with it must never outlive it. */
function makeKeyFile(file: string): Uint8Array | undefined {
  if (existsSync(file)) return undefined;
  const unfinished = `${file}.${process.pid}.new`;
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    const key = randomBytes(32);
    writeFileSync(unfinished, `${key.toString('hex')}\n`, { mode: 0o600, flag: 'w', flush: true });
    linkSync(unfinished, file);
    return key;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return undefined;
    throw new VaultError('no-master-key', `The master key ${file} cannot be made: ${(error as Error).message}`, error);
  } finally {
    rmSync(unfinished, { force: true });
  }
}

function readKeyFile(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch (error) {
    throw new VaultError('no-master-key', `The master key ${path} cannot be read: ${(error as Error).message}`, error);
  }
}

function runCommand([program, ...args]: readonly string[]): string {
  try {
    return execFileSync(program ?? '', args, {
      encoding: 'latin1',
      timeout: 30_000,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
  } catch {
    // The error of execFileSync carries the output; nothing of it may get out.
    throw new VaultError('no-master-key', `The master key command ${program} failed; its own message is above.`);
  }
}

function decode(text: string, where: string): Uint8Array {
  const trimmed = text.trim();
  const bytes = /^[0-9a-f]{64}$/i.test(trimmed) ? Buffer.from(trimmed, 'hex') : Buffer.from(trimmed, 'base64');
  if (bytes.length !== 32) throw new VaultError('bad-master-key', `There is no master key in ${where}. ${HINT}`);
  return bytes;
}
