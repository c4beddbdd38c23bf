import { IconBuildingBroadcastTower, IconDeviceDesktop, IconServer, IconShieldLock, IconX } from '@tabler/icons-react';
import type { Channel, ChannelState, Kind } from './api.ts';
import { KINDS } from './words.ts';
import classes from './Picture.module.css';

/** How a leg of a channel fares. */
type Leg = 'ok' | 'odd' | 'broken' | 'unknown';

interface Legs {
  readonly from: Leg;
  readonly to: Leg;
}

/** Which leg is broken: the encrypted one where a certificate does not hold, the first where nobody listens. */
export function legsOf(kind: Kind, state: ChannelState | undefined): Legs {
  const { tls } = KINDS[kind];
  const condition = state?.condition;
  const atPeer = state?.blocked?.whose === 'peer';
  const withTls = (leg: Leg): Legs => (tls === 'from' && !atPeer ? { from: leg, to: 'ok' } : { from: 'ok', to: leg });
  switch (condition) {
    case 'flows':
      return { from: 'ok', to: 'ok' };
    case 'observed':
    case 'overridden':
      return withTls('odd');
    case 'blocked':
      return withTls('broken');
    case 'not-listening':
      return { from: 'broken', to: 'unknown' };
    default:
      return { from: 'unknown', to: 'unknown' };
  }
}

/** A channel as a picture: who, the gate, whom; the leg that is broken is marked. */
export function Picture({ channel, state }: { channel: Channel; state: ChannelState | undefined }) {
  const { kind } = channel;
  const { from, to, tls } = KINDS[kind];
  const legs = legsOf(kind, state);
  return (
    <div role="img" aria-label={inWords(kind, legs)} className={classes['picture']}>
      <Node icon={ICONS[kind][0]} label={from} />
      <Arrow leg={legs.from} label={tls === 'from' ? 'TLS' : 'plain'} />
      <Node icon={IconShieldLock} label="Gate" isGate />
      <Arrow leg={legs.to} label={tls === 'to' || channel.targetTls !== null ? 'TLS' : 'plain'} />
      <Node icon={ICONS[kind][1]} label={to} />
    </div>
  );
}

const ICONS = {
  console: [IconDeviceDesktop, IconServer],
  'ha-listener': [IconServer, IconServer],
  'ha-connector': [IconServer, IconServer],
  partner: [IconServer, IconBuildingBroadcastTower],
} as const;

function Node({ icon: Icon, label, isGate = false }: { icon: typeof IconServer; label: string; isGate?: boolean }) {
  return (
    <div className={classes['node']} data-gate={isGate || undefined}>
      <Icon size={20} stroke={1.6} />
      <span>{label}</span>
    </div>
  );
}

function Arrow({ leg, label }: { leg: Leg; label: string }) {
  return (
    <div className={classes['arrow']} data-leg={leg}>
      <span className={classes['label']}>{label}</span>
      <span className={classes['line']}>{leg === 'broken' && <IconX size={18} stroke={3} />}</span>
    </div>
  );
}

const LEG_WORDS: Readonly<Record<Leg, string>> = {
  ok: 'open',
  odd: 'open although something is wrong',
  broken: 'broken',
  unknown: 'not known',
};

function inWords(kind: Kind, legs: Legs): string {
  const { from, to } = KINDS[kind];
  return `${from} to the gate: ${LEG_WORDS[legs.from]}. The gate to ${to}: ${LEG_WORDS[legs.to]}.`;
}
