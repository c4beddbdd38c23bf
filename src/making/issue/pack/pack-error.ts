/** What the user's files or folders make impossible; one sentence or more, each with what to do. */
export class PackError extends Error {
  override readonly name = 'PackError';
  /** What is wrong one by one, a sentence each. */
  readonly details: readonly string[];

  constructor(message: string, details: readonly string[] = []) {
    super(message);
    this.details = details;
  }
}
