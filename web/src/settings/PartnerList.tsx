import { Button, Skeleton } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { useMay } from '../api/session.ts';
import { type Partner, usePartners } from '../channels/api.ts';
import { Ask } from '../parts/Ask.tsx';
import { Empty } from '../parts/Empty.tsx';
import { Line, Lines } from '../parts/Lines.tsx';
import { Section } from '../parts/Section.tsx';
import { Trouble } from '../parts/Trouble.tsx';
import { PartnerForm } from './PartnerForm.tsx';
import { usePartnerActions } from './partners.ts';

/** Servers that receive forwarded alerts. */
export function PartnerList() {
  const { data, error, refetch } = usePartners();
  const { remove } = usePartnerActions();
  const may = useMay()('inventory:write');
  const [editing, setEditing] = useState<Partner | 'new'>();
  const [removing, setRemoving] = useState<Partner>();
  return (
    <Section
      title="Partners"
      lead="Servers that receive forwarded alerts, a SIEM for instance. A channel leads to each; its certificate is checked by what you say here."
      actions={
        may && (
          <Button size="xs" leftSection={<IconPlus size={16} aria-hidden />} onClick={() => setEditing('new')}>
            New partner…
          </Button>
        )
      }
    >
      {error !== null && <Trouble error={error} retry={() => void refetch()} />}
      {data === undefined && error === null && <Skeleton height={80} />}
      {data?.length === 0 && (
        <Empty title="No partner">
          {may ? 'Add the server that alerts are forwarded to, then a channel to it.' : 'An administrator can add one.'}
        </Empty>
      )}
      {data !== undefined && data.length > 0 && (
        <Lines label="Partners">
          {data.map((partner) => (
            <PartnerLine
              key={partner.id}
              partner={partner}
              onEdit={may ? () => setEditing(partner) : undefined}
              onRemove={() => setRemoving(partner)}
            />
          ))}
        </Lines>
      )}
      {editing !== undefined && <PartnerForm partner={editing} onClose={() => setEditing(undefined)} />}
      {removing !== undefined && (
        <Ask
          title={`Remove the partner ${removing.name}?`}
          action={`Remove ${removing.name}`}
          destructive
          onConfirm={() => remove(removing)}
          onClose={() => setRemoving(undefined)}
        >
          Nothing is forwarded to {removing.host}:{removing.port} any more. A channel that leads there must be removed
          first.
        </Ask>
      )}
    </Section>
  );
}

interface PartnerLineProps {
  readonly partner: Partner;
  readonly onEdit: (() => void) | undefined;
  readonly onRemove: () => void;
}

function PartnerLine({ partner, onEdit, onRemove }: PartnerLineProps) {
  const { name, host, port, validation, crl, serverName, fingerprints, clientApplianceId } = partner;
  const known =
    fingerprints.length > 0
      ? `known by ${fingerprints.length === 1 ? 'its fingerprint' : `${fingerprints.length} fingerprints`}`
      : `certificate for ${serverName ?? host}`;
  return (
    <Line
      title={name}
      facts={
        <>
          {host}:{port} · {known}
          <br />
          Validation {validation}, CRL {crl}
          {clientApplianceId === null ? '' : ', shows a certificate when asked for one'}
        </>
      }
      actions={
        onEdit && (
          <>
            <Button size="xs" variant="default" onClick={onEdit} aria-label={`Change ${name}`}>
              Change…
            </Button>
            <Button size="xs" variant="default" onClick={onRemove} aria-label={`Remove ${name}`}>
              Remove…
            </Button>
          </>
        )
      }
    />
  );
}
