import type { Overview } from '../../../src/http/contract/overview.ts';
import { BAD_STANDINGS } from '../api/fleet.ts';
import { count } from '../parts/count.ts';
import type { Tone } from '../parts/State.tsx';

export interface Verdict {
  readonly tone: Tone;
  /** Is everything fine, in one sentence. */
  readonly sentence: string;
  /** What that means. */
  readonly more: string;
}

/** What somebody who looks for one second must take away. */
export function verdictOf(overview: Overview): Verdict {
  const { total, states, blocked, problems } = overview;
  const bad = BAD_STANDINGS.reduce((sum, state) => sum + states[state], 0);
  const others = problems.items.filter(({ what, severity }) => what !== 'appliance' && severity === 'critical').length;
  if (bad + others > 0) {
    const who = [bad > 0 && count(bad, 'appliance'), others > 0 && bad > 0 && count(others, 'other thing')];
    const subject = bad === 0 ? count(others, 'thing') : who.filter((part) => part !== false).join(' and ');
    return {
      tone: 'bad',
      sentence: `${subject} ${bad + others === 1 ? 'needs' : 'need'} you now`,
      more: haltSentence(blocked),
    };
  }
  if (states['no-certificate'] > 0) {
    const none = states['no-certificate'];
    return {
      tone: 'warn',
      sentence: `${count(none, 'appliance has', 'appliances have')} no certificate yet`,
      more: `${haltSentence(blocked)} Upload one for each of them.`,
    };
  }
  if (states.expiring > 0) {
    return {
      tone: 'warn',
      sentence: `${count(states.expiring, 'certificate ends', 'certificates end')} within 30 days`,
      more: 'Everything works today. Renew them before they end, while there is time.',
    };
  }
  const waiting = problems.total;
  return {
    tone: waiting > 0 ? 'warn' : 'good',
    sentence: total === 1 ? 'The one appliance is ready' : `All ${count(total, 'appliance')} are ready`,
    more:
      waiting > 0
        ? `${count(waiting, 'other thing wants', 'other things want')} attention soon; see below.`
        : 'Every certificate is valid, trusted and not revoked. There is nothing to do.',
  };
}

const haltSentence = (blocked: number): string =>
  blocked === 0
    ? 'No encrypted traffic is halted.'
    : `Encrypted traffic of ${count(blocked, 'appliance')} is halted until that is mended.`;
