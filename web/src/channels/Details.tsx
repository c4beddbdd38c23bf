import { Button, Skeleton, Stack, Text, Title } from '@mantine/core';
import { Moment } from '../parts/Moment.tsx';
import { Trouble } from '../parts/Trouble.tsx';
import { type Channel, type Connections, type Refused, useConnections, useOverrides } from './api.ts';
import type { GlassCase } from './BreakGlass.tsx';
import classes from './Details.module.css';
import { FindingLines } from './FindingLines.tsx';
import { briefly, bytesInWords, OVERLOOKED, REASONS } from './words.ts';

interface DetailsProps {
  readonly channel: Channel;
  readonly onBreakGlass: ((glass: GlassCase) => void) | undefined;
}

/** Who was turned away and why, who is connected, and the exceptions there were. */
export function Details({ channel, onBreakGlass }: DetailsProps) {
  const connections = useConnections(channel.id);
  if (connections.error !== null) return <Trouble error={connections.error} retry={() => void connections.refetch()} />;
  if (connections.data === undefined) return <Skeleton height={80} aria-label="Loading" />;
  const { at, refused } = connections.data;
  return (
    <Stack gap="md" mt="sm">
      {at === null && (
        <Text size="sm" c="dimmed">
          No process of this channel is heard of, so nobody can tell who is connected.
        </Text>
      )}
      <section>
        <Title order={3} size="h6" mb={4}>
          Last refused and closed
        </Title>
        {refused.length === 0 ? (
          <Text size="sm" c="dimmed">
            Nobody was turned away since the channel was started.
          </Text>
        ) : (
          <ul className={classes['list']} tabIndex={0} aria-label="Last refused and closed">
            {refused.map((one, index) => (
              <RefusedRow key={`${one.at}-${index}`} refused={one} onBreakGlass={onBreakGlass} />
            ))}
          </ul>
        )}
      </section>
      <Live connections={connections.data} />
      <PastExceptions channelId={channel.id} />
    </Stack>
  );
}

function RefusedRow({ refused, onBreakGlass }: Pick<DetailsProps, 'onBreakGlass'> & { refused: Refused }) {
  const { at, peer, what, reason, problem, findings, fingerprint, subject, overlookable } = refused;
  return (
    <li className={classes['item']}>
      <Text size="sm">
        <Moment at={at} /> · {what === 'refused' ? 'refused' : 'closed while it was live'}
        {peer !== null && ` · ${peer}`} · {REASONS[reason]}
      </Text>
      {findings.length > 0 && <FindingLines findings={findings} />}
      {problem !== null && <Text size="sm">{problem}</Text>}
      {fingerprint !== null && (
        <Text size="xs" c="dimmed">
          {subject ?? 'no subject'} · <code>{briefly(fingerprint)}</code>
        </Text>
      )}
      {fingerprint !== null && overlookable.length > 0 && onBreakGlass !== undefined && (
        <Button
          size="compact-xs"
          variant="default"
          onClick={() => onBreakGlass({ fingerprint, subject, overlookable, findings })}
          aria-label={`Let ${subject ?? fingerprint} through for a time`}
        >
          Let it through for a time…
        </Button>
      )}
    </li>
  );
}

function Live({ connections: { live, total } }: { connections: Connections }) {
  return (
    <section>
      <Title order={3} size="h6" mb={4}>
        Connected now ({total})
      </Title>
      {live.length === 0 ? (
        <Text size="sm" c="dimmed">
          Nobody is.
        </Text>
      ) : (
        <ul className={classes['list']} tabIndex={0} aria-label="Connected now">
          {live.map(({ peer, subject, fingerprint, since, validUntil, bytesIn, bytesOut, overrideId }) => (
            <li key={peer} className={classes['item']}>
              <Text size="sm">
                {peer} · since <Moment at={since} show="relative" /> · {bytesInWords(bytesIn)} in,{' '}
                {bytesInWords(bytesOut)} out
                {overrideId !== null && ' · by exception'}
              </Text>
              <Text size="xs" c="dimmed">
                {subject ?? 'shows no certificate'}
                {fingerprint !== null && (
                  <>
                    {' '}
                    · <code>{briefly(fingerprint)}</code>
                  </>
                )}
                {validUntil !== null && (
                  <>
                    {' '}
                    · is closed <Moment at={validUntil} show="relative" /> unless something changes
                  </>
                )}
              </Text>
            </li>
          ))}
        </ul>
      )}
      {total > live.length && live.length > 0 && (
        <Text size="xs" c="dimmed">
          The newest {live.length} of {total}.
        </Text>
      )}
    </section>
  );
}

/** Who broke the glass before, when and why. */
function PastExceptions({ channelId }: { channelId: string }) {
  const { data } = useOverrides(channelId);
  const past = (data ?? []).filter(({ closedAt }) => closedAt !== null);
  if (past.length === 0) return null;
  return (
    <section>
      <Title order={3} size="h6" mb={4}>
        Exceptions before
      </Title>
      <ul className={classes['list']} tabIndex={0} aria-label="Exceptions before">
        {past.map(({ id, openedAt, openedBy, closedAt, closedBy, reason, overlooks, fingerprint }) => (
          <li key={id} className={classes['item']}>
            <Text size="sm">
              <Moment at={openedAt} /> by {openedBy}: “{reason}”
            </Text>
            <Text size="xs" c="dimmed">
              <code>{briefly(fingerprint)}</code> · overlooked {overlooks.map((one) => OVERLOOKED[one]).join('; ')} ·
              ended <Moment at={closedAt!} /> by {closedBy === 'system' ? 'its time' : closedBy}
            </Text>
          </li>
        ))}
      </ul>
    </section>
  );
}
