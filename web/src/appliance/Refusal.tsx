import { Alert, Button, Group, Paper, Stack, Text, Textarea } from '@mantine/core';
import { IconCircleX } from '@tabler/icons-react';
import { useState } from 'react';
import type { RequestFailed } from '../api/request.ts';
import { useMay } from '../api/session.ts';
import { ReportView } from '../report/ReportView.tsx';
import { Trouble } from '../parts/Trouble.tsx';
import { ChosenCandidate } from '../trust/ChosenCandidate.tsx';
import type { Appliance, Report } from './appliance-data.ts';

interface RefusalProps {
  readonly appliance: Appliance;
  readonly error: RequestFailed;
  /** Once more, as it was: after the root has become a trust anchor. */
  readonly onAgain: () => Promise<void>;
  /** With a written reason, where that lets it in. */
  readonly onReason: (reason: string) => Promise<void>;
}

/** What the server has against a certificate, and every way on that there is. */
export function Refusal({ appliance, error, onAgain, onReason }: RefusalProps) {
  const { problem } = error;
  return (
    <Stack gap="md">
      <Alert color="red" icon={<IconCircleX aria-hidden />} title={problem.title} role="alert">
        {error.message}
      </Alert>
      {problem.unknownRoot !== undefined && <UnknownRoot root={problem.unknownRoot} onTrusted={onAgain} />}
      {error.code === 'reason-needed' && <Reason onReason={onReason} />}
      <ReportView report={reportOf(appliance, error)} />
    </Stack>
  );
}

/** The findings came without the rest of their report. */
function reportOf(appliance: Appliance, { code, problem }: RequestFailed): Report {
  // The schema's types allow `undefined` where JSON has nothing.
  const findings = (problem.findings ?? []) as Report['findings'];
  const notChecked = findings.filter(({ status }) => status === 'not-checked').map(({ rule }) => rule);
  return {
    bundle: appliance.name,
    profile: appliance.profile,
    at: new Date().toISOString(),
    trust: 'anchors',
    verdict: code === 'certificate-refused' ? 'refused' : 'unsupported',
    complete: notChecked.length === 0,
    notChecked,
    findings,
  };
}

type Root = NonNullable<RequestFailed['problem']['unknownRoot']>;

function UnknownRoot({ root, onTrusted }: { root: Root; onTrusted: () => Promise<void> }) {
  const may = useMay();
  const [open, setOpen] = useState(false);
  const [error, setError] = useState<Error>();
  if (!may('trust:write')) {
    return (
      <Alert color="yellow" title="Its CA is not trusted here yet">
        The chain ends in “{root.name}”. Ask an administrator to add it as a trust anchor, if it is your own CA.
      </Alert>
    );
  }
  const again = async (): Promise<void> => {
    setOpen(false);
    try {
      await onTrusted();
    } catch (error) {
      setError(error as Error);
    }
  };
  return (
    <Paper withBorder p="md" component="section" aria-label="Trust this CA">
      <Text fw={600}>Is “{root.name}” your own CA?</Text>
      <Text size="sm" mb="sm">
        The chain ends in it, and nobody told Certgate yet that it can be trusted. Once it is a trust anchor, every
        certificate below it is let in.
      </Text>
      {open ? (
        <ChosenCandidate
          certificate={root.pem}
          candidates={[root]}
          onBack={() => setOpen(false)}
          onDone={() => void again()}
        />
      ) : (
        <Button variant="default" onClick={() => setOpen(true)}>
          Add it as a trust anchor…
        </Button>
      )}
      {error !== undefined && <Trouble error={error} />}
    </Paper>
  );
}

function Reason({ onReason }: { onReason: (reason: string) => Promise<void> }) {
  const [reason, setReason] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<Error>();
  const send = async (): Promise<void> => {
    setBusy(true);
    setError(undefined);
    try {
      await onReason(reason);
    } catch (error) {
      setError(error as Error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Paper withBorder p="md" component="section" aria-label="Use it all the same">
      <Textarea
        label="Use it all the same, because …"
        description="It goes into the audit log, under your name."
        autosize
        minRows={2}
        value={reason}
        onChange={({ currentTarget }) => setReason(currentTarget.value)}
      />
      <Group mt="sm">
        <Button loading={busy} disabled={reason.trim() === ''} onClick={() => void send()}>
          Use it all the same
        </Button>
      </Group>
      {error !== undefined && <Trouble error={error} />}
    </Paper>
  );
}
