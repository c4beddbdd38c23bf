import { Button, Text } from '@mantine/core';
import { Moment } from '../parts/Moment.tsx';
import { Prose } from '../report/Prose.tsx';
import type { CrlPoint } from './api.ts';
import { CopyText } from '../parts/CopyText.tsx';
import { count } from '../parts/count.ts';
import classes from './Point.module.css';

interface PointProps {
  readonly point: CrlPoint;
  /** Absent: whoever looks may not. */
  readonly onFetch: (() => void) | undefined;
  readonly busy: boolean;
}

/** A place that lists are fetched from: when it was asked, what it said, when it is asked again. */
export function Point({ point, onFetch, busy }: PointProps) {
  const { url, identities, lastAttempt, nextAttempt } = point;
  return (
    <div className={classes['point']}>
      <div className={classes['what']}>
        <div>
          <CopyText text={url} what="address" />
        </div>
        <Text size="xs" c="dimmed" component="div">
          {lastAttempt === null ? (
            'Not asked since the server was started'
          ) : (
            <>
              {lastAttempt.ok ? 'Answered ' : 'Asked in vain '}
              <Moment at={lastAttempt.at} show="relative" />
            </>
          )}
          {' · '}
          {nextAttempt === null ? (
            'not asked by itself'
          ) : (
            <>
              again <Moment at={nextAttempt} show="relative" />
            </>
          )}
          {identities > 0 && ` · named by ${count(identities, 'certificate')}`}
        </Text>
        {lastAttempt?.ok === false && <WhyNot reason={lastAttempt.reason} fix={lastAttempt.fix} />}
      </div>
      {onFetch !== undefined && (
        <Button size="compact-sm" variant="default" onClick={onFetch} loading={busy} aria-label={`Fetch now: ${url}`}>
          Fetch now
        </Button>
      )}
    </div>
  );
}

/** Why nothing came, and what to do. */
export function WhyNot({ reason, fix }: { reason: string | null; fix: string | null }) {
  return (
    <div className={classes['whyNot']}>
      <strong>Why not: </strong>
      {reason ?? 'unknown'}
      {fix !== null && <Prose text={fix} />}
    </div>
  );
}
