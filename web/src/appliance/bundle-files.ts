import { recogniseFiles } from '../check/recognise.ts';
import type { BundlePart, NamedFile, RecognisedFile } from '../check/request.ts';

type Files = readonly NamedFile[];

/**
 * The files after more were dropped: content decides what each is. A new key takes the place of the old one, a new
 * certificate that of the old one, a file of the same name that of its former self; CAs add up.
 */
export function withDropped(before: Files, dropped: Files): Files {
  const names = new Set(dropped.map(({ name }) => name));
  const kept = before.filter(({ name }) => !names.has(name)).map(({ name, bytes }): NamedFile => ({ name, bytes }));
  // Those that come first win.
  const all = [...dropped, ...kept];
  const now = recogniseFiles(all).files;
  const wasUsed = usedNames(recogniseFiles(before).files);
  return all.filter((file, i) => dropped.includes(file) || now[i]!.usedAs.length > 0 || !wasUsed.has(file.name));
}

/** The files after the user said which file is `part`. */
export function withPart(before: Files, part: BundlePart, file: Omit<NamedFile, 'as'>): Files {
  return [...withoutPart(before, part).filter(({ name }) => name !== file.name), { ...file, as: part }];
}

/** Without the files that serve as `part` and nothing else. */
export function withoutPart(before: Files, part: BundlePart): Files {
  const { files } = recogniseFiles(before);
  return before.filter((_, i) => files[i]!.usedAs.length !== 1 || files[i]!.usedAs[0] !== part);
}

const usedNames = (files: readonly RecognisedFile[]): Set<string> =>
  new Set(files.filter(({ usedAs }) => usedAs.length > 0).map(({ name }) => name));

/** Pasted text as a file of its own. */
export function pasted(text: string, before: Files): NamedFile {
  const taken = before.filter(({ name }) => name.startsWith('pasted')).length;
  const name = taken === 0 ? 'pasted text' : `pasted text ${taken + 1}`;
  return { name, bytes: new TextEncoder().encode(text) };
}
