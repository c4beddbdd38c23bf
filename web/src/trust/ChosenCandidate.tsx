import { Button, Checkbox, Group, Radio, Stack, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { Command } from '../parts/Command.tsx';
import { Trouble } from '../parts/Trouble.tsx';
import { useDoing } from '../parts/useDoing.ts';
import { type Candidate, useTrustActions } from './api.ts';
import { CandidateFacts } from './CandidateFacts.tsx';
import { type Comparison, compareFingerprints } from './fingerprints.ts';

interface ChosenCandidateProps {
  /** PEM or Base64: goes to the server once more, with the fingerprint that was compared. */
  readonly certificate: string;
  readonly candidates: readonly Candidate[];
  readonly onBack: () => void;
  /** What the button back says. */
  readonly backLabel?: string;
  readonly onDone: () => void;
}

/** Which of the certificates in the file, and whether it is the one that the CA published. */
export function ChosenCandidate({ certificate, candidates, onBack, backLabel, onDone }: ChosenCandidateProps) {
  const { addAnchor } = useTrustActions();
  const [chosen, setChosen] = useState(() => Math.max(candidates.findIndex(isRoot), 0));
  const candidate = candidates[chosen]!;
  const [name, setName] = useState<string>();
  const [typed, setTyped] = useState('');
  const [compared, setCompared] = useState(false);
  const { busy, error, run } = useDoing();
  const comparison = compareFingerprints(typed, candidate.fingerprint);
  const isSure = comparison.kind === 'same' || (compared && comparison.kind === 'nothing');
  const shownName = name ?? candidate.name;
  const choose = (index: number): void => {
    setChosen(index);
    setCompared(false);
    setName(undefined);
  };
  const add = async (): Promise<void> => {
    await addAnchor({ certificate, fingerprint: candidate.fingerprint, name: shownName });
    onDone();
  };
  return (
    <Stack>
      {candidates.length > 1 && <WhichOne candidates={candidates} chosen={chosen} onChoose={choose} />}
      <CandidateFacts candidate={candidate} />
      {candidate.problem === undefined && (
        <>
          <TextInput label="Name in Certgate" value={shownName} onChange={(event) => setName(event.target.value)} />
          <Compare
            comparison={comparison}
            typed={typed}
            onType={setTyped}
            compared={compared}
            onCompared={setCompared}
          />
          <HowToFind />
        </>
      )}
      {error !== undefined && <Trouble error={error} reveal />}
      <Group justify="space-between">
        <Button variant="default" onClick={onBack}>
          {backLabel ?? 'Another file'}
        </Button>
        <Button disabled={!isSure || candidate.problem !== undefined} loading={busy} onClick={() => void run(add)}>
          Trust this CA
        </Button>
      </Group>
    </Stack>
  );
}

const isRoot = ({ selfSigned, problem }: Candidate): boolean => selfSigned && problem === undefined;

interface WhichOneProps {
  readonly candidates: readonly Candidate[];
  readonly chosen: number;
  readonly onChoose: (index: number) => void;
}

function WhichOne({ candidates, chosen, onChoose }: WhichOneProps) {
  return (
    <Radio.Group
      label={`The file holds ${candidates.length} certificates. Which one do you want to trust? Best the root.`}
      value={String(chosen)}
      onChange={(value) => onChoose(Number(value))}
    >
      <Stack gap={6} mt={6}>
        {candidates.map((one, index) => (
          <Radio key={one.fingerprint} value={String(index)} label={`${one.name}${isRoot(one) ? ' (root)' : ''}`} />
        ))}
      </Stack>
    </Radio.Group>
  );
}

interface CompareProps {
  readonly comparison: Comparison;
  readonly typed: string;
  readonly onType: (typed: string) => void;
  /** Somebody says that he did it himself. */
  readonly compared: boolean;
  readonly onCompared: (compared: boolean) => void;
}

/** Holds the fingerprint of the file against the one that the CA publishes: by us, or by eye. */
function Compare({ comparison, typed, onType, compared, onCompared }: CompareProps) {
  return (
    <>
      <TextInput
        label="Fingerprint that your CA publishes (SHA-256)"
        description="From another place than this file: its web page, the policy, the phone. We compare it for you."
        placeholder="AB:CD:…"
        value={typed}
        onChange={(event) => onType(event.target.value)}
        error={'why' in comparison ? comparison.why : undefined}
      />
      {comparison.kind === 'nothing' && (
        <Checkbox
          checked={compared}
          onChange={(event) => onCompared(event.target.checked)}
          label="I have compared it by eye, all 64 digits"
        />
      )}
      <div aria-live="polite">
        {comparison.kind === 'same' && (
          <Text size="sm" style={{ color: 'var(--good-text)' }} fw={600}>
            The same: this is the certificate that the CA published.
          </Text>
        )}
      </div>
    </>
  );
}

/** For whoever runs the CA. */
function HowToFind() {
  return (
    <details>
      <summary>How does the CA find its fingerprint?</summary>
      <Stack gap={6} mt={6}>
        <Command text="openssl x509 -in root.crt -noout -fingerprint -sha256" />
        <Text size="xs" c="dimmed">
          On Windows, for a .cer file in DER. What Windows calls “Thumbprint” is SHA-1, and is not enough.
        </Text>
        <Command text="certutil -hashfile root.cer SHA256" />
      </Stack>
    </details>
  );
}
