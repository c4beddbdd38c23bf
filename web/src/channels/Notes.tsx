import { Text } from '@mantine/core';
import { Moment } from '../parts/Moment.tsx';
import type { Channel, ChannelState } from './api.ts';
import classes from './FindingLines.module.css';

/** What is to be known beside how it fares: observe mode, a server that was away, a clock that cannot be trusted. */
export function Notes({ channel, state }: { channel: Channel; state: ChannelState }) {
  const { mode, validation, enabled } = channel;
  const { process, condition } = state;
  if (!enabled) return null;
  const notes = [
    // Where something is the matter, the reasons say so already.
    mode === 'observe' && condition !== 'observed' && (
      <span key="observe">
        <strong>Observe mode:</strong> certificates are judged and refusals told, but nothing is blocked. Once a few
        weeks have shown nothing that should not be blocked, switch to enforce.
      </span>
    ),
    validation === 'none' && condition !== 'observed' && (
      <span key="none">
        <strong>Validation is none:</strong> certificates are judged and reported, never blocked.
      </span>
    ),
    process.serverAway !== null && (
      <span key="away">
        <strong>Was without the server</strong> from <Moment at={process.serverAway.since} /> to{' '}
        <Moment at={process.serverAway.until} />: it went on with what it knew.
      </span>
    ),
    !process.clockTrusted && (
      <span key="clock">
        <strong>Its clock is behind</strong> the highest time that was seen. Expired stays expired meanwhile. If the
        clock is right and was wrong before, on that host: <code>certgate channel trust-clock</code>
      </span>
    ),
    process.restarts > 0 && condition !== 'no-process' && (
      <span key="restarts">
        Its process was restarted {process.restarts} {process.restarts === 1 ? 'time' : 'times'} since the server
        started; the log of the server says why.
      </span>
    ),
  ].filter((note) => note !== false);
  if (notes.length === 0) return null;
  return (
    <Text size="sm" component="div" className={classes['reasons']}>
      {notes}
    </Text>
  );
}
