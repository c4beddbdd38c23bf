/** What `npm run soak -- NAME --count N --seed S` asks for. */
export interface SoakOptions {
  readonly count: number;
  readonly seed: number;
}
