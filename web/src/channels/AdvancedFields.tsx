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
          <TextInput
            label="Connections at most"
            inputMode="numeric"
            value={draft.connections}
            onChange={({ currentTarget }) => set({ connections: currentTarget.value })}
          />
          <TextInput
            label="New ones a minute, from one address"
            inputMode="numeric"
            value={draft.perSourceAMinute}
            onChange={({ currentTarget }) => set({ perSourceAMinute: currentTarget.value })}
          />
        </Group>
        <Group grow align="flex-end">
          <TextInput
            label="Handshake at most (ms)"
            inputMode="numeric"
            value={draft.handshakeMs}
            onChange={({ currentTarget }) => set({ handshakeMs: currentTarget.value })}
          />
          <TextInput
            label="Time to finish when it is stopped (ms)"
            inputMode="numeric"
            value={draft.drainMs}
            onChange={({ currentTarget }) => set({ drainMs: currentTarget.value })}
          />
        </Group>
      </Stack>
    </details>
  );
}
