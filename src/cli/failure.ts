export { didYouMean } from '../core/base/nearest.ts';

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

/** The user's mistake: one sentence, what to do instead, exit 2; where there are many, a line each. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  readonly details: readonly string[];

  constructor(message: string, details: readonly string[] = []) {
    super(message);
    this.details = details;
  }
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
