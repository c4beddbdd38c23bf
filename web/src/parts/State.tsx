import {
  IconAlertTriangle,
  IconBan,
  IconCircleCheck,
  IconCircleX,
  IconClockExclamation,
  IconHelpCircle,
  IconInfoCircle,
} from '@tabler/icons-react';
import classes from './State.module.css';

/** How serious it is: the colour, and always an icon and a word beside it. */
export type Tone = 'good' | 'warn' | 'odd' | 'bad' | 'calm';

const ICONS = {
  good: IconCircleCheck,
  warn: IconClockExclamation,
  odd: IconAlertTriangle,
  bad: IconCircleX,
  calm: IconInfoCircle,
} as const;

/** Words for every state that the server names. */
const STATES: Readonly<Record<string, readonly [Tone, string]>> = {
  ready: ['good', 'Ready'],
  accepted: ['good', 'Accepted'],
  pass: ['good', 'Pass'],
  expiring: ['warn', 'Expires soon'],
  warning: ['warn', 'Warning'],
  unsupported: ['odd', 'Unsupported'],
  'stale-crl': ['odd', 'CRL out of date'],
  'no-certificate': ['calm', 'No certificate yet'],
  'not-yet-valid': ['bad', 'Not yet valid'],
  expired: ['bad', 'Expired'],
  revoked: ['bad', 'Revoked'],
  untrusted: ['bad', 'Not trusted'],
  refused: ['bad', 'Refused'],
  'checker-failed': ['bad', 'Check failed'],
  'not-checked': ['calm', 'Not checked'],
  'not-applicable': ['calm', 'Not applicable'],
  retired: ['calm', 'Retired'],
  'activation-refused': ['warn', 'Not put into use'],
  // Of channels, as their own page calls them.
  blocked: ['bad', 'Blocked'],
  'not-listening': ['bad', 'Not listening'],
  'no-process': ['bad', 'Not running'],
  overridden: ['odd', 'Flows by exception'],
  observed: ['warn', 'Flows, only observed'],
  // Of CRLs, and of the console's own certificate.
  due: ['warn', 'Runs out soon'],
  unreachable: ['warn', 'Cannot be fetched'],
  emergency: ['bad', 'Stand-in'],
};

export const toneOf = (state: string): Tone => STATES[state]?.[0] ?? 'calm';
export const wordOf = (state: string): string => STATES[state]?.[1] ?? state.replaceAll('-', ' ');

/** A state as a word on its colour. */
export function State({ state, label, tone }: { state: string; label?: string; tone?: Tone }) {
  const shown = tone ?? toneOf(state);
  const Icon = state === 'revoked' ? IconBan : state === 'not-checked' ? IconHelpCircle : ICONS[shown];
  return (
    <span className={`${classes['state']} ${classes[shown]}`}>
      <Icon size={15} stroke={2} aria-hidden />
      {label ?? wordOf(state)}
    </span>
  );
}
