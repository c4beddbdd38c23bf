import { Button, Checkbox, Group, List, NativeSelect, PasswordInput, Stack, Text, Textarea } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { RequestFailed } from '../api/request.ts';
import { CopyText } from '../parts/CopyText.tsx';
import { Dialog } from '../parts/Dialog.tsx';
import { count } from '../parts/count.ts';
import { Trouble } from '../parts/Trouble.tsx';
import { useDoing } from '../parts/useDoing.ts';
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

const HOURS = ['1', '2', '4', '8', '12', '24'];
const SHORTEST_REASON = 10;

/** In an emergency: one certificate, one channel, a few hours, with a reason and the password once more. */
export function BreakGlass({ channel, glass, onClose }: BreakGlassProps) {
  const { openOverride } = useChannelActions();
  const { busy, error, run, forget } = useDoing();
  const [wish, setWish] = useState<Wish>({ overlooks: glass.overlookable, hours: '1', reason: '', password: '' });
  const { overlooks, hours, reason, password } = wish;
  const isWrongPassword = error instanceof RequestFailed && error.code === 'wrong-credentials';
  const isReady = overlooks.length > 0 && missingIn(reason) <= 0 && password !== '';
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (!isReady) return;
    void run(async () => {
      const { fingerprint } = glass;
      const body = { fingerprint, overlooks: [...overlooks], reason: reason.trim(), hours: Number(hours), password };
      await openOverride(channel.id, body);
      onClose();
    });
  };
  const set = (part: Partial<Wish>): void => {
    forget();
    setWish((before) => ({ ...before, ...part }));
  };
  return (
    <Dialog onClose={onClose} title={`Break glass at “${channel.name}”`} size="lg">
      <form onSubmit={submit}>
        <Stack>
          <Text size="sm">
            Lets this one certificate through this one channel for a time, although something speaks against it. It is
            written into the audit log, and everybody sees it here while it lasts.
          </Text>
          <TheCertificate glass={glass} />
          <WishFields wish={wish} set={set} offered={glass.overlookable} />
          <PasswordInput
            label="Your password, again"
            autoComplete="current-password"
            required
            value={password}
            onChange={({ currentTarget }) => set({ password: currentTarget.value })}
            error={isWrongPassword ? 'This is not your password. Nothing was opened.' : undefined}
          />
          {error !== undefined && !isWrongPassword && <Trouble error={error} reveal />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" color="red.9" disabled={!isReady} loading={busy}>
              Let it through for {inHours(hours)}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}

interface Wish {
  readonly overlooks: readonly Overlooked[];
  readonly hours: string;
  readonly reason: string;
  readonly password: string;
}

const missingIn = (reason: string): number => SHORTEST_REASON - reason.trim().length;
const inHours = (hours: string): string => (hours === '1' ? '1 hour' : `${hours} hours`);

interface WishFieldsProps {
  readonly wish: Wish;
  readonly set: (part: Partial<Wish>) => void;
  readonly offered: readonly Overlooked[];
}

/** What is overlooked, how long, and why. */
function WishFields({ wish: { overlooks, hours, reason }, set, offered }: WishFieldsProps) {
  const missing = missingIn(reason);
  return (
    <>
      <Checkbox.Group
        label="Overlook"
        description="Only what is needed is offered."
        value={[...overlooks]}
        onChange={(value) => set({ overlooks: value as Overlooked[] })}
      >
        <Stack gap={6} mt={6}>
          {offered.map((one) => (
            <Checkbox key={one} value={one} label={OVERLOOKED[one]} />
          ))}
        </Stack>
      </Checkbox.Group>
      <Never />
      <NativeSelect
        label="For how long"
        description="24 hours at most; then its connections are closed."
        value={hours}
        onChange={({ currentTarget }) => set({ hours: currentTarget.value })}
        data={HOURS.map((hours) => ({ value: hours, label: inHours(hours) }))}
      />
      <Textarea
        label="Reason"
        description="Who needs it, and when will it be mended? Best with the number of the change."
        placeholder="Renewal arrives at 6:00, change 4711"
        autosize
        minRows={2}
        required
        value={reason}
        onChange={({ currentTarget }) => set({ reason: currentTarget.value })}
        error={reason !== '' && missing > 0 ? `${count(missing, 'more character')} needed` : undefined}
      />
    </>
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
