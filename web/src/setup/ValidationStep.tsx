import { Button, Group, Stack } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useNavigate } from 'react-router';
import { changeDefaults, type Settings, useSettings } from '../api/settings.ts';
import { Choice } from '../parts/Choice.tsx';
import { Trouble } from '../parts/Trouble.tsx';
import { VALIDATION_OPTIONS } from '../parts/validation.ts';
import { finish, keptChoice } from './progress.ts';
import { StepHead } from './StepHead.tsx';

/** Step 3: what happens to the traffic of an appliance whose certificate is no good. */
export function ValidationStep({ onBack }: { onBack: () => void }) {
  const { data, error: unread, refetch } = useSettings();
  const client = useQueryClient();
  const navigate = useNavigate();
  const [validation, setValidation] = useState<Settings['applianceDefaults']['validation']>('mandatory');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<Error>();
  const uploads = keptChoice() === 'upload';
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (data === undefined) return;
    setBusy(true);
    setError(undefined);
    try {
      client.setQueryData(['settings'], await changeDefaults(data.version, { validation }));
      // First away from here: without its progress this page sends everybody to the overview.
      await navigate(uploads ? '/appliances/console?show=new' : '/', { replace: true });
      finish();
    } catch (error) {
      setError(error as Error);
      setBusy(false);
      void refetch();
    }
  };
  return (
    <form onSubmit={(event) => void submit(event)}>
      <Stack gap="md">
        <StepHead title="What happens when a certificate is no good?">
          This is what new appliances start with. Each appliance can be set otherwise, and all of this can be changed at
          any time.
        </StepHead>
        {unread !== null && <Trouble error={unread} retry={() => void refetch()} />}
        <Choice
          legend="Validation of new appliances"
          options={VALIDATION_OPTIONS}
          value={validation}
          onChange={setValidation}
        />
        {error !== undefined && <Trouble error={error} />}
        <Group>
          <Button type="submit" loading={busy} disabled={data === undefined}>
            {uploads ? 'Finish and upload the certificate' : 'Finish'}
          </Button>
          <Button variant="subtle" color="gray" onClick={onBack}>
            Back
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
