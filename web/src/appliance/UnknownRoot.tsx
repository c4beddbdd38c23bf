import { Alert, Button, Paper, Text } from '@mantine/core';
import { useState } from 'react';
import { useMay } from '../api/session.ts';
import { Trouble } from '../parts/Trouble.tsx';
import type { Candidate } from '../trust/api.ts';
import { ChosenCandidate } from '../trust/ChosenCandidate.tsx';

interface UnknownRootProps {
  readonly root: Candidate;
  /** The same certificate, PEM or Base64 of DER. */
  readonly certificate: string;
  /** What is tried again once it is a trust anchor. */
  readonly onTrusted: () => Promise<void>;
}

/** The chain ends in a CA that nobody here trusts yet: the offer to do so, with the comparison that it needs. */
export function UnknownRoot({ root, certificate, onTrusted }: UnknownRootProps) {
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
          certificate={certificate}
          candidates={[root]}
          backLabel="Cancel"
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
