import type { NamedFile } from './request.ts';

/** A chain has 20 KB; a CRL of a million entries 40 MB. */
const MOST = 64 * 1024 * 1024;

/** Files as the browser hands them out, read. What is far too large is read as far as it takes to say so. */
export const readFiles = (files: Iterable<File>): Promise<NamedFile[]> =>
  Promise.all(
    [...files].map(async (file) => ({
      name: file.name,
      bytes: new Uint8Array(await file.slice(0, MOST).arrayBuffer()),
    })),
  );
