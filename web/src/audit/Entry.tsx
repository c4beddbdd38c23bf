import { Anchor, Button, Group } from '@mantine/core';
import { Link } from 'react-router';
import { Moment } from '../parts/Moment.tsx';
import type { AuditEntry } from './api.ts';
import classes from './Audit.module.css';
import { actorName, pageOf, sentenceOf, subjectOf } from './words.ts';

interface EntryProps {
  readonly entry: AuditEntry;
  readonly onSubject: (subject: string) => void;
}

/** One entry as a sentence; what it says exactly is unfolded. */
export function Entry({ entry, onSubject }: EntryProps) {
  const { before, after, tone = 'calm' } = sentenceOf(entry.action);
  const subject = subjectOf(entry);
  return (
    <li data-tone={tone}>
      <details className={classes['entry']}>
        <summary>
          <time className={classes['time']} dateTime={entry.at}>
            {TIME.format(new Date(entry.at))}
          </time>
          <span className={classes['sentence']}>
            <b>{actorName(entry.actor)}</b> {before}
            {subject !== undefined && (
              <>
                {' '}
                <b>{subject}</b>
              </>
            )}
            {after?.(entry.details) ?? ''}
          </span>
        </summary>
        <dl className={classes['details']}>
          <dt>when</dt>
          <dd>
            <Moment at={entry.at} />
          </dd>
          <dt>action</dt>
          <dd>
            <code>{entry.action}</code>
          </dd>
          <dt>subject</dt>
          <dd>
            <code>{entry.subject}</code>
          </dd>
          {Object.entries(entry.details).map(([name, value]) => (
            <Detail key={name} name={name} value={value} />
          ))}
          <dt>entry</dt>
          <dd>
            <code>
              {entry.seq}:{entry.mac}
            </code>
          </dd>
        </dl>
        <Group gap="md" className={classes['links'] ?? ''}>
          <Button size="xs" variant="default" onClick={() => onSubject(entry.subject)}>
            Everything about {subject ?? entry.subject.split(':')[0]}
          </Button>
          {pageOf(entry.subject) !== undefined && entry.subjectName !== null && (
            <Anchor component={Link} to={pageOf(entry.subject)!} size="sm" underline="always">
              Go to {entry.subjectName}
            </Anchor>
          )}
        </Group>
      </details>
    </li>
  );
}

function Detail({ name, value }: { name: string; value: unknown }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>
        {value === null ? 'none' : typeof value === 'object' ? <code>{JSON.stringify(value)}</code> : String(value)}
      </dd>
    </>
  );
}

const TIME = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' });
