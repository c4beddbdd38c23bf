import { Button, Skeleton, Stack, Text, Title } from '@mantine/core';
import { count } from '../parts/count.ts';
import { Empty } from '../parts/Empty.tsx';
import { Trouble } from '../parts/Trouble.tsx';
import { type AuditEntry, type AuditFilter, useAudit } from './api.ts';
import classes from './Audit.module.css';
import { Entry } from './Entry.tsx';

interface EntryListProps {
  readonly filter: AuditFilter;
  readonly onSubject: (subject: string) => void;
}

/** The entries, a heading for each day. */
export function EntryList({ filter, onSubject }: EntryListProps) {
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useAudit(filter);
  if (error !== null && data === undefined) return <Trouble error={error} retry={() => void refetch()} />;
  if (data === undefined) return <Skeleton height={300} />;
  const entries = data.pages.flatMap(({ items }) => items);
  if (entries.length === 0) {
    return <Empty title="Nothing of the kind has happened">Leave out part of the filter, or ask for other days.</Empty>;
  }
  return (
    <Stack gap="md">
      <Text size="sm" c="dimmed" role="status">
        {hasNextPage
          ? `The newest ${count(entries.length, 'entry', 'entries')}`
          : count(entries.length, 'entry', 'entries')}
      </Text>
      {daysOf(entries).map(({ day, entries }) => (
        <section key={day} aria-label={day}>
          <Title order={2} size="h5" mb={6}>
            {day}
          </Title>
          <ul className={classes['entries']}>
            {entries.map((entry) => (
              <Entry key={entry.seq} entry={entry} onSubject={onSubject} />
            ))}
          </ul>
        </section>
      ))}
      {error !== null && <Trouble error={error} />}
      {hasNextPage && (
        <Button variant="default" w="fit-content" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          Older entries
        </Button>
      )}
    </Stack>
  );
}

const DAY = new Intl.DateTimeFormat(undefined, { dateStyle: 'full' });

/** In the user's own zone. */
function daysOf(entries: readonly AuditEntry[]): { day: string; entries: AuditEntry[] }[] {
  const days: { day: string; entries: AuditEntry[] }[] = [];
  for (const entry of entries) {
    const day = DAY.format(new Date(entry.at));
    if (days.at(-1)?.day === day) days.at(-1)!.entries.push(entry);
    else days.push({ day, entries: [entry] });
  }
  return days;
}
