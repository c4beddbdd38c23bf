import { Button, Checkbox, Group, NativeSelect, Stack, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { Choice } from '../parts/Choice.tsx';
import { Dialog } from '../parts/Dialog.tsx';
import { Trouble } from '../parts/Trouble.tsx';
import { useDoing } from '../parts/useDoing.ts';
import { AdvancedFields } from './AdvancedFields.tsx';
import { type Channel, type Kind, useChannelActions } from './api.ts';
import { ChooseAppliance, ChoosePartner } from './Choosers.tsx';
import { type Draft, draftOf, NEW, USUAL, wishOf } from './draft.ts';
import { PlaceFields } from './PlaceFields.tsx';
import { KINDS } from './words.ts';

interface ChannelFormProps {
  /** Undefined: a new one. */
  readonly channel: Channel | undefined;
  readonly onClose: () => void;
}

/** Makes or changes a channel: between whom, where, and how strict. */
export function ChannelForm({ channel, onClose }: ChannelFormProps) {
  const { create, change } = useChannelActions();
  const [draft, setDraft] = useState<Draft>(channel === undefined ? NEW : draftOf(channel));
  const { busy, error, run } = useDoing();
  const set = (part: Partial<Draft>): void => setDraft((before) => ({ ...before, ...part }));
  const { kind } = draft;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    void run(async () => {
      await (channel === undefined ? create({ kind, ...wishOf(draft) }) : change(channel, wishOf(draft)));
      onClose();
    });
  };
  return (
    <Dialog onClose={onClose} title={channel === undefined ? 'New channel' : `Edit “${channel.name}”`} size="lg">
      <form onSubmit={submit}>
        <Stack>
          <EndFields draft={draft} set={set} isNew={channel === undefined} />
          <PlaceFields draft={draft} set={set} />
          <Strictness draft={draft} set={set} isNew={channel === undefined} />
          {kind === 'console' && (
            <Checkbox
              label="Speaks HTTP"
              description="Adds X-Forwarded headers and Strict-Transport-Security; WebSockets go through. Else bytes are carried as they are."
              checked={draft.http}
              onChange={({ currentTarget }) => set({ http: currentTarget.checked })}
            />
          )}
          <AdvancedFields draft={draft} set={set} />
          {error !== undefined && <Trouble error={error} reveal />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={busy}>
              {channel === undefined ? 'Make this channel' : 'Save'}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}

export interface DraftFieldsProps {
  readonly draft: Draft;
  readonly set: (part: Partial<Draft>) => void;
}

interface EndFieldsProps extends DraftFieldsProps {
  /** The kind stays what it was made as. */
  readonly isNew: boolean;
}

/** What it guards, and between whom. */
function EndFields({ draft, set, isNew }: EndFieldsProps) {
  const { kind } = draft;
  return (
    <>
      {isNew && (
        <NativeSelect
          label="What it guards"
          description={KINDS[kind].about}
          value={kind}
          data={Object.entries(KINDS).map(([value, { name }]) => ({ value, label: name }))}
          onChange={({ currentTarget }) => {
            const kind = currentTarget.value as Kind;
            set({ kind, ...USUAL[kind] });
          }}
        />
      )}
      <TextInput
        label="Name"
        required
        value={draft.name}
        onChange={({ currentTarget }) => set({ name: currentTarget.value })}
        placeholder="Line 1, web console"
      />
      {kind === 'partner' ? (
        <ChoosePartner value={draft.partnerId} onChange={(partnerId) => set({ partnerId })} />
      ) : (
        <ChooseAppliance value={draft.applianceId} onChange={(applianceId) => set({ applianceId })} />
      )}
    </>
  );
}

/** What happens to a certificate that does not hold, and what is asked of one. */
function Strictness({ draft, set, isNew }: EndFieldsProps) {
  const owner = draft.kind === 'partner' ? 'partner' : 'appliance';
  const asSet = isNew ? [{ value: 'as-set', label: `As the ${owner} has it` }] : [];
  return (
    <>
      <Choice
        legend="When a certificate does not hold"
        value={draft.mode}
        onChange={(mode) => set({ mode })}
        options={[
          { value: 'enforce', label: 'Block', about: 'New connections are refused, live ones are closed.' },
          {
            value: 'observe',
            label: 'Observe only',
            note: 'for the first weeks',
            about: 'Judges and tells what would be blocked, blocks nothing. Look at the refusals, then enforce.',
          },
        ]}
      />
      <Group grow align="flex-start">
        <NativeSelect
          label="Validation"
          description="None: judged and reported, never blocked."
          value={draft.validation}
          onChange={({ currentTarget }) => set({ validation: currentTarget.value as Draft['validation'] })}
          data={[...asSet, { value: 'mandatory', label: 'Mandatory' }, { value: 'none', label: 'None' }]}
        />
        <NativeSelect
          label="Revocation lists (CRL)"
          description="On: a current list must not name it."
          value={draft.crl}
          onChange={({ currentTarget }) => set({ crl: currentTarget.value as Draft['crl'] })}
          data={[...asSet, { value: 'on', label: 'On' }, { value: 'off', label: 'Off' }]}
        />
      </Group>
    </>
  );
}
