import type { Overview } from '../../../src/http/contract/overview.ts';
import { BAD_STANDINGS } from '../api/fleet.ts';
import { count } from '../parts/count.ts';

export interface Verdict {
  readonly tone: 'good' | 'warn' | 'bad';
  /** Is everything fine, in one sentence. */
  readonly sentence: string;
  /** What that means. */
  readonly more: string;
}

/** What somebody who looks for one second must take away. */
export function verdictOf(overview: Overview): Verdict {
  const { total, states, blocked, problems } = overview;
  const urgent = urgentOf(overview);
  if (urgent.length > 0) {
    const isOne = urgent.length === 1 && urgent[0]!.many === 1;
    return {
      tone: 'bad',
      sentence: `${urgent.map(({ words }) => words).join(' and ')} ${isOne ? 'needs' : 'need'} you now`,
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
    tone: 'good',
    sentence: total === 1 ? 'The one appliance is ready' : `All ${count(total, 'appliance')} are ready`,
    more:
      waiting > 0
        ? `${count(waiting, 'other thing wants', 'other things want')} attention soon; see below.`
        : 'Every certificate is valid, trusted and not revoked. There is nothing to do.',
  };
}

const THINGS = { crl: 'CRL', anchor: 'trust anchor', console: 'console certificate', channel: 'channel' } as const;

/** Appliances first, then what else cannot wait, told apart where it is of one kind. */
function urgentOf({ states, problems }: Overview): { many: number; words: string }[] {
  const bad = BAD_STANDINGS.reduce((sum, state) => sum + states[state], 0);
  const others = problems.items.flatMap(({ what, severity }) =>
    severity === 'critical' && what !== 'appliance' ? [what] : [],
  );
  const kinds = new Set(others);
  const [kind] = kinds;
  const thing = kinds.size === 1 ? THINGS[kind!] : bad > 0 ? 'other thing' : 'thing';
  return [
    { many: bad, words: count(bad, 'appliance') },
    { many: others.length, words: count(others.length, thing) },
  ].filter(({ many }) => many > 0);
}

const haltSentence = (blocked: number): string =>
  blocked === 0
    ? 'No encrypted traffic is halted.'
    : `Encrypted traffic of ${count(blocked, 'appliance')} is halted until that is mended.`;
