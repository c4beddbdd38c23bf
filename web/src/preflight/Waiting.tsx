import { Alert, Loader, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import type { CheckFailure, NamedFile, Recognised } from '../check/request.ts';
import type { Report } from '../../../src/core/base/finding.ts';
import classes from './Preflight.module.css';

interface WaitingProps {
  readonly files: readonly NamedFile[];
  readonly running: boolean;
  readonly report: Report | undefined;
  readonly recognised: Recognised | undefined;
  readonly failure: CheckFailure | undefined;
}

/** What stands where the report will be, and why there is none. */
export function Waiting({ files, running, report, recognised, failure }: WaitingProps) {
  if (failure !== undefined && !running) {
    return (
      <Alert color="red" icon={<IconAlertTriangle aria-hidden />} title="No report" role="alert" mb="md">
        {failure.message}
      </Alert>
    );
  }
  if (report !== undefined) return null;
  if (files.length === 0) {
    return (
      <div className={classes['empty']}>
        <Text fw={600}>The report will stand here</Text>
        <Text c="dimmed" maw="52ch">
          It says whether an appliance should take the files, what is wrong with them if not, where exactly, and how to
          put it right. Drop the certificate (.crt), its private key (.key) and the certificates of its CAs (.pem).
        </Text>
      </div>
    );
  }
  if (running || recognised === undefined) {
    return (
      <div className={classes['empty']}>
        <Loader size="sm" aria-label="Checking" />
      </div>
    );
  }
  return (
    <div className={classes['empty']}>
      <Text fw={600}>The certificate is missing</Text>
      <Text c="dimmed" maw="52ch">
        Among these files is no certificate to check. Drop the one that your CA sent you: it begins with{' '}
        <code>-----BEGIN CERTIFICATE-----</code>, and its name often ends in .crt, .cer or .pem.
      </Text>
    </div>
  );
}
