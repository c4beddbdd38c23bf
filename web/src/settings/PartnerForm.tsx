import { Button, Group, NumberInput, Stack, Textarea, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import type { Partner } from '../channels/api.ts';
import { ChooseAppliance } from '../channels/Choosers.tsx';
import { Choice } from '../parts/Choice.tsx';
import { Dialog } from '../parts/Dialog.tsx';
import { Trouble } from '../parts/Trouble.tsx';
import { useDoing } from '../parts/useDoing.ts';
import { CRL_OPTIONS, VALIDATION_OPTIONS } from '../parts/validation.ts';
import { NEW_PARTNER, type PartnerInput, usePartnerActions } from './partners.ts';

/** A partner's address, and by what its certificate is recognised. */
export function PartnerForm({ partner, onClose }: { partner: Partner | 'new'; onClose: () => void }) {
  const { create, change } = usePartnerActions();
  const [draft, setDraft] = useState<PartnerInput>(partner === 'new' ? NEW_PARTNER : inputOf(partner));
  const [fingerprints, setFingerprints] = useState(draft.fingerprints.join('\n'));
  const [tried, setTried] = useState(false);
  const { busy, error, run } = useDoing();
  const set = (part: Partial<PartnerInput>): void => setDraft({ ...draft, ...part });
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setTried(true);
    if (draft.name.trim() === '' || draft.host.trim() === '') return;
    const lines = fingerprints.split('\n').map((line) => line.trim());
    const body = { ...draft, fingerprints: lines.filter((line) => line !== '') };
    await run(async () => {
      await (partner === 'new' ? create(body) : change(partner, body));
      onClose();
    });
  };
  return (
    <Dialog onClose={onClose} title={partner === 'new' ? 'New partner' : `Partner ${partner.name}`} size="lg">
      <form onSubmit={(event) => void submit(event)} noValidate>
        <Stack>
          <Place draft={draft} onChange={set} tried={tried} />
          <Checks draft={draft} onChange={set} fingerprints={fingerprints} onFingerprints={setFingerprints} />
          {error !== undefined && <Trouble error={error} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={busy}>
              {partner === 'new' ? 'Add the partner' : 'Save'}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}

const inputOf = ({ id: _id, createdAt: _c, updatedAt: _u, version: _v, ...input }: Partner): PartnerInput => input;

interface FieldsProps {
  readonly draft: PartnerInput;
  readonly onChange: (part: Partial<PartnerInput>) => void;
}

/** What it is called, and where it is. */
function Place({ draft, onChange, tried }: FieldsProps & { tried: boolean }) {
  return (
    <>
      <TextInput
        label="Name"
        description="What you call it."
        autoComplete="off"
        data-autofocus
        value={draft.name}
        onChange={({ currentTarget: { value } }) => onChange({ name: value })}
        error={tried && draft.name.trim() === '' ? 'A name is needed.' : undefined}
      />
      <Group align="flex-start" grow preventGrowOverflow={false}>
        <TextInput
          label="Host"
          placeholder="siem.contoso.com"
          autoComplete="off"
          spellCheck={false}
          miw={180}
          value={draft.host}
          onChange={({ currentTarget: { value } }) => onChange({ host: value })}
          error={tried && draft.host.trim() === '' ? 'A host name or an IP address is needed.' : undefined}
        />
        <NumberInput
          label="Port"
          min={1}
          max={65_535}
          allowDecimal={false}
          hideControls
          maw={120}
          value={draft.port}
          onChange={(value) => onChange({ port: Number(value) })}
        />
      </Group>
    </>
  );
}

interface ChecksProps extends FieldsProps {
  /** As they are typed, one a line. */
  readonly fingerprints: string;
  readonly onFingerprints: (text: string) => void;
}

/** By what its certificate is judged, and what it is shown. */
function Checks({ draft, onChange, fingerprints, onFingerprints }: ChecksProps) {
  return (
    <>
      <Choice
        legend="Validation"
        options={VALIDATION_OPTIONS}
        value={draft.validation}
        onChange={(validation) => onChange({ validation })}
      />
      <Choice
        legend="Revocation lists (CRL)"
        options={CRL_OPTIONS}
        value={draft.crl}
        onChange={(crl) => onChange({ crl })}
      />
      <TextInput
        label="Name in its certificate"
        description="Only where it is not its host name."
        autoComplete="off"
        spellCheck={false}
        value={draft.serverName ?? ''}
        onChange={({ currentTarget: { value } }) => onChange({ serverName: value.trim() === '' ? null : value })}
      />
      <Textarea
        label="SHA-256 fingerprints of its certificate"
        description="One a line. With one of these its certificate is known by itself, whatever CA and name it has: for a partner without a CA."
        autosize
        minRows={1}
        spellCheck={false}
        value={fingerprints}
        onChange={({ currentTarget: { value } }) => onFingerprints(value)}
        styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)', fontSize: 12 } }}
      />
      <ChooseAppliance
        label="Certificate to show"
        description="Where the partner asks for one: that of this appliance."
        optional
        value={draft.clientApplianceId}
        onChange={(clientApplianceId) => onChange({ clientApplianceId })}
      />
    </>
  );
}
