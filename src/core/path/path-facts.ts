import type { Finding } from '../base/finding.ts';
import type { ProblemCode } from './problem.ts';

/** One reason why there is no path, in terms of the files that were handed in. */
export type PathReason = Required<Pick<Finding, 'found' | 'required' | 'message' | 'fix' | 'location'>> & {
  readonly code: ProblemCode;
};

/** What the rule on the trust path judges. */
export interface PathFacts {
  /** Subjects, leaf first, anchor last; undefined where there is no valid path. */
  readonly path: readonly string[] | undefined;
  /** Of the candidate that came closest, from the anchor down. */
  readonly reasons: readonly PathReason[];
}
