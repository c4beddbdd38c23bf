import { Button, Group, Skeleton } from '@mantine/core';
import { IconCalendarQuestion, IconPlus } from '@tabler/icons-react';
import { type ReactNode, useState } from 'react';
import { useMay } from '../api/session.ts';
import { Ask } from '../parts/Ask.tsx';
import { Empty } from '../parts/Empty.tsx';
import { Page } from '../parts/Page.tsx';
import rows from '../parts/rows.module.css';
import { State } from '../parts/State.tsx';
import { Trouble } from '../parts/Trouble.tsx';
import { type Channel, type ChannelState, useChannelActions, useChannels, useChannelStates } from './api.ts';
import { BreakGlass, type GlassCase } from './BreakGlass.tsx';
import { ChannelCard } from './ChannelCard.tsx';
import { ChannelForm } from './ChannelForm.tsx';
import { Forecast } from './Forecast.tsx';
import { CONDITIONS } from './words.ts';

/** What flows, what is halted and why. */
export default function Channels() {
  const channels = useChannels();
  const states = useChannelStates();
  const may = useMay();
  const [dialog, setDialog] = useState<Dialog>();
  const mayWrite = may('inventory:write');
  const isEmpty = channels.data?.length === 0;
  const create = mayWrite && (
    <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={() => setDialog({ what: 'form' })}>
      New channel
    </Button>
  );
  return (
    <Page
      title="Channels"
      lead="Data flows only while the certificates of both ends hold: path, dates, revocation, name."
      actions={
        !isEmpty && (
          <>
            <Button
              variant="default"
              leftSection={<IconCalendarQuestion size={16} aria-hidden />}
              onClick={() => setDialog({ what: 'forecast' })}
            >
              What would be blocked on …
            </Button>
            {create}
          </>
        )
      }
    >
      {channels.error !== null && <Trouble error={channels.error} retry={() => void channels.refetch()} />}
      {states.error !== null && channels.error === null && (
        <Trouble error={states.error} retry={() => void states.refetch()} />
      )}
      {channels.isPending && <Skeleton height={220} aria-label="Loading" />}
      {isEmpty && <NoChannel>{mayWrite ? create : 'An admin can make one.'}</NoChannel>}
      {channels.data !== undefined && !isEmpty && (
        <>
          <Summary channels={channels.data} states={states.data} />
          <ul className={rows['rows']}>
            {sorted(channels.data, states.data).map((channel) => (
              <ChannelCard
                key={channel.id}
                channel={channel}
                state={states.data?.find(({ channelId }) => channelId === channel.id)}
                onEdit={mayWrite ? () => setDialog({ what: 'form', channel }) : undefined}
                onRemove={mayWrite ? () => setDialog({ what: 'remove', channel }) : undefined}
                onBreakGlass={
                  may('channels:override') ? (glass) => setDialog({ what: 'glass', channel, glass }) : undefined
                }
              />
            ))}
          </ul>
        </>
      )}
      {dialog !== undefined && <Opened dialog={dialog} onClose={() => setDialog(undefined)} />}
    </Page>
  );
}

type Dialog =
  | { readonly what: 'forecast' }
  | { readonly what: 'form'; readonly channel?: Channel }
  | { readonly what: 'remove'; readonly channel: Channel }
  | { readonly what: 'glass'; readonly channel: Channel; readonly glass: GlassCase };

/** What a channel is for, where there is none. */
function NoChannel({ children }: { children: ReactNode }) {
  return (
    <Empty title="No channel yet: nothing is guarded">
      A channel stands in front of a web console, between the two halves of an HA pair, or before a partner that is sent
      alerts. It lets data through only while the certificates hold, and closes live connections when one expires or is
      revoked. Start in observe mode: then it only tells what it would have blocked.
      <div style={{ marginBlockStart: 12 }}>{children}</div>
    </Empty>
  );
}

/** The dialog that is open. */
function Opened({ dialog, onClose }: { dialog: Dialog; onClose: () => void }) {
  const { remove } = useChannelActions();
  switch (dialog.what) {
    case 'form':
      return <ChannelForm channel={dialog.channel} onClose={onClose} />;
    case 'forecast':
      return <Forecast onClose={onClose} />;
    case 'glass':
      return <BreakGlass channel={dialog.channel} glass={dialog.glass} onClose={onClose} />;
    case 'remove': {
      const { name, listen } = dialog.channel;
      return (
        <Ask
          title={`Remove the channel “${name}”?`}
          action="Remove this channel"
          destructive
          onConfirm={() => remove(dialog.channel)}
          onClose={onClose}
        >
          Its connections end at once, and nothing goes through {listen.host}:{listen.port} any more. Certificates and
          appliances stay as they are. To pause it only, disable it.
        </Ask>
      );
    }
  }
}

/** How many fare how, in one line; heard by screen readers when it changes. */
function Summary({ channels, states }: { channels: readonly Channel[]; states: readonly ChannelState[] | undefined }) {
  if (states === undefined) return null;
  const counted = Object.entries(CONDITIONS).flatMap(([condition, [tone, word]]) => {
    const count = channels.filter(({ id }) =>
      states.some((state) => state.channelId === id && state.condition === condition),
    ).length;
    return count === 0 ? [] : [{ condition, tone, text: `${count} ${word.toLowerCase()}` }];
  });
  return (
    <Group gap="xs" mb="sm" role="status" aria-label="How the channels fare">
      {counted.map(({ condition, tone, text }) => (
        <State key={condition} state={condition} tone={tone} label={text} />
      ))}
    </Group>
  );
}

const ORDER = Object.keys(CONDITIONS);

/** The worst first, else by name, as the server has them. */
function sorted(channels: readonly Channel[], states: readonly ChannelState[] = []): Channel[] {
  const rank = ({ id }: Channel): number =>
    ORDER.indexOf(states.find(({ channelId }) => channelId === id)?.condition ?? 'flows');
  return channels.toSorted((a, b) => rank(a) - rank(b));
}
