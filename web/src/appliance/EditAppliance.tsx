import { Alert, Button, Group, List, Paper, Select, Stack, Switch, Text, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { SHIPPED_PROFILES } from '../../../src/core/requirements/profiles/shipped.data.ts';
import { get, request, RequestFailed } from '../api/request.ts';
import { useMay } from '../api/session.ts';
import { Choice } from '../parts/Choice.tsx';
import { Section } from '../parts/Section.tsx';
import { Trouble } from '../parts/Trouble.tsx';
import { VALIDATION_OPTIONS } from '../parts/validation.ts';
import { type Appliance, appliancePath, CONSOLE_ID, useRefresh } from './appliance-data.ts';
import { Retire } from './Retire.tsx';

const FIELDS = ['name', 'hostname', 'site', 'zone', 'validation', 'crl', 'profile'] as const;
type Draft = Readonly<Record<(typeof FIELDS)[number], string>> & Pick<Appliance, 'validation'>;

const LABELS: Readonly<Record<keyof Draft, string>> = {
  name: 'Name',
  hostname: 'Host name',
  site: 'Site',
  zone: 'Zone',
  validation: 'Validation',
  crl: 'CRL check',
  profile: 'Profile',
};

const draftOf = (appliance: Appliance): Draft => ({
  ...appliance,
  site: appliance.site ?? '',
  zone: appliance.zone ?? '',
});

/** What the appliance is called and how strictly its certificates are judged. */
export function EditAppliance({ appliance }: { appliance: Appliance }) {
  const may = useMay();
  const mayWrite = may('inventory:write') && appliance.retiredAt === null;
  const edit = useEdit(appliance);
  return (
    <Stack gap="xl">
      <Section title="Name and checks" lead={mayWrite ? undefined : 'Only administrators change these.'}>
        <Paper withBorder p="md" maw={720}>
          <form onSubmit={(event) => void edit.save(event)}>
            <fieldset disabled={!mayWrite} style={{ border: 0, margin: 0, padding: 0, minWidth: 0 }}>
              <Fields draft={edit.draft} set={edit.set} disabled={!mayWrite} />
            </fieldset>
            <Stack mt="lg">
              {edit.theirs !== undefined && (
                <ChangedMeanwhile
                  base={edit.base}
                  theirs={edit.theirs}
                  draft={edit.draft}
                  takeTheirs={edit.takeTheirs}
                />
              )}
              {edit.error !== undefined && <Trouble error={edit.error} />}
              {mayWrite && (
                <Group>
                  <Button type="submit" loading={edit.busy} disabled={!edit.changed}>
                    {edit.theirs === undefined ? 'Save' : 'Save mine, too'}
                  </Button>
                  <Text size="sm" c="dimmed" role="status">
                    {edit.saved && !edit.changed ? 'Saved.' : ''}
                  </Text>
                </Group>
              )}
            </Stack>
          </form>
        </Paper>
      </Section>
      {mayWrite && appliance.id !== CONSOLE_ID && <Retire appliance={appliance} />}
    </Stack>
  );
}

function useEdit(appliance: Appliance) {
  const refresh = useRefresh(appliance.id);
  // Against what was read when the editing began; what comes meanwhile must not undo what is being typed.
  const [base, setBase] = useState(appliance);
  const [draft, setDraft] = useState(() => draftOf(appliance));
  const [theirs, setTheirs] = useState<Appliance>();
  const [error, setError] = useState<Error>();
  const [busy, setBusy] = useState(false);
  const [saved, setSaved] = useState(false);
  const changed = FIELDS.some((field) => draft[field] !== draftOf(base)[field]);
  const begin = (from: Appliance): void => {
    setBase(from);
    setDraft(draftOf(from));
    setTheirs(undefined);
    setError(undefined);
  };
  if (!changed && theirs === undefined && appliance.version > base.version) begin(appliance);
  const save = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setError(undefined);
    try {
      const known = theirs ?? base;
      const body = changeOf(base, draft);
      begin(await request<Appliance>('PATCH', appliancePath(base.id), { body, version: known.version }));
      setSaved(true);
      await refresh();
    } catch (error) {
      if (error instanceof RequestFailed && error.code === 'changed-meanwhile')
        // What they changed cannot be had either: then at least that something was changed.
        await get<Appliance>(appliancePath(base.id)).then(setTheirs, () => setError(error));
      else setError(error as Error);
    } finally {
      setBusy(false);
    }
  };
  return {
    base,
    draft,
    theirs,
    error,
    busy,
    saved,
    changed,
    save,
    set: (field: keyof Draft, value: string) => setDraft((before) => ({ ...before, [field]: value })),
    takeTheirs: () => theirs !== undefined && begin(theirs),
  };
}

