import { Button, Group } from '@mantine/core';
import { useId, useState } from 'react';
import { Link } from 'react-router';
import { useMay } from '../api/session.ts';
import { Ask } from '../parts/Ask.tsx';
import rows from '../parts/rows.module.css';
import { State, type Tone } from '../parts/State.tsx';
import { Trouble } from '../parts/Trouble.tsx';
import { type Channel, type ChannelState, useChannelActions } from './api.ts';
import type { GlassCase } from './BreakGlass.tsx';
import { ChannelFacts } from './ChannelFacts.tsx';
import { Details } from './Details.tsx';
import { Notes } from './Notes.tsx';
import { OpenExceptions } from './OpenExceptions.tsx';
import { Picture } from './Picture.tsx';
import { Reasons } from './Reasons.tsx';
import { CONDITIONS, KINDS } from './words.ts';
import classes from './ChannelCard.module.css';

interface ChannelCardProps {
  readonly channel: Channel;
  /** Undefined while it is asked for. */
  readonly state: ChannelState | undefined;
  /** Absent: whoever looks may not. */
  readonly onEdit: (() => void) | undefined;
  readonly onRemove: (() => void) | undefined;
  readonly onBreakGlass: ((glass: GlassCase) => void) | undefined;
}

/** One channel: how it fares, why, and what can be done about it. */
export function ChannelCard({ channel, state, onEdit, onRemove, onBreakGlass }: ChannelCardProps) {
  const { name, kind, node } = channel;
  const [opened, setOpened] = useState(false);
  const details = useId();
  const [tone, word] = conditionOf(channel, state);
  return (
    <li className={rows['row']} data-tone={tone}>
      <div>
        <h2 className={rows['name']}>{name}</h2>
        <div className={rows['aside']}>
          {KINDS[kind].name}
          {node !== null && `, on the host ${node}`}
        </div>
      </div>
      <div className={rows['actions']}>
        <State state={state?.condition ?? 'unknown'} tone={tone} label={word} />
      </div>
      <div className={`${rows['wide']} ${classes['body']}`}>
        <Picture channel={channel} state={state} />
        {state !== undefined && <ChannelFacts channel={channel} state={state} />}
      </div>
      {state !== undefined && (
        <>
          <Reasons channel={channel} state={state} onBreakGlass={onBreakGlass} />
          <OpenExceptions state={state} mayClose={onBreakGlass !== undefined} />
          <Notes channel={channel} state={state} />
        </>
      )}
      <Group gap={6} className={rows['wide']} mt={6}>
        <Button
          size="compact-sm"
          variant="default"
          onClick={() => setOpened(!opened)}
          aria-expanded={opened}
          aria-controls={details}
          aria-label={`Connections of ${name}`}
        >
          {opened ? 'Hide connections' : 'Connections and refusals'}
        </Button>
        <Actions channel={channel} onEdit={onEdit} onRemove={onRemove} />
      </Group>
      <div id={details} className={rows['wide']} hidden={!opened}>
        {opened && <Details channel={channel} onBreakGlass={onBreakGlass} />}
      </div>
    </li>
  );
}

/** What can be done to a channel by whoever looks. */
function Actions({ channel, onEdit, onRemove }: Pick<ChannelCardProps, 'channel' | 'onEdit' | 'onRemove'>) {
  const may = useMay();
  const { name } = channel;
  return (
    <>
      {may('audit:read') && (
        <Button
          size="compact-sm"
          variant="default"
          component={Link}
          to={`/audit?subject=channel:${channel.id}`}
          aria-label={`History of ${name}`}
        >
          History
        </Button>
      )}
      {onEdit !== undefined && (
        <>
          <Button size="compact-sm" variant="default" onClick={onEdit} aria-label={`Edit ${name}`}>
            Edit…
          </Button>
          <Enable channel={channel} />
          <Button size="compact-sm" variant="default" onClick={onRemove} aria-label={`Remove ${name}`}>
            Remove…
          </Button>
        </>
      )}
    </>
  );
}

function conditionOf({ enabled }: Channel, state: ChannelState | undefined): readonly [Tone, string] {
  if (state !== undefined) return CONDITIONS[state.condition];
  return enabled ? ['calm', 'Not known yet'] : CONDITIONS.disabled;
}

/** Switches a channel on, or off after a question: its connections end. */
function Enable({ channel }: { channel: Channel }) {
  const { change } = useChannelActions();
  const [asking, setAsking] = useState(false);
  const [error, setError] = useState<Error>();
  const { enabled, name } = channel;
  const enable = async (): Promise<void> => {
    try {
      await change(channel, { enabled: true });
    } catch (error) {
      setError(error as Error);
    }
  };
  return (
    <>
      <Button
        size="compact-sm"
        variant="default"
        onClick={() => (enabled ? setAsking(true) : void enable())}
        aria-label={`${enabled ? 'Disable' : 'Enable'} ${name}`}
      >
        {enabled ? 'Disable…' : 'Enable'}
      </Button>
      {error !== undefined && <Trouble error={error} reveal />}
      {asking && (
        <Ask
          title={`Disable the channel “${name}”?`}
          action="Disable this channel"
          destructive
          onConfirm={() => change(channel, { enabled: false })}
          onClose={() => setAsking(false)}
        >
          Nothing goes through it until it is enabled again; its connections end as soon as they have been given time to
          finish.
        </Ask>
      )}
    </>
  );
}
