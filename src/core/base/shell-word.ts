/** A path as one word of a POSIX shell, for the commands that messages name: as it is where that is safe, else quoted. */
export function shellWord(path: string): string {
  // What begins with a dash would be taken for an option.
  const safe = path.startsWith('-') ? `./${path}` : path;
  return /^[\w./:@%+,=-]+$/.test(safe) ? safe : `'${safe.replaceAll("'", String.raw`'\''`)}'`;
}
