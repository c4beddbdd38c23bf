import { Alert, List, Text } from '@mantine/core';
import { RequestFailed } from '../api/request.ts';
import { Prose } from '../report/Prose.tsx';
import type { FetchedAll, KeptCrl } from './api.ts';
import { count } from '../parts/count.ts';
import { commonName } from './naming.ts';

/** What came of a fetch that somebody asked for. */
export interface Fetched {
  readonly kept?: KeptCrl;
  readonly all?: FetchedAll;
  readonly error?: Error;
}

/** Says what came of it, until it is closed or the next fetch. */
export function FetchResult({ fetched, onClose }: { fetched: Fetched; onClose: () => void }) {
  const { kept, all, error } = fetched;
  const failures = all?.results.filter(({ ok }) => !ok) ?? [];
  const isBad = error !== undefined || failures.length > 0;
  return (
    <Alert
      mb="sm"
      color={isBad ? 'red' : 'green'}
      title={titleOf(fetched)}
      withCloseButton
      closeButtonLabel="Close"
      onClose={onClose}
    >
      {error !== undefined && (
        <Text size="sm" component="div">
          <Prose text={error.message} />
          {error instanceof RequestFailed &&
            error.code === 'crl-older' &&
            ' (“Allow an older one…” stands beside the number of the list.)'}
        </Text>
      )}
      {kept !== undefined && (
        <Text size="sm">
          {commonName(kept.crl.issuer)}, number {kept.crl.number ?? 'none'}
        </Text>
      )}
      {failures.length > 0 && (
        <List size="sm">
          {failures.map(({ url, reason, fix }) => (
            <List.Item key={url} style={{ overflowWrap: 'anywhere' }}>
              {url}: {reason} {fix !== null && <Prose text={fix} />}
            </List.Item>
          ))}
        </List>
      )}
    </Alert>
  );
}

function titleOf({ kept, all, error }: Fetched): string {
  if (error !== undefined) return 'No new list';
  if (kept !== undefined) return kept.outcome === 'unchanged' ? 'The same list as before' : 'A new list is here';
  const results = all?.results ?? [];
  const failed = results.filter(({ ok }) => !ok).length;
  const fresh = results.filter(({ outcome }) => outcome === 'added' || outcome === 'replaced').length;
  const words = [`${count(results.length, 'place')} asked`, `${fresh} new`];
  if (failed > 0) words.push(`${failed} in vain`);
  return words.join(', ');
}
