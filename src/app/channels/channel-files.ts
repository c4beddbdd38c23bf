import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { identify } from '../../core/files/identify.ts';
import { openBundle, wipeBundle } from '../../core/files/open-bundle.ts';
import { OpenCrl } from '../../core/revocation/open-crl.ts';
import { toPem } from '../../making/encode/der.ts';
import { nodeCrypto } from '../../platform/crypto/node-crypto.ts';
import { Trust } from '../../platform/tls/trust.ts';
import type { ChannelIdentity } from '../../service/channels/channel-context.ts';
import type { ChannelFiles } from './channel-config.ts';

/** A file of a channel cannot be used; what was in force before stays. */
export class ChannelFileError extends Error {
  override readonly name = 'ChannelFileError';
}

/** The certificate, key and chain of a channel; undefined where none is configured. @throws {ChannelFileError} */
export async function readIdentity(files: ChannelFiles): Promise<ChannelIdentity | undefined> {
  const { certificate, key, chain, passphraseFile } = files;
  if (certificate === undefined) return undefined;
  const passphrase =
    passphraseFile === undefined
      ? undefined
      : read(passphraseFile)
          .toString('utf8')
          .replace(/\r?\n$/, '');
  const bundle = await openBundle(
    { crt: read(certificate), key: readOptional(key), chain: readOptional(chain), passphrase },
    nodeCrypto,
  );
  try {
    const leaf = bundle.crt.leaf?.certificate;
    if (leaf === undefined)
      throw new ChannelFileError(`${certificate} holds no readable certificate (${bundle.crt.content.description}).`);
    const pkcs8 = bundle.key?.pkcs8;
    if (pkcs8 === undefined) {
      const why = bundle.key?.problem?.message ?? 'no private key was given';
      throw new ChannelFileError(`${key ?? 'The key'} cannot be used: ${why}`);
    }
    const above = bundle.chain?.certificates.flatMap(({ certificate: ca }) => (ca === undefined ? [] : [ca])) ?? [];
    // A root is the other end's to have; sending it only costs bytes.
    const sent = [leaf.der, ...above.filter((ca) => !ca.isSelfIssued).map((ca) => ca.der)];
    const certificates = sent.map((der) => toPem('CERTIFICATE', der)).join('');
    return { tls: { certificates, key: new Uint8Array(pkcs8) }, chain: sent };
  } finally {
    wipeBundle(bundle);
  }
}

/**
 * The chain file of a channel that shows no certificate, DER: the CAs of its partner, whose CRLs could not be told from
 * forged ones else. @throws {ChannelFileError}
 */
export const readChain = ({ certificate, chain }: ChannelFiles): Uint8Array[] =>
  certificate !== undefined || chain === undefined
    ? []
    : blocks(chain, ['certificate', 'trusted-certificate'], 'CA certificate');

/** Anchors and CRLs of a channel. @throws {ChannelFileError} */
export function readTrust({ anchors, crls }: ChannelFiles, fetched: readonly OpenCrl[] = []): Trust {
  const certificates = anchors.flatMap((path) =>
    blocks(path, ['certificate', 'trusted-certificate'], 'root certificate'),
  );
  return new Trust(certificates, [...crls.flatMap(filesAt).flatMap(listsOf), ...fetched]);
}

/** Opened CRLs by file and state of the file: one index for all channels, and none made anew for a file that is the same. */
const opened = new Map<string, { state: string; lists: readonly OpenCrl[] }>();

function listsOf(path: string): readonly OpenCrl[] {
  const state = entryOf(path);
  const known = opened.get(path);
  if (known?.state === state) return known.lists;
  const lists = blocks(path, ['crl'], 'CRL').map((der) => openList(path, der));
  opened.set(path, { state, lists });
  return lists;
}

function openList(path: string, der: Uint8Array): OpenCrl {
  try {
    return new OpenCrl(der, { index: 'now' });
  } catch (error) {
    throw new ChannelFileError(`The CRL ${path} cannot be read: ${(error as Error).message}`);
  }
}

function blocks(path: string, kinds: readonly string[], what: string): Uint8Array[] {
  const bytes = read(path);
  const content = identify(bytes);
  // CRLs grow far beyond every other file, and then are DER.
  if (content.form === 'too-large' && what === 'CRL') return [bytes];
  const found = content.blocks.filter(({ kind }) => kinds.includes(kind)).map(({ der }) => der);
  if (found.length === 0) throw new ChannelFileError(`${path} holds no ${what} (${content.description}).`);
  return found;
}

function read(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new ChannelFileError(`${path} cannot be read: ${(error as NodeJS.ErrnoException).code}`);
  }
}

const readOptional = (path: string | undefined): Buffer | undefined => (path === undefined ? undefined : read(path));

function filesAt(path: string): string[] {
  try {
    if (!statSync(path).isDirectory()) return [path];
    return readdirSync(path)
      .filter((name) => /\.(crl|pem|der)$/i.test(name))
      .toSorted()
      .map((name) => join(path, name));
  } catch (error) {
    throw new ChannelFileError(`${path} cannot be read: ${(error as NodeJS.ErrnoException).code}`);
  }
}

/** Changes whenever one of the files does: names, sizes and times of modification. */
export const identityState = ({ certificate, key, chain, passphraseFile }: ChannelFiles): string =>
  [certificate, key, chain, passphraseFile]
    .filter((path) => path !== undefined)
    .map(entryOf)
    .join('\n');

/** The same for anchors and CRLs. */
export const trustState = ({ anchors, crls }: ChannelFiles): string =>
  [...anchors, ...crls, ...crls.flatMap((path) => quietly(() => filesAt(path)) ?? [])].map(entryOf).join('\n');

const entryOf = (path: string): string => quietly(() => entry(path)) ?? `${path} missing`;

function entry(path: string): string {
  const { size, mtimeMs, ino } = statSync(path);
  return `${path} ${size} ${mtimeMs} ${ino}`;
}

function quietly<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
