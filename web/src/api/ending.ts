import { lastHeardAt } from './request.ts';

/**
 * Why nobody is signed in any more. `left`: signed out; `idle`: no request for half an hour; `over`: after twelve hours;
 * `new-password`: changed by oneself; `ended`: by the server, and only it knows why.
 */
export type Ending = 'left' | 'idle' | 'over' | 'new-password' | 'ended';

const IDLE_MS = 30 * 60_000;
// Of this tab alone, and there after it was loaded again. No secret: only that somebody was in, and until when at most.
const UNTIL = 'certgate.signed-in-until';
let last: Ending | undefined;

/** Undefined where nobody was signed in before. */
export const lastEnding = (): Ending | undefined => last;

export function markSignedIn(until: string | undefined): void {
  last = undefined;
  sessionStorage.setItem(UNTIL, until ?? '');
}

export function markEnding(ending: Ending): void {
  sessionStorage.removeItem(UNTIL);
  last = ending;
}

/** The server says that it does not know us: works out why, where it knew us before. */
export function noticeEnd(): void {
  const until = sessionStorage.getItem(UNTIL);
  if (until === null) return;
  const heard = lastHeardAt();
  const isOver = until !== '' && Date.parse(until) <= Date.now();
  const isIdle = heard !== undefined && Date.now() - heard >= IDLE_MS;
  markEnding(isOver ? 'over' : isIdle ? 'idle' : 'ended');
}
