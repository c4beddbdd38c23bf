import { promisify } from 'node:util';
import { type Entry, fromBuffer, type ZipFile } from 'yauzl';
import { PackError } from './pack-error.ts';

export interface ZipMember {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** What is taken out of one zip at most; replies of a CA are a few kilobytes each. */
export interface ZipBudget {
  readonly members: number;
  readonly memberOctets: number;
  readonly octets: number;
}

export const ZIP_BUDGET: ZipBudget = { members: 20_000, memberOctets: 32 * 1024 * 1024, octets: 256 * 1024 * 1024 };

const open = promisify<Buffer, { lazyEntries: boolean }, ZipFile>(fromBuffer);

/**
 * The files in a zip, none larger than it says it is, all within the budget; nothing is written anywhere.
 * @throws {PackError} where it is damaged, encrypted or a bomb
 */
export async function readZip(path: string, bytes: Uint8Array, budget = ZIP_BUDGET): Promise<ZipMember[]> {
  try {
    const zip = await open(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), { lazyEntries: true });
    if (zip.entryCount > budget.members) {
      throw new PackError(`${path} holds ${zip.entryCount} files; at most ${budget.members} are read.`);
    }
    return await readMembers(path, zip, budget);
  } catch (error) {
    if (error instanceof PackError) throw error;
    const { message } = error as Error;
    // yauzl says so of `../x`, `/x` and `C:/x`; such a zip is either an attack or made by a very odd program.
    const outside = /^(?:invalid relative path|absolute path): (.*)$/.exec(message)?.[1];
    throw new PackError(
      outside === undefined
        ? `${path} is a damaged zip (${message}). Fetch it again.`
        : `${path} holds a file whose name leads out of the zip (${outside}); nothing of it was read. Ask who sent it, or unpack it and name the folder.`,
    );
  }
}

async function readMembers(path: string, zip: ZipFile, budget: ZipBudget): Promise<ZipMember[]> {
  const members: ZipMember[] = [];
  let total = 0;
  for (;;) {
    const entry = await nextEntry(zip);
    if (entry === undefined) return members;
    if (entry.fileName.endsWith('/')) continue;
    if (entry.isEncrypted()) {
      throw new PackError(`${path} is encrypted. Unpack it with its password and name the folder instead.`);
    }
    // What an entry claims is what it may have: yauzl ends the stream of one that turns out larger.
    total += entry.uncompressedSize;
    if (entry.uncompressedSize > budget.memberOctets || total > budget.octets) {
      throw new PackError(`${path} unpacks to more than a CA would ever send (${entry.fileName}); it was not read.`);
    }
    members.push({ name: entry.fileName, bytes: await readMember(zip, entry) });
  }
}

function nextEntry(zip: ZipFile): Promise<Entry | undefined> {
  return new Promise((resolve, reject) => {
    const settle = (act: () => void): void => {
      zip.removeListener('entry', onEntry).removeListener('end', onEnd).removeListener('error', onError);
      act();
    };
    const onEntry = (entry: Entry): void => settle(() => resolve(entry));
    const onEnd = (): void => settle(() => resolve(undefined));
    const onError = (error: Error): void => settle(() => reject(error));
    zip.on('entry', onEntry).on('end', onEnd).on('error', onError);
    zip.readEntry();
  });
}

async function readMember(zip: ZipFile, entry: Entry): Promise<Uint8Array> {
  const stream = await new Promise<NodeJS.ReadableStream>((resolve, reject) => {
    zip.openReadStream(entry, (error, opened) => (opened === undefined ? reject(error as Error) : resolve(opened)));
  });
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
