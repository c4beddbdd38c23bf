import { Button, Group, NativeSelect, Skeleton, Stack, Text } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { changeDefaults, type Settings, useSettings } from '../api/settings.ts';
import { useMay } from '../api/session.ts';
import { Choice } from '../parts/Choice.tsx';
import { Section } from '../parts/Section.tsx';
import { Trouble } from '../parts/Trouble.tsx';
import { useDoing } from '../parts/useDoing.ts';
import { CRL_OPTIONS, VALIDATION_OPTIONS } from '../parts/validation.ts';
import classes from './Settings.module.css';

const PROFILES: Readonly<Record<string, string>> = {
  'defender-iot': 'what the vendor asks for',
  'defender-iot-strict': 'also refuses what browsers and other clients would not take',
};

/** What an appliance is set to where nobody says otherwise. */
export function Defaults() {
  const { data, error, refetch } = useSettings();
  return (
    <Section
      title="New appliances"
      lead="What an appliance starts with when it is added or imported. Those that are there already keep what they have."
    >
      {error !== null && <Trouble error={error} retry={() => void refetch()} />}
      {data === undefined && error === null && <Skeleton height={260} />}
      {data !== undefined && <DefaultsForm settings={data} onRefused={() => void refetch()} />}
    </Section>
  );
}

type Values = Settings['applianceDefaults'];

interface DefaultsFormProps {
  readonly settings: Settings;
  readonly onRefused: () => void;
}

function DefaultsForm({ settings, onRefused }: DefaultsFormProps) {
  const client = useQueryClient();
  const may = useMay()('settings:write');
  const held = settings.applianceDefaults;
  // Only what is changed here: what somebody else changes meanwhile comes in beside it, and nothing of it is undone.
  const [changes, setChanges] = useState<Partial<Values>>({});
  const [saved, setSaved] = useState(false);
  const { busy, error, run } = useDoing();
  const draft = { ...held, ...changes };
  const isChanged = draft.validation !== held.validation || draft.crl !== held.crl || draft.profile !== held.profile;
  const change = (part: Partial<Values>): void => {
    setChanges({ ...changes, ...part });
    setSaved(false);
  };
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    await run(async () => {
      try {
        client.setQueryData(['settings'], await changeDefaults(settings.version, changes));
      } catch (error) {
        onRefused();
        throw error;
      }
      setChanges({});
      setSaved(true);
    });
  };
  return (
    <form onSubmit={(event) => void submit(event)}>
      <Stack gap="md">
        <Fields draft={draft} onChange={change} disabled={!may} />
        {error !== undefined && <Trouble error={error} />}
        {may ? (
          <Group>
            <Button type="submit" loading={busy} disabled={!isChanged}>
              Save
            </Button>
            {isChanged && (
              <Button variant="subtle" color="gray" onClick={() => setChanges({})}>
                Back to what is saved
              </Button>
            )}
          </Group>
        ) : (
          <Text size="sm" c="dimmed">
            Only an administrator can change this.
          </Text>
        )}
        <Text size="sm" role="status" c="dimmed">
          {saved && !isChanged ? 'Saved. New appliances start with this.' : ''}
        </Text>
      </Stack>
    </form>
  );
}

interface FieldsProps {
  readonly draft: Values;
  readonly onChange: (part: Partial<Values>) => void;
  readonly disabled: boolean;
}

function Fields({ draft, onChange, disabled }: FieldsProps) {
  const profiles = [...new Set([...Object.keys(PROFILES), draft.profile])];
  return (
    <>
      <div className={classes['two']}>
        <Choice
          legend="Validation"
          options={VALIDATION_OPTIONS}
          value={draft.validation}
          onChange={(validation) => onChange({ validation })}
          disabled={disabled}
        />
        <Choice
          legend="Revocation lists (CRL)"
          options={CRL_OPTIONS}
          value={draft.crl}
          onChange={(crl) => onChange({ crl })}
          disabled={disabled}
        />
      </div>
      <NativeSelect
        label="Profile"
        description="Which rules a certificate has to meet, and how hard."
        maw={560}
        disabled={disabled}
        data={profiles.map((profile) => ({
          value: profile,
          label: PROFILES[profile] === undefined ? profile : `${profile}: ${PROFILES[profile]}`,
        }))}
        value={draft.profile}
        onChange={({ currentTarget: { value } }) => onChange({ profile: value })}
      />
    </>
  );
}
