import { Button, Group, Paper, PasswordInput, Radio, SimpleGrid, Stack, Text } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { post } from '../api/request.ts';
import { Trouble } from '../parts/Trouble.tsx';
import { type Appliance, appliancePath, type Identity, type PendingKey, useRefresh } from './appliance-data.ts';
import { type MadeKey, makeKey } from './browser-csr.ts';
import { MadeInBrowser } from './MadeInBrowser.tsx';
import { RequestFields } from './RequestFields.tsx';
import { namesOf, subjectDraft, subjectOf } from './subject.ts';

interface NewKeyProps {
  readonly appliance: Appliance;
  readonly active: Identity | undefined;
}

type Where = 'server' | 'browser';
const SHORTEST = 8;

/** Asks what the request shall say, and where the key is made. */
export function NewKey({ appliance, active }: NewKeyProps) {
  const form = useNewKey(appliance, active);
  const { where, passphrase, repeated } = form;
  if (form.made !== undefined) {
    return <MadeInBrowser appliance={appliance} made={form.made} onDone={form.forget} />;
  }
  const notReady = where === 'browser' && (passphrase.length < SHORTEST || passphrase !== repeated);
  return (
    <Paper withBorder p="md" maw={820}>
      <form onSubmit={(event) => void form.make(event)}>
        <Stack>
          <Radio.Group label="Where is the key made?" value={where} onChange={(to) => form.setWhere(to as Where)}>
            <Stack gap={6} mt={6}>
              <Radio
                value="server"
                label="On the server (best)"
                description="It never travels: nobody can lose it on the way. Only the certificate is uploaded later."
              />
              <Radio
                value="browser"
                label="In this browser"
                description="For a key that you must hold yourself. You save it as an encrypted file; it is sent to nobody."
              />
            </Stack>
          </Radio.Group>
          <RequestFields hostname={appliance.hostname} draft={form.draft} set={form.set} />
          {where === 'browser' && <Passphrase form={form} />}
          {form.error !== undefined && <Trouble error={form.error} />}
          <Group>
            <Button type="submit" loading={form.busy} disabled={notReady}>
              Make the key and the request
            </Button>
            <Text size="sm" role="status">
              {form.done ? 'Made: the key and its request are in the list above.' : ''}
            </Text>
          </Group>
        </Stack>
      </form>
    </Paper>
  );
}

function Passphrase({ form }: { form: ReturnType<typeof useNewKey> }) {
  const { passphrase, repeated } = form;
  return (
    <SimpleGrid cols={{ base: 1, xs: 2 }}>
      <PasswordInput
        label="Passphrase of the key file"
        description={`At least ${SHORTEST} characters`}
        required
        autoComplete="new-password"
        value={passphrase}
        onChange={({ currentTarget }) => form.setPassphrase(currentTarget.value)}
      />
      <PasswordInput
        label="The same once more"
        description="Nobody can recover it"
        required
        autoComplete="new-password"
        value={repeated}
        error={repeated !== '' && !passphrase.startsWith(repeated) ? 'Not the same' : undefined}
        onChange={({ currentTarget }) => form.setRepeated(currentTarget.value)}
      />
    </SimpleGrid>
  );
}

function goTo(id: string): void {
  const element = document.getElementById(id);
  element?.focus({ preventScroll: true });
  element?.scrollIntoView({ block: 'start' });
}

export type RequestDraft = ReturnType<typeof emptyDraft>;

const emptyDraft = (active: Identity | undefined) => ({
  ...subjectDraft(active?.origin === 'self-signed' ? undefined : active?.subject),
  alternativeNames: '',
  bits: '2048',
});

function useNewKey(appliance: Appliance, active: Identity | undefined) {
  const refresh = useRefresh(appliance.id);
  const [where, setWhere] = useState<Where>('server');
  const [draft, setDraft] = useState(() => emptyDraft(active));
  const [passphrase, setPassphrase] = useState('');
  const [repeated, setRepeated] = useState('');
  const [made, setMade] = useState<MadeKey>();
  const [done, setDone] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<Error>();
  const { alternativeNames, bits, ...fields } = draft;
  const wanted = {
    bits: bits === '4096' ? (4096 as const) : (2048 as const),
    subject: subjectOf(fields),
    alternativeNames: namesOf(alternativeNames),
  };
  const make = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setDone(false);
    setError(undefined);
    try {
      if (where === 'server') {
        const { id } = await post<PendingKey>(appliancePath(appliance.id, '/csrs'), wanted);
        await refresh();
        setDone(true);
        // There one goes on: with the request.
        requestAnimationFrame(() => goTo(`key-${id}`));
      } else {
        const subject = { ...wanted.subject, commonName: appliance.hostname };
        setMade(await makeKey({ ...wanted, subject, passphrase }));
        setPassphrase('');
        setRepeated('');
      }
    } catch (error) {
      setError(error as Error);
    } finally {
      setBusy(false);
    }
  };
  return {
    where,
    setWhere,
    draft,
    passphrase,
    setPassphrase,
    repeated,
    setRepeated,
    made,
    done,
    busy,
    error,
    make,
    set: (field: keyof RequestDraft, value: string) => setDraft((before) => ({ ...before, [field]: value })),
    forget: () => setMade(undefined),
  };
}
