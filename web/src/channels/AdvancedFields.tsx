import { Group, Stack, Textarea, TextInput } from '@mantine/core';
import type { DraftFieldsProps } from './ChannelForm.tsx';
import classes from './AdvancedFields.module.css';

/** What most channels leave as it is: where it runs, who may be at the other end, grace for old lists, limits. */
export function AdvancedFields({ draft, set }: DraftFieldsProps) {
  return (
    <details className={classes['details']}>
      <summary>Host it runs on, allow-list, grace for old lists, limits</summary>
      <Stack mt="xs" gap="sm">
        <TextInput
          label="Runs on"
          description="Left empty: on this server. Else the name of the API token of the host that runs it."
          value={draft.node}
          onChange={({ currentTarget }) => set({ node: currentTarget.value })}
        />
        <Textarea
          label="Only these common names"
          description="Of the certificate at the other end, one a line. All three empty: everybody with a valid certificate."
          autosize
          value={draft.commonNames}
          onChange={({ currentTarget }) => set({ commonNames: currentTarget.value })}
        />
        <Textarea
          label="Only these DNS names"
          autosize
          value={draft.dnsNames}
          onChange={({ currentTarget }) => set({ dnsNames: currentTarget.value })}
        />
        <Textarea
          label="Only these public keys"
          description="SHA-256 of the SubjectPublicKeyInfo, hex."
          autosize
          value={draft.publicKeys}
          onChange={({ currentTarget }) => set({ publicKeys: currentTarget.value })}
        />
        <TextInput
          label="Hours that a revocation list still counts after its end"
          description="0: without a current list it is blocked."
          inputMode="decimal"
          value={draft.staleCrlGraceHours}
          onChange={({ currentTarget }) => set({ staleCrlGraceHours: currentTarget.value })}
        />
        <Group grow align="flex-end">
          <Limit label="Connections at most" field="connections" draft={draft} set={set} />
          <Limit label="New ones a minute, from one address" field="perSourceAMinute" draft={draft} set={set} />
        </Group>
        <Group grow align="flex-end">
          <Limit label="Handshake at most (ms)" field="handshakeMs" draft={draft} set={set} />
          <Limit label="Time to finish when it is stopped (ms)" field="drainMs" draft={draft} set={set} />
        </Group>
      </Stack>
    </details>
  );
}

interface LimitProps extends DraftFieldsProps {
  readonly label: string;
  readonly field: 'connections' | 'perSourceAMinute' | 'handshakeMs' | 'drainMs';
}

function Limit({ label, field, draft, set }: LimitProps) {
  return (
    <TextInput
      label={label}
      inputMode="numeric"
      value={draft[field]}
      onChange={({ currentTarget }) => set({ [field]: currentTarget.value })}
    />
  );
}
