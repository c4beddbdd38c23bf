import { createPublicKey, type KeyObject } from 'node:crypto';
import { identify } from '../core/files/identify.ts';
import { openKeyFile } from '../core/files/open-key.ts';
import { keyFromPkcs8 } from '../making/issue/key.ts';
import { nodeCrypto } from '../platform/crypto/node-crypto.ts';
import { UsageError } from './failure.ts';
import { type PassphraseOptions, readOptionFile, readPassphrase } from './inputs.ts';

/** A private key that an option names, opened. */
export interface OpenKey {
  readonly bytes: Uint8Array;
  readonly passphrase: Uint8Array | undefined;
  readonly privateKey: KeyObject;
}

/** @throws {UsageError} where there is no key, or the passphrase does not open it */
export async function readKey(option: string, path: string, flags: PassphraseOptions): Promise<OpenKey> {
  const bytes = await readOptionFile(option, path);
  const passphrase = await readPassphrase(flags);
  const content = identify(bytes);
  const { keys, pkcs8, problem } = await openKeyFile(content, passphrase, nodeCrypto);
  if (keys.length !== 1) {
    const what = keys.length === 0 ? `is ${content.description}` : `holds ${keys.length} private keys`;
    throw new UsageError(`${option} ${path} ${what}; one private key is needed.`);
  }
  if (pkcs8 === undefined) {
    const hint = problem?.code === 'passphrase-missing' ? ' Give --passphrase-file FILE.' : '';
    throw new UsageError(`${option} ${path}: ${problem?.message ?? 'it cannot be opened.'}${hint}`);
  }
  try {
    const privateKey = keyFromPkcs8(pkcs8);
    // Asked for now, so that a key that node:crypto cannot use is said here.
    createPublicKey(privateKey as unknown as string);
    return { bytes, passphrase, privateKey };
  } catch {
    throw new UsageError(
      `${option} ${path}: this type of key cannot be used here; certgate key new makes one that can.`,
    );
  } finally {
    pkcs8.fill(0);
  }
}
