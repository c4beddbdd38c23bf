/** What the user's files or folders make impossible; one sentence or more, each with what to do. */
export class PackError extends Error {
  override readonly name = 'PackError';
}