/** Only what was changed here, so that what somebody else changed meanwhile stays. */
function changeOf(base: Appliance, draft: Draft): Record<string, string | null> {
  const before = draftOf(base);
  const changed = FIELDS.filter((field) => draft[field] !== before[field]);
  return Object.fromEntries(
    changed.map((field) => {
      const value = draft[field].trim();
      return [field, value === '' && (field === 'site' || field === 'zone') ? null : value];
    }),
  );
}

interface FieldsProps {
  readonly draft: Draft;
  readonly set: (field: keyof Draft, value: string) => void;
  readonly disabled: boolean;
}

function Fields({ draft, set, disabled }: FieldsProps) {
  const text = (field: keyof Draft) => ({
    label: LABELS[field],
    value: draft[field],
    disabled,
    onChange: ({ currentTarget }: { currentTarget: HTMLInputElement }) => set(field, currentTarget.value),
  });
  return (
    <Stack>
      <TextInput {...text('name')} required />
      <TextInput
        {...text('hostname')}
        required
        description="As users and other appliances reach it. Its certificate must carry this name."
      />
      <Group grow align="flex-start">
        <TextInput {...text('site')} />
        <TextInput {...text('zone')} />
      </Group>
      <Choice
        legend="Validation of certificates"
        options={VALIDATION_OPTIONS}
        value={draft.validation}
        onChange={(value) => set('validation', value)}
        disabled={disabled}
      />
      <Switch
        label="Use CRL to check certificate status"
        description="Ask the CA’s list of revoked certificates, unless an upload says otherwise."
        checked={draft.crl === 'on'}
        disabled={disabled}
        onChange={({ currentTarget }) => set('crl', currentTarget.checked ? 'on' : 'off')}
      />
      <Select
        label="Profile"
        description="Which requirements its certificates are held against."
        allowDeselect={false}
        disabled={disabled}
        data={SHIPPED_PROFILES.map(({ id, title }) => ({ value: id, label: title ?? id }))}
        value={draft.profile}
        onChange={(value) => value !== null && set('profile', value)}
      />
    </Stack>
  );
}

interface ChangedMeanwhileProps {
  /** What the editing began with. */
  readonly base: Appliance;
  readonly theirs: Appliance;
  readonly draft: Draft;
  readonly takeTheirs: () => void;
}

/** Somebody was faster: what they changed, what this form changes, and the choice. */
function ChangedMeanwhile({ base, theirs, draft, takeTheirs }: ChangedMeanwhileProps) {
  const [before, other] = [draftOf(base), draftOf(theirs)];
  const both = FIELDS.some((field) => other[field] !== before[field] && draft[field] !== before[field]);
  return (
    <Alert color="yellow" title="Somebody else changed this appliance while you were typing" role="alert">
      <Text size="sm">Nothing of yours was saved yet.</Text>
      <Changes title="They changed" from={before} to={other} />
      <Changes title="You change" from={other} to={draft} unlike={before} />
      <Text size="sm" mb="xs">
        {both ? 'Where both of you changed the same, saving puts yours in place of theirs.' : 'Saving keeps both.'}
      </Text>
      <Button size="xs" variant="default" onClick={takeTheirs}>
        Forget mine
      </Button>
    </Alert>
  );
}

interface ChangesProps {
  readonly title: string;
  readonly from: Draft;
  readonly to: Draft;
  /** Where given, only what differs from this. */
  readonly unlike?: Draft;
}

function Changes({ title, from, to, unlike = from }: ChangesProps) {
  const changed = FIELDS.filter((field) => to[field] !== unlike[field]);
  if (changed.length === 0) return null;
  const said = (value: string): string => (value === '' ? 'nothing' : `“${value}”`);
  return (
    <>
      <Text size="sm" mt="xs">
        {title}:
      </Text>
      <List size="sm" mb="xs">
        {changed.map((field) => (
          <List.Item key={field}>
            {LABELS[field]} from {said(from[field])} to {said(to[field])}
          </List.Item>
        ))}
      </List>
    </>
  );
}
