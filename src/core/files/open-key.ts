import {
  type Crypto,
  DecryptionError,
  MalformedKeyError,
  UnsupportedAlgorithmError,
  UnsupportedHereError,
} from '../base/ports.ts';
import { DerError } from '../der/errors.ts';
import { KEY_BUDGET } from './budget.ts';
import type { KeyFile, KeyProblem } from './bundle.ts';
import type { Block, FileContent } from './content.ts';
import { readEncryption } from './encryption.ts';
import { toPrivateKeyInfo } from './private-key-info.ts';
import { recogniseStructure } from './structure.ts';

/** What came of one private key. */
export interface OpenedKey {
  readonly encrypted: boolean;
  readonly encryption: string | undefined;
  /** A fresh array for the caller to wipe. */
  readonly pkcs8: Uint8Array | undefined;
  readonly spki: Uint8Array | undefined;
  readonly problem: KeyProblem | undefined;
}

const KEY_KINDS: ReadonlySet<string> = new Set(['private-key', 'encrypted-private-key', 'openssh-private-key']);

export const isPrivateKey = ({ kind }: Block): boolean => KEY_KINDS.has(kind);

/** Reads a .key file and opens its first private key. */
export async function openKeyFile(
  content: FileContent,
  passphrase: Uint8Array | undefined,
  crypto: Crypto,
): Promise<KeyFile> {
  const keys = content.blocks.filter(isPrivateKey);
  const parameters = content.blocks.find(({ kind }) => kind === 'parameters')?.der;
  const opened = keys[0] === undefined ? NOTHING : await openKey(keys[0], { passphrase, parameters }, crypto);
  return { content, keys, ...opened };
}

const NOTHING: OpenedKey = {
  encrypted: false,
  encryption: undefined,
  pkcs8: undefined,
  spki: undefined,
  problem: undefined,
};

export interface KeyCompanions {
  readonly passphrase: Uint8Array | undefined;
  /** Of an `EC PARAMETERS` block beside the key. */
  readonly parameters?: Uint8Array | undefined;
}

/**
 * Opens one private-key block: decrypts it where needed, within the budget, and makes PKCS#8 of it. The user's mistakes
 * come back as `problem`; only failures of the Crypto adapter itself are thrown.
 */
export async function openKey(block: Block, companions: KeyCompanions, crypto: Crypto): Promise<OpenedKey> {
  const encrypted = block.kind === 'encrypted-private-key';
  const damage = block.faults.find(({ code }) => code === 'bad-base64' || code === 'empty-block');
  if (damage !== undefined) {
    const where = `line ${damage.line}, column ${damage.column}`;
    return failed('malformed', `The private key's Base64 text is damaged at ${where}: ${damage.message}.`, encrypted);
  }
  if (block.kind === 'openssh-private-key') {
    return failed('format-unsupported', 'The private key is in OpenSSH format, which TLS servers do not read.');
  }
  if (block.der.length > KEY_BUDGET.keyOctets) {
    return failed('malformed', `A private key of ${block.der.length} bytes is no real key.`, encrypted);
  }
  if (!encrypted) return finish(block.der, companions, crypto, NOTHING);
  return decrypt(block, companions, crypto);
}

const failed = (code: KeyProblem['code'], message: string, encrypted = false, encryption?: string): OpenedKey => ({
  ...NOTHING,
  encrypted,
  encryption,
  problem: { code, message },
});

async function decrypt(block: Block, companions: KeyCompanions, crypto: Crypto): Promise<OpenedKey> {
  const encryption = readEncryption(block);
  const { description } = encryption;
  if ('problem' in encryption)
    return { ...NOTHING, encrypted: true, encryption: description, problem: encryption.problem };
  const { passphrase } = companions;
  if (passphrase === undefined) {
    return failed(
      'passphrase-missing',
      `The key is encrypted (${description}) and no passphrase was given.`,
      true,
      description,
    );
  }
  const { derivation, cipher, iv, ciphertext } = encryption;
  let plaintext: Uint8Array;
  try {
    plaintext = await crypto.decryptKey({ derivation, cipher, iv, ciphertext, passphrase });
  } catch (error) {
    return {
      ...NOTHING,
      encrypted: true,
      encryption: description,
      problem: decryptionProblem(error, encryption.description),
    };
  }
  try {
    // One wrong passphrase in 256 ends in valid padding all the same: what comes out is then no DER.
    if (!isComplete(plaintext)) return wrongPassphrase(encryption.description);
    return await finish(plaintext, companions, crypto, { ...NOTHING, encrypted: true, encryption: description });
  } finally {
    plaintext.fill(0);
  }
}

const wrongPassphrase = (description: string): OpenedKey =>
  failed('passphrase-wrong', `The passphrase does not open the key (${description}).`, true, description);

function decryptionProblem(error: unknown, description: string): KeyProblem {
  if (error instanceof DecryptionError) return wrongPassphrase(description).problem!;
  if (error instanceof UnsupportedHereError) {
    const message = `The key is encrypted with ${error.algorithm.toUpperCase()} (${description}), which a browser cannot open; the server can.`;
    return { code: 'cipher-not-here', message };
  }
  if (error instanceof UnsupportedAlgorithmError) {
    const message = `The key is encrypted with ${error.algorithm.toUpperCase()} (${description}), which Certgate cannot open.`;
    return { code: 'cipher-unsupported', message };
  }
  if (error instanceof MalformedKeyError) return { code: 'malformed', message: sentence(error.message) };
  throw error;
}

const isComplete = (der: Uint8Array): boolean => {
  const { error, trailing } = recogniseStructure(der);
  return error === undefined && trailing === 0;
};

async function finish(
  der: Uint8Array,
  { parameters }: KeyCompanions,
  crypto: Crypto,
  base: OpenedKey,
): Promise<OpenedKey> {
  let pkcs8: Uint8Array | undefined;
  try {
    pkcs8 = toPrivateKeyInfo(der, parameters);
    return { ...base, pkcs8, spki: crypto.publicKeyOf(pkcs8) };
  } catch (error) {
    // A key type that cannot be computed with is still a key; others say so by its type.
    if (error instanceof UnsupportedAlgorithmError) return { ...base, pkcs8 };
    pkcs8?.fill(0);
    if (error instanceof MalformedKeyError)
      return { ...base, problem: { code: 'malformed', message: damaged(error.message) } };
    if (!(error instanceof DerError)) throw error;
    return { ...base, problem: { code: 'malformed', message: `The private key is damaged: ${error.message}.` } };
  }
}

const damaged = (message: string): string =>
  message.startsWith('The ') ? sentence(message) : `The private key is damaged: ${message}.`;

const sentence = (message: string): string => (message.endsWith('.') ? message : `${message}.`);
