import { Button, Checkbox, Code, Group, NativeSelect, Stack, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { useSession } from '../api/session.ts';
import { Dialog } from '../parts/Dialog.tsx';
import { Trouble } from '../parts/Trouble.tsx';
import { useDoing } from '../parts/useDoing.ts';
import { type MadeToken, useAccessActions } from './api.ts';
import { TokenMade } from './TokenMade.tsx';
import { scopesFor, scopeWords } from './words.ts';

const DAY_MS = 86_400_000;
const ENDS = [
  { value: '30', label: 'in 30 days' },
  { value: '90', label: 'in 90 days' },
  { value: '365', label: 'in a year' },
  { value: 'never', label: 'never' },
];

/** Makes a token; its secret is shown once. */
export function NewToken({ onClose }: { onClose: () => void }) {
  const [made, setMade] = useState<MadeToken>();
  return (
    <Dialog
      onClose={onClose}
      title={made === undefined ? 'New token' : `The token ${made.name} is made`}
      size="lg"
      // Once it is away nobody can show it again: only its own button closes it.
      closeOnClickOutside={made === undefined}
      closeOnEscape={made === undefined}
    >
      {made === undefined ? (
        <TokenForm onMade={setMade} onClose={onClose} />
      ) : (
        <TokenMade token={made} onClose={onClose} />
      )}
    </Dialog>
  );
}

function TokenForm({ onMade, onClose }: { onMade: (token: MadeToken) => void; onClose: () => void }) {
  const { createToken } = useAccessActions();
  const [name, setName] = useState('');
  const [scopes, setScopes] = useState<string[]>([]);
  const [ends, setEnds] = useState('90');
  const [tried, setTried] = useState(false);
  const { busy, error, run } = useDoing();
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setTried(true);
    if (name.trim() === '' || scopes.length === 0) return;
    const expiresAt = ends === 'never' ? null : new Date(Date.now() + Number(ends) * DAY_MS).toISOString();
    await run(async () => onMade(await createToken({ name: name.trim(), scopes, expiresAt })));
  };
  return (
    <form onSubmit={(event) => void submit(event)} noValidate>
      <Stack>
        <TextInput
          label="Name"
          description="What it is for, so that you know later: backup script, ticket system …"
          autoComplete="off"
          data-autofocus
          maxLength={200}
          value={name}
          onChange={({ currentTarget }) => setName(currentTarget.value)}
          error={tried && name.trim() === '' ? 'A name is needed.' : undefined}
        />
        <Scopes scopes={scopes} onChange={setScopes} wanting={tried && scopes.length === 0} />
        <NativeSelect
          label="Ends"
          data={ENDS}
          value={ends}
          onChange={({ currentTarget }) => setEnds(currentTarget.value)}
          description={ends === 'never' ? 'A token that never ends and gets lost opens the door for good.' : undefined}
        />
        {error !== undefined && <Trouble error={error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={busy}>
            Make the token
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

interface ScopesProps {
  readonly scopes: string[];
  readonly onChange: (scopes: string[]) => void;
  /** Somebody went on without any. */
  readonly wanting: boolean;
}

/** What the token may, in words. */
function Scopes({ scopes, onChange, wanting }: ScopesProps) {
  const { session } = useSession();
  return (
    <Checkbox.Group
      label="May"
      description="No more than the program needs; you can only give what you may yourself."
      value={scopes}
      onChange={onChange}
      error={wanting ? 'Tick at least one.' : undefined}
    >
      <Stack gap={6} mt="xs">
        {scopesFor(session?.permissions ?? []).map((scope) => (
          <Checkbox
            key={scope}
            value={scope}
            label={
              <>
                {scopeWords(scope)} <Code>{scope}</Code>
              </>
            }
          />
        ))}
      </Stack>
    </Checkbox.Group>
  );
}
