/** What came cannot become what is wanted: the user's files, not our failure. */
export class ConversionError extends Error {
  override readonly name = 'ConversionError';
  /** What to do about it, with a command where one helps. */
  readonly fix: string | undefined;
  constructor(message: string, fix?: string) {
    super(message);
    this.fix = fix;
  }
}
