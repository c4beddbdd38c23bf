import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { PRIVATE, PUBLIC, replaceFile } from '../durable-files.ts';
import type { Animal } from './animal.ts';
import { indexOf, indexPage, PASSPHRASE_FILE, type ZooIndex } from './zoo-index.ts';

/** Writes the animals, each into its folder, and the index over them last: where it lies, the zoo is complete. */
export function writeZoo(folder: string, animals: readonly Animal[], now: Date): ZooIndex {
  for (const { name, files, asking } of animals) {
    const all = { ...files, ...(asking?.passphrase !== undefined && { [PASSPHRASE_FILE]: `${asking.passphrase}\n` }) };
    for (const [file, content] of Object.entries(all)) {
      const path = join(folder, name, file);
      mkdirSync(dirname(path), { recursive: true });
      replaceFile(path, content, file.endsWith('.key') ? PRIVATE : PUBLIC);
    }
  }
  const index = indexOf(animals, now);
  replaceFile(join(folder, 'index.html'), indexPage(index));
  replaceFile(join(folder, 'index.json'), `${JSON.stringify(index, null, 2)}\n`);
  return index;
}
