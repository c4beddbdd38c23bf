/** How a run ends; pipelines rely on the numbers. */
export const EXIT = {
  /** Everything asked about was accepted. */
  ok: 0,
  /** At least one bundle was not. */
  refused: 1,
  /** The command line was wrong, or a path could not be opened. */
  usage: 2,
  /** Our own failure. */
  failure: 3,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** The user's mistake: one sentence, what to do instead, exit 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

const SYSTEM_REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  ENOTDIR: 'part of the path is a file, not a folder',
  EACCES: 'you have no permission to read it',
  EPERM: 'you have no permission to read it',
  EISDIR: 'it is a folder; a file is needed here',
  ELOOP: 'its symbolic links lead in a circle',
  ENAMETOOLONG: 'the name is too long',
  EMFILE: 'too many files are open',
};

/** Why the system would not open something, in plain words. */
export function systemReason(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  if (typeof code === 'string') return SYSTEM_REASONS[code] ?? `the system says ${code}`;
  return error instanceof Error ? error.message : String(error);
}

/** How many single-letter edits lie between two words. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(substitution, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}

/** The valid word that was most likely meant; undefined where nothing is valid. */
export function nearest(word: string, valid: readonly string[]): string | undefined {
  const lower = word.toLowerCase();
  // A part of a name is a better hint than few edits.
  const score = (candidate: string) => distance(lower, candidate) - (candidate.includes(lower) ? candidate.length : 0);
  return valid.toSorted((a, b) => score(a) - score(b))[0];
}
