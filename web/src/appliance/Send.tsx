import {
  Button,
  Checkbox,
  Group,
  NumberInput,
  Paper,
  Radio,
  Stack,
  Text,
  Textarea,
  TextInput,
  Title,
} from '@mantine/core';
import { IconLockUp } from '@tabler/icons-react';
import { useId } from 'react';
import type { PageCheck } from '../check/usePageCheck.ts';
import { localInput } from '../parts/local-input.ts';
import { State } from '../parts/State.tsx';
import { Trouble } from '../parts/Trouble.tsx';
import type { Appliance, Identity } from './appliance-data.ts';
import type { Draft } from './draft.ts';
import classes from './form.module.css';
import { isRefusal } from './gated.ts';
import type { Sending } from './sending.ts';

interface SendProps {
  readonly appliance: Appliance;
  readonly draft: Draft;
  readonly check: PageCheck;
  readonly active: Identity | undefined;
  readonly keyOnServer: boolean;
  readonly sending: Sending;
  readonly onSend: () => void;
}

/** The decision: until its button is pressed, neither key nor passphrase has left the page. */
export function Send(props: SendProps) {
  const { draft, check, keyOnServer, sending, onSend } = props;
  const id = useId();
  const why = obstacle(props);
  const unsupported = check.report?.verdict === 'unsupported';
  const what = draft.recognised.bundle.key === undefined ? 'certificate' : 'certificate and key';
  const { error } = sending;
  return (
    <Paper withBorder p="md" component="section" aria-labelledby={id}>
      <Title order={2} size="h4" id={id} mb="xs">
        {check.report?.verdict === 'refused' ? 'Not ready to be sent' : 'Send it'}
      </Title>
      {check.report !== undefined && (
        <Text size="sm" mb="sm">
          Checked in this browser: <State state={check.report.verdict} />
        </Text>
      )}
      <Stack>
        {check.report !== undefined && check.report.verdict !== 'refused' && (
          <>
            {unsupported && <Reason draft={draft} />}
            <When {...props} />
          </>
        )}
        {error !== undefined && !isRefusal(error) && <Trouble error={error} />}
        <Text size="sm">
          {keyOnServer
            ? 'The key is on the server already; only the certificates are sent.'
            : 'Until you press the button, the key and the passphrase stay in this browser. On the server they are kept sealed and are shown to nobody.'}
        </Text>
        <Group>
          <Button
            leftSection={<IconLockUp size={16} aria-hidden />}
            classNames={{ root: classes['sendButton'] ?? '', label: classes['wraps'] ?? '' }}
            loading={sending.busy}
            disabled={why !== undefined}
            onClick={onSend}
          >
            Send {what} to the server
          </Button>
          {why !== undefined && (
            <Text size="sm" role="status">
              {why}
            </Text>
          )}
        </Group>
      </Stack>
    </Paper>
  );
}

/** Why it cannot be sent yet: one sentence. */
function obstacle({ draft, check, keyOnServer }: SendProps): string | undefined {
  const { fields, recognised } = draft;
  const { bundle } = recognised;
  const { report, running } = check;
  if (bundle.crt === undefined) return 'The certificate is missing.';
  if (running) return 'The check is running.';
  if (report === undefined) return 'It could not be checked.';
  if (report.verdict === 'refused') return 'The server would refuse it, too: mend first what the report says.';
  if (bundle.key === undefined && !keyOnServer) return 'The private key is missing.';
  if (fields.name.trim() === '') return 'Give the certificate a name.';
  if (report.verdict === 'unsupported' && fields.reason.trim() === '') return 'Say why you want to use it.';
  if (fields.later && fields.activateAt === '') return 'Say at what day and time it shall be used.';
  return undefined;
}

function Reason({ draft: { fields, set } }: { draft: Draft }) {
  return (
    <Textarea
      label="Why do you want to use it all the same?"
      description="It is unsupported: nobody promises that it works. What you write goes into the audit log, under your name."
      required
      autosize
      minRows={2}
      value={fields.reason}
      onChange={({ currentTarget }) => set({ reason: currentTarget.value })}
    />
  );
}

const ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone;
/** As the server has it. */
const LONGEST_WAIT = 399 * 86_400_000;

function When({ draft: { fields, set }, active, appliance }: SendProps) {
  return (
    <>
      <Radio.Group
        label="When shall it be used?"
        value={fields.later ? 'later' : 'now'}
        onChange={(value) => set({ later: value === 'later', activateAt: value === 'later' ? tomorrow() : '' })}
      >
        <Group mt={6} align="center">
          <Radio value="now" label="At once" />
          <Radio value="later" label="At a time" />
          {fields.later && (
            <TextInput
              type="datetime-local"
              aria-label="Activation time"
              description={`By your clock (${ZONE})`}
              inputWrapperOrder={['input', 'description']}
              required
              value={fields.activateAt}
              min={localInput(Date.now())}
              max={localInput(Date.now() + LONGEST_WAIT)}
              onChange={({ currentTarget }) => set({ activateAt: currentTarget.value })}
            />
          )}
        </Group>
      </Radio.Group>
      {active !== undefined && (
        <Group gap="xs" align="center">
          <Checkbox
            label={`On trial: go back to “${active.name}” unless somebody confirms that ${appliance.name} still works`}
            checked={fields.confirmWithin !== ''}
            onChange={({ currentTarget }) => set({ confirmWithin: currentTarget.checked ? '15' : '' })}
          />
          {fields.confirmWithin !== '' && (
            <NumberInput
              label="Within how many minutes"
              min={1}
              max={10_080}
              allowDecimal={false}
              value={Number(fields.confirmWithin)}
              onChange={(value) => set({ confirmWithin: String(value === '' ? 15 : value) })}
            />
          )}
        </Group>
      )}
    </>
  );
}

function tomorrow(): string {
  const night = new Date(Date.now() + 86_400_000);
  night.setHours(2, 0, 0, 0);
  return localInput(night.getTime());
}
