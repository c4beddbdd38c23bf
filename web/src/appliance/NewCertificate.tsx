import { Alert, Anchor, Button, Stack, Text } from '@mantine/core';
import { useEffect } from 'react';
import { Link } from 'react-router';
import { useMay } from '../api/session.ts';
import type { PageCheck } from '../check/usePageCheck.ts';
import { useTrustBundle } from '../check/useTrustBundle.ts';
import { Empty } from '../parts/Empty.tsx';
import { ChainPicture } from '../report/ChainPicture.tsx';
import { ReportView } from '../report/ReportView.tsx';
import type { Appliance, Identity } from './appliance-data.ts';
import { CertificateForm } from './CertificateForm.tsx';
import { type Draft, useDraft } from './draft.ts';
import classes from './form.module.css';
import { useCheck, useKeyOnServer, useLeaf } from './in-page-check.ts';
import { isRefusal } from './gated.ts';
import { Refusal } from './Refusal.tsx';
import { RootInPage } from './RootInPage.tsx';
import { Send } from './Send.tsx';
import { useSending } from './sending.ts';
import { Sent } from './Sent.tsx';

interface NewCertificateProps {
  readonly appliance: Appliance;
  readonly identities: readonly Identity[];
  /** Shows what is in use. */
  readonly onDone: () => void;
}

/** The vendor's upload form: checked in this page while it is filled, sent only when somebody says so. */
export default function NewCertificate(props: NewCertificateProps) {
  const may = useMay();
  if (props.appliance.retiredAt !== null) return <Text>This appliance is retired: it takes no certificate.</Text>;
  if (!may('certificates:upload')) {
    return (
      <Text>
        Only administrators upload certificates. Whether files are good you can see without that:{' '}
        <Anchor component={Link} to="/preflight" underline="always">
          Preflight
        </Anchor>{' '}
        checks them and sends nothing.
      </Text>
    );
  }
  return <Form {...props} />;
}

function Form({ appliance, identities, onDone }: NewCertificateProps) {
  const draft = useDraft(appliance);
  const keyOnServer = useKeyOnServer(appliance.id, useLeaf(draft.recognised.certificates[0]));
  const check = useCheck(appliance, draft, keyOnServer);
  const sending = useSending(appliance);
  const { forget } = sending;
  // Whatever was refused was refused as it was; what is changed now is something else.
  useEffect(() => forget(), [draft.files, draft.fields, forget]);
  if (sending.result !== undefined) {
    const replaced = identities.some(({ state }) => state === 'previous');
    return <Sent {...{ appliance, replaced, onDone }} result={sending.result} onAgain={sending.again} />;
  }
  const active = identities.find(({ state }) => state === 'active');
  const send = async (reason = draft.fields.reason): Promise<void> => {
    const isIn = await sending.send(draft.recognised.bundle, { ...draft.fields, reason });
    // The page has no more use for the key and the passphrase.
    if (isIn) draft.reset();
  };
  const serverRefused = isRefusal(sending.error) ? sending.error : undefined;
  return (
    <div className={classes['columns']}>
      <CertificateForm appliance={appliance} draft={draft} keyOnServer={keyOnServer} />
      {draft.files.length > 0 && (
        <div className={classes['send']}>
          <Send {...{ appliance, draft, check, active, keyOnServer, sending }} onSend={() => void send()} />
        </div>
      )}
      <Stack gap="lg" className={classes['result']}>
        {serverRefused === undefined ? (
          <Result check={check} draft={draft} />
        ) : (
          <Refusal appliance={appliance} error={serverRefused} onAgain={() => send()} onReason={send} />
        )}
      </Stack>
    </div>
  );
}

function Result({ check, draft }: { check: PageCheck; draft: Draft }) {
  const { report, chain, evidence, failure, running, recognised } = check;
  const anchors = useTrustBundle();
  if (draft.files.length === 0) {
    return (
      <Empty title="Nothing to check yet">
        Drop or choose the files your CA gave you. Here you will see at once whether the appliance would take them, and
        if not, why and what to do. Nothing leaves this browser until you say so.
      </Empty>
    );
  }
  return (
    <>
      {failure !== undefined && (
        <Alert color="red" title="The check did not end" role="alert">
          {failure.message}
        </Alert>
      )}
      {anchors.data === undefined && anchors.error !== null && (
        <Alert color="yellow" title="Whether this server trusts the CA was not checked" role="alert">
          The trust anchors could not be had from the server. It checks that itself when you send the files.
          <Button mt="xs" size="xs" variant="default" display="block" onClick={() => void anchors.refetch()}>
            Try again
          </Button>
        </Alert>
      )}
      {report !== undefined && (
        <ReportView
          report={report}
          evidence={evidence}
          names={recognised?.names ?? {}}
          stale={running}
          picture={
            <>
              <RootInPage check={check} />
              {chain !== undefined && <ChainPicture chain={chain} />}
            </>
          }
        />
      )}
      {report === undefined && !running && failure === undefined && (
        <Empty title="There is no certificate among the files yet">Add the .crt file that your CA gave you.</Empty>
      )}
      {report === undefined && running && <Text role="status">Checking …</Text>}
    </>
  );
}
