import { Alert, Button, Group, Paper, Stack, Textarea } from '@mantine/core';
import { IconCircleX } from '@tabler/icons-react';
import { useState } from 'react';
import type { RequestFailed } from '../api/request.ts';
import { ReportView } from '../report/ReportView.tsx';
import { Trouble } from '../parts/Trouble.tsx';
import { Words } from '../report/Words.tsx';
import type { Appliance, Report } from './appliance-data.ts';
import { UnknownRoot } from './UnknownRoot.tsx';

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
        <Words text={error.message} />
      </Alert>
      {problem.unknownRoot !== undefined && (
        <UnknownRoot root={problem.unknownRoot} certificate={problem.unknownRoot.pem} onTrusted={onAgain} />
      )}
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
