import { Button, Text } from '@mantine/core';
import { Moment } from '../parts/Moment.tsx';
import { Trouble } from '../parts/Trouble.tsx';
import { useDoing } from '../parts/useDoing.ts';
import { type ChannelState, type Override, useChannelActions } from './api.ts';
import { useNow } from './useNow.ts';
import { briefly, OVERLOOKED, timeLeft } from './words.ts';
import classes from './FindingLines.module.css';

/** The exceptions that are open at a channel: what they overlook, for whom, how long still, and the way to end them. */
export function OpenExceptions({ state, mayClose }: { state: ChannelState; mayClose: boolean }) {
  return state.overrides.map((override) => <OpenException key={override.id} override={override} mayClose={mayClose} />);
}

function OpenException({ override, mayClose }: { override: Override; mayClose: boolean }) {
  const now = useNow();
  const { closeOverride } = useChannelActions();
  const { busy, error, run } = useDoing();
  const { fingerprint, overlooks, reason, openedBy, endsAt } = override;
  return (
    <div className={classes['reasons']} data-tone="odd" role="group" aria-label="Open exception">
      <Text size="sm">
        <strong>Exception open, {timeLeft(endsAt, now)} left</strong> (until <Moment at={endsAt} />
        ). By {openedBy}: “{reason}”. Overlooks of the certificate <code>{briefly(fingerprint)}</code>{' '}
        {overlooks.map((one) => OVERLOOKED[one]).join('; ')}.
      </Text>
      {mayClose && (
        <Button
          size="compact-sm"
          variant="default"
          loading={busy}
          onClick={() => void run(() => closeOverride(override))}
        >
          Close now
        </Button>
      )}
      {error !== undefined && <Trouble error={error} reveal />}
    </div>
  );
}
