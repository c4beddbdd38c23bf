import { Button, Skeleton } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { useMay } from '../api/session.ts';
import { Empty } from '../parts/Empty.tsx';
import { Section } from '../parts/Section.tsx';
import { Trouble } from '../parts/Trouble.tsx';
import { AddAnchor } from './AddAnchor.tsx';
import { type Anchor, useAnchors } from './api.ts';
import { AnchorRow } from './AnchorRow.tsx';
import { RemoveAnchor } from './RemoveAnchor.tsx';
import { RollOver } from './RollOver.tsx';
import classes from '../parts/rows.module.css';

/** The CAs whose certificates are believed. */
export function Anchors() {
  const anchors = useAnchors();
  const [adding, setAdding] = useState(false);
  const [removing, setRemoving] = useState<Anchor>();
  const mayWrite = useMay()('trust:write');
  const add = (
    <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={() => setAdding(true)}>
      Add a trust anchor
    </Button>
  );
  const isEmpty = anchors.data?.length === 0;
  return (
    <Section
      title="Trust anchors"
      lead="Certificates of CAs, usually roots. A certificate is believed only where its chain ends in one of these."
      actions={mayWrite && !isEmpty && add}
    >
      {anchors.error !== null && <Trouble error={anchors.error} retry={() => void anchors.refetch()} />}
      {anchors.isPending && <Skeleton height={110} aria-label="Loading" />}
      {isEmpty && (
        <Empty title="No CA is trusted yet: every certificate is refused">
          A trust anchor is a CA&apos;s own certificate, taken from a place you trust. Ask the people who run your CA
          for the root certificate and its SHA-256 fingerprint, then add it here.
          <div style={{ marginBlockStart: 12 }}>{mayWrite ? add : 'An admin can add it.'}</div>
        </Empty>
      )}
      {anchors.data !== undefined && !isEmpty && (
        <>
          <ul className={classes['rows']}>
            {anchors.data.map((anchor) => (
              <AnchorRow key={anchor.id} anchor={anchor} onRemove={mayWrite ? () => setRemoving(anchor) : undefined} />
            ))}
          </ul>
          <RollOver anchors={anchors.data} />
        </>
      )}
      {adding && <AddAnchor onClose={() => setAdding(false)} />}
      {removing !== undefined && (
        <RemoveAnchor anchor={removing} all={anchors.data ?? []} onClose={() => setRemoving(undefined)} />
      )}
    </Section>
  );
}
