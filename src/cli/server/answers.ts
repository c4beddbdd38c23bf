import type { Problem } from '../../http/contract/problem.ts';
import type { ApiAnswer } from '../../app/host-api.ts';
import { UsageError } from '../failure.ts';

/** The body of an answer that went well. @throws {UsageError} with the server's own words for one that did not */
export function expectOk<T>(answer: ApiAnswer): T {
  if (answer.status >= 200 && answer.status < 300) return answer.body as T;
  throw new UsageError(wordsOf(answer));
}

export function wordsOf({ status, body }: ApiAnswer): string {
  const problem = body as Partial<Problem> | undefined;
  return problem?.detail ?? problem?.title ?? `the server answered ${status} without a reason.`;
}
