import { Text, Textarea } from '@mantine/core';
import { useState } from 'react';
import { Ask } from '../parts/Ask.tsx';
import { Moment } from '../parts/Moment.tsx';
import type { Appliance, Identity } from './appliance-data.ts';

interface RollBackProps {
  readonly appliance: Appliance;
  readonly active: Identity;
  readonly previous: Identity;
  readonly goBack: (reason: string) => Promise<void>;
  readonly onClose: () => void;
}

/** Asks whether to go back to the certificate before, and says what that one is worth. */
export function RollBack({ appliance, active, previous, goBack, onClose }: RollBackProps) {
  const [reason, setReason] = useState('');
  const selfSigned = previous.origin === 'self-signed';
  const over = Date.parse(previous.notAfter) < Date.now();
  return (
    <Ask
      title={`Go back to “${previous.name}”?`}
      action="Go back"
      destructive={over || selfSigned}
      onConfirm={() => goBack(reason)}
      onClose={onClose}
    >
      <Text mb="sm">
        “{previous.name}” is judged again as things stand now. If it is let in, {appliance.name} serves it at once in
        place of “{active.name}”. Both are kept: going back once more undoes it.
      </Text>
      {over && (
        <Text mb="sm" fw={600}>
          “{previous.name}” expired <Moment at={previous.notAfter} show="relative" />: it will be refused.
        </Text>
      )}
      {selfSigned && (
        <Textarea
          label="Why?"
          description="It is self-signed: no browser and no other appliance can check it. What you write here goes into the audit log."
          required
          autosize
          minRows={2}
          value={reason}
          onChange={({ currentTarget }) => setReason(currentTarget.value)}
        />
      )}
    </Ask>
  );
}
