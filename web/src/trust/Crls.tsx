import { Button, Skeleton } from '@mantine/core';
import { IconRefresh, IconUpload } from '@tabler/icons-react';
import { type ReactNode, useState } from 'react';
import { useMay } from '../api/session.ts';
import { Empty } from '../parts/Empty.tsx';
import { Section } from '../parts/Section.tsx';
import { Trouble } from '../parts/Trouble.tsx';
import { type Crl, useCrlPoints, useCrls, useTrustActions } from './api.ts';
import { AllowOlder, RemoveCrl } from './CrlQuestions.tsx';
import { CrlRow } from './CrlRow.tsx';
import { crlEntries } from './entries.ts';
import { FetchResult, type Fetched } from './FetchResult.tsx';
import { GetCrl } from './GetCrl.tsx';
import classes from '../parts/rows.module.css';

/** The lists of what CAs have taken back, and where they come from. */
export function Crls() {
  const crls = useCrls();
  const points = useCrlPoints();
  const may = useMay();
  const [dialog, setDialog] = useState<Dialog>();
  const { fetching, fetched, fetchOne, fetchAll, forget } = useFetching();
  const mayFetch = may('crls:fetch');
  const mayWrite = may('trust:write');
  const entries = crlEntries(crls.data ?? [], points.data ?? []);
  const isEmpty = crls.data !== undefined && !points.isPending && entries.length === 0;
  const getOne = (mayFetch || mayWrite) && (
    <Button
      variant="default"
      leftSection={<IconUpload size={16} aria-hidden />}
      onClick={() => setDialog({ what: 'get' })}
    >
      {mayWrite ? 'Upload or fetch a list' : 'Fetch a list'}
    </Button>
  );
  const close = (): void => setDialog(undefined);
  return (
    <Section
      title="Revocation lists (CRLs)"
      lead="Each CA publishes a signed list of the certificates that it has taken back before their time. Where CRL is on, a certificate is believed only with a current list that does not name it."
      actions={
        !isEmpty && (
          <>
            {getOne}
            {mayFetch && points.data?.length !== 0 && <FetchAll busy={fetching === ALL} onFetch={fetchAll} />}
          </>
        )
      }
    >
      {crls.error !== null && <Trouble error={crls.error} retry={() => void crls.refetch()} />}
      {crls.isPending && <Skeleton height={150} aria-label="Loading" />}
      <div aria-live="polite">{fetched !== undefined && <FetchResult fetched={fetched} onClose={forget} />}</div>
      {isEmpty && <NoList>{getOne}</NoList>}
      <ul className={classes['rows']}>
        {entries.map((entry) => (
          <CrlRow
            key={entry.key}
            entry={entry}
            fetching={fetching}
            onFetch={mayFetch ? (url) => void fetchOne(url) : undefined}
            onAllowOlder={mayWrite ? (crl) => setDialog({ what: 'older', crl }) : undefined}
            onRemove={mayWrite ? (crl) => setDialog({ what: 'remove', crl }) : undefined}
          />
        ))}
      </ul>
      {dialog?.what === 'get' && <GetCrl mayUpload={mayWrite} mayFetch={mayFetch} onClose={close} />}
      {dialog?.what === 'older' && <AllowOlder crl={dialog.crl} onClose={close} />}
      {dialog?.what === 'remove' && <RemoveCrl crl={dialog.crl} onClose={close} />}
    </Section>
  );
}

function FetchAll({ busy, onFetch }: { busy: boolean; onFetch: () => Promise<void> }) {
  return (
    <Button leftSection={<IconRefresh size={16} aria-hidden />} loading={busy} onClick={() => void onFetch()}>
      Fetch all now
    </Button>
  );
}

/** How lists come, where there is none. */
function NoList({ children }: { children: ReactNode }) {
  return (
    <Empty title="No list is held yet">
      Certificates say where their CA publishes its list. As soon as one with CRL on is in use, its list is fetched from
      there and kept fresh. Where that server cannot be reached, upload the file by hand.
      <div style={{ marginBlockStart: 12 }}>{children}</div>
    </Empty>
  );
}

type Dialog = { readonly what: 'get' } | { readonly what: 'older' | 'remove'; readonly crl: Crl };

const ALL = 'all';

/** Fetching one or all: what is under way, and what came of the last. */
function useFetching() {
  const actions = useTrustActions();
  const [fetching, setFetching] = useState<string>();
  const [fetched, setFetched] = useState<Fetched>();
  const run = async (what: string, work: () => Promise<Fetched>): Promise<void> => {
    setFetching(what);
    setFetched(undefined);
    try {
      setFetched(await work());
    } catch (error) {
      setFetched({ error: error as Error });
    } finally {
      setFetching(undefined);
    }
  };
  return {
    fetching,
    fetched,
    forget: () => setFetched(undefined),
    fetchOne: (url: string) => run(url, async () => ({ kept: await actions.fetch(url) })),
    fetchAll: () => run(ALL, async () => ({ all: await actions.fetchAll() })),
  };
}
