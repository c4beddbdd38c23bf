import {
  Button,
  Checkbox,
  Group,
  List,
  Modal,
  NativeSelect,
  PasswordInput,
  Stack,
  Text,
  Textarea,
} from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { RequestFailed } from '../api/request.ts';
import { CopyText } from '../parts/CopyText.tsx';
import { Trouble } from '../parts/Trouble.tsx';
import { type Channel, type Finding, type Overlooked, useChannelActions } from './api.ts';
import { FindingLines } from './FindingLines.tsx';
import { OVERLOOKED, withColons } from './words.ts';

/** The one certificate that is to be let through, and what speaks against it. */
export interface GlassCase {
  readonly fingerprint: string;
  readonly subject: string | null;
  readonly overlookable: readonly Overlooked[];
  readonly findings: readonly Finding[];
}

interface BreakGlassProps {
  readonly channel: Channel;
  readonly glass: GlassCase;
  readonly onClose: () => void;
}

const HOURS = [1, 2, 4, 8, 12, 24];
const SHORTEST_REASON = 10;

/** In an emergency: one certificate, one channel, a few hours, with a reason and the password once more. */
export function BreakGlass({ channel, glass, onClose }: BreakGlassProps) {
  const { openOverride } = useChannelActions();
  const [overlooks, setOverlooks] = useState<readonly Overlooked[]>(glass.overlookable);
  const [hours, setHours] = useState('1');
  const [reason, setReason] = useState('');
  const [password, setPassword] = useState('');
  const [error, setError] = useState<Error>();
  const [busy, setBusy] = useState(false);
  const missing = SHORTEST_REASON - reason.trim().length;
  const isWrongPassword = error instanceof RequestFailed && error.code === 'wrong-credentials';
  const isReady = overlooks.length > 0 && missing <= 0 && password !== '';
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (!isReady) return;
    setBusy(true);
    setError(undefined);
    try {
      const { fingerprint } = glass;
      await openOverride(channel.id, {
        fingerprint,
        overlooks: [...overlooks],
        reason: reason.trim(),
        hours: Number(hours),
        password,
      });
      onClose();
    } catch (error) {
      setError(error as Error);
      setBusy(false);
    }
  };
  return (
    <Modal opened onClose={onClose} title={`Break glass at “${channel.name}”`} size="lg">
      <form onSubmit={(event) => void submit(event)}>
        <Stack>
          <Text size="sm">
            Lets this one certificate through this one channel for a time, although something speaks against it. It is
            written into the audit log, and everybody sees it here while it lasts.
          </Text>
          <TheCertificate glass={glass} />
          <Checkbox.Group
            label="Overlook"
            description="Only what is needed is offered."
            value={[...overlooks]}
            onChange={(value) => setOverlooks(value as Overlooked[])}
          >
            <Stack gap={6} mt={6}>
              {glass.overlookable.map((one) => (
                <Checkbox key={one} value={one} label={OVERLOOKED[one]} />
              ))}
            </Stack>
          </Checkbox.Group>
          <Never />
          <NativeSelect
            label="For how long"
            description="24 hours at most; then its connections are closed."
            value={hours}
            onChange={({ currentTarget }) => setHours(currentTarget.value)}
            data={HOURS.map((hours) => ({ value: String(hours), label: hours === 1 ? '1 hour' : `${hours} hours` }))}
          />
          <Textarea
            label="Reason"
            description="Who needs it, and when will it be mended? Best with the number of the change."
            placeholder="Renewal arrives at 6:00, change 4711"
            autosize
            minRows={2}
            required
            value={reason}
            onChange={({ currentTarget }) => setReason(currentTarget.value)}
            error={
              reason !== '' && missing > 0 ? `${missing} more ${missing === 1 ? 'character' : 'characters'}` : undefined
            }
          />
          <PasswordInput
            label="Your password, again"
            autoComplete="current-password"
            required
            value={password}
            onChange={({ currentTarget }) => {
              setPassword(currentTarget.value);
              setError(undefined);
            }}
            error={isWrongPassword ? 'This is not your password. Nothing was opened.' : undefined}
          />
          {error !== undefined && !isWrongPassword && <Trouble error={error} reveal />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" color="red.9" disabled={!isReady} loading={busy}>
              Let it through for {hours === '1' ? '1 hour' : `${hours} hours`}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

function TheCertificate({ glass: { subject, fingerprint, findings } }: Pick<BreakGlassProps, 'glass'>) {
  return (
    <div>
      {findings.length > 0 && <FindingLines findings={findings} />}
      <Text size="xs" c="dimmed" mt={6}>
        Certificate{subject !== null && ` of ${subject}`}, SHA-256
      </Text>
      <CopyText text={withColons(fingerprint)} what="fingerprint" />
    </div>
  );
}

/** What no exception ever overlooks. */
function Never() {
  return (
    <Text size="sm" component="div">
      <strong>Never overlooked</strong>, whatever you choose:
      <List size="sm">
        <List.Item>a revoked certificate: whoever has its key may not be who it says</List.Item>
        <List.Item>a wrong name, or one that is not on the allow-list</List.Item>
        <List.Item>no certificate at all</List.Item>
      </List>
    </Text>
  );
}
