import { Checkbox, Fieldset, Group, Textarea, TextInput } from '@mantine/core';
import type { DraftFieldsProps } from './ChannelForm.tsx';
import type { Draft } from './draft.ts';

/** Where a channel listens and where it leads to. */
export function PlaceFields({ draft, set }: DraftFieldsProps) {
  const { kind } = draft;
  return (
    <>
      <Address
        legend="Listens at"
        hint={kind === 'console' || kind === 'ha-listener' ? '0.0.0.0: at every address' : 'of the local service'}
        draft={draft}
        set={set}
        host="listenHost"
        port="listenPort"
      />
      {kind !== 'partner' && (
        <Address
          legend="Leads to"
          hint={kind === 'ha-connector' ? 'the listening end' : 'the service behind it'}
          draft={draft}
          set={set}
          host="targetHost"
          port="targetPort"
        />
      )}
      {kind === 'console' && <TargetTls draft={draft} set={set} />}
      {kind === 'ha-connector' && (
        <TextInput
          label="Name in the certificate of the listening end"
          description="Left empty: the host it leads to."
          value={draft.serverName}
          onChange={({ currentTarget }) => set({ serverName: currentTarget.value })}
        />
      )}
    </>
  );
}

/** Whether the web console behind it is plain, and if not, whom to expect there. */
function TargetTls({ draft, set }: DraftFieldsProps) {
  return (
    <>
      <Checkbox
        label="It speaks TLS itself"
        description="Nothing is sent there unless its certificate holds: path to your anchors, dates, name, or its fingerprint."
        checked={draft.targetTls}
        onChange={({ currentTarget }) => set({ targetTls: currentTarget.checked })}
      />
      {draft.targetTls && (
        <>
          <Textarea
            label="Fingerprint of its certificate"
            description="SHA-256, one a line; for a self-signed one. Left empty: its path and name count."
            autosize
            value={draft.targetFingerprints}
            onChange={({ currentTarget }) => set({ targetFingerprints: currentTarget.value })}
          />
          <TextInput
            label="Name in its certificate"
            description="Left empty: the host it leads to. Not asked where a fingerprint is given."
            value={draft.serverName}
            onChange={({ currentTarget }) => set({ serverName: currentTarget.value })}
          />
        </>
      )}
    </>
  );
}

interface AddressProps extends DraftFieldsProps {
  readonly legend: string;
  readonly hint: string;
  readonly host: 'listenHost' | 'targetHost';
  readonly port: 'listenPort' | 'targetPort';
}

function Address({ legend, hint, draft, set, host, port }: AddressProps) {
  const change = (field: keyof Draft, value: string): void => set({ [field]: value });
  return (
    <Fieldset legend={legend} p="xs">
      <Group align="flex-start" gap="sm">
        <TextInput
          label="Host or address"
          description={hint}
          inputWrapperOrder={['label', 'input', 'description']}
          required
          style={{ flex: '1 1 180px' }}
          value={draft[host]}
          onChange={({ currentTarget }) => change(host, currentTarget.value)}
        />
        <TextInput
          label="Port"
          required
          inputMode="numeric"
          pattern="[0-9]{1,5}"
          w={90}
          value={draft[port]}
          onChange={({ currentTarget }) => change(port, currentTarget.value)}
        />
      </Group>
    </Fieldset>
  );
}
