import { Alert, Button, Stack, Text, TextInput } from '@mantine/core';
import { IconShieldCheck, IconShieldX } from '@tabler/icons-react';
import { type FormEvent, useState } from 'react';
import { get } from '../api/request.ts';
import { Command } from '../parts/Command.tsx';
import { Dialog } from '../parts/Dialog.tsx';
import { count } from '../parts/count.ts';
import { Trouble } from '../parts/Trouble.tsx';
import type { Verification } from './api.ts';

/** Walks the chain of the log, and says whether every entry is as it was written. */
export function Verify() {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button
        size="xs"
        variant="default"
        leftSection={<IconShieldCheck size={16} aria-hidden />}
        onClick={() => setOpen(true)}
      >
        Verify…
      </Button>
      {open && <VerifyDialog onClose={() => setOpen(false)} />}
    </>
  );
}

const HEAD = /^\d+:[0-9a-f]{64}$/;

function VerifyDialog({ onClose }: { onClose: () => void }) {
  const [head, setHead] = useState('');
  const [busy, setBusy] = useState(false);
  // With the head that it was asked with: what is typed afterwards was not compared.
  const [found, setFound] = useState<{ verification: Verification; compared: boolean }>();
  const [error, setError] = useState<Error>();
  const isWrong = head.trim() !== '' && !HEAD.test(head.trim());
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (isWrong) return;
    setBusy(true);
    setError(undefined);
    setFound(undefined);
    const query = head.trim() === '' ? '' : `?${new URLSearchParams({ head: head.trim() })}`;
    try {
      const verification = await get<Verification>(`/audit/verification${query}`);
      setFound({ verification, compared: query !== '' });
    } catch (error) {
      setError(error as Error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog onClose={onClose} title="Verify the audit log" size="lg">
      <form onSubmit={(event) => void submit(event)}>
        <Stack>
          <Text size="sm">
            Each entry carries a seal over itself and the entry before, made with a key that is not in the database.
            Whoever changes, removes or slips in an entry there breaks the chain.
          </Text>
          <TextInput
            label="Head noted earlier (optional)"
            description="With it, also that nothing was cut off at the end since then."
            placeholder="4711:9f86…"
            autoComplete="off"
            spellCheck={false}
            value={head}
            onChange={({ currentTarget }) => setHead(currentTarget.value)}
            error={isWrong ? 'A head is a number, a colon and 64 hex digits.' : undefined}
          />
          <Button type="submit" loading={busy} w="fit-content" data-autofocus>
            Verify now
          </Button>
          {error !== undefined && <Trouble error={error} />}
          <div role="status">
            {found !== undefined && <Result found={found.verification} compared={found.compared} />}
          </div>
        </Stack>
      </form>
    </Dialog>
  );
}

function Result({ found, compared }: { found: Verification; compared: boolean }) {
  if (!found.intact) {
    return (
      <Alert color="red" icon={<IconShieldX aria-hidden />} title={`The chain breaks at entry ${found.seq}`}>
        {found.problem}. Everything before it is as it was written. Somebody changed the database itself, or it was
        restored from a backup: find out who had access to it, and compare with a backup.
      </Alert>
    );
  }
  const { seq, mac } = found.head;
  return (
    <Stack gap="xs">
      <Alert color="green" icon={<IconShieldCheck aria-hidden />} title={`Verified: ${count(seq, 'entry', 'entries')}`}>
        Every entry is as it was written, and none is missing{compared ? ' since the head that you noted' : ''}.
      </Alert>
      <Text size="sm">
        The head of today. Note it somewhere else: with it you can show later that nothing was cut off.
      </Text>
      <Command text={`${seq}:${mac}`} label="Copy the head" />
    </Stack>
  );
}
