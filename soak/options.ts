/**
 * What `npm run soak -- NAME --count N --seed S` asks for. A soak may export `usualCount` (default 1 000 000), and
 * `parallel = false` where several processes must not share the work.
 */
export interface SoakOptions {
  readonly count: number;
  /** Of everything random in it. */
  readonly seed: number;
}
