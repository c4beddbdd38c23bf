import { Text } from '@mantine/core';
import { Ask } from '../parts/Ask.tsx';
import { type Anchor, useTrustActions } from './api.ts';
import { count } from '../parts/count.ts';

interface RemoveAnchorProps {
  readonly anchor: Anchor;
  readonly all: readonly Anchor[];
  readonly onClose: () => void;
}

/** Asks before a CA is no longer believed, and says what that ends. */
export function RemoveAnchor({ anchor, all, onClose }: RemoveAnchorProps) {
  const { removeAnchor } = useTrustActions();
  const { id, name, subject, identities } = anchor;
  const twin = all.some((other) => other.id !== id && other.subject === subject);
  return (
    <Ask
      title={`Remove “${name}” from the trust anchors?`}
      action="Remove this anchor"
      destructive
      onConfirm={() => removeAnchor(id)}
      onClose={onClose}
    >
      <Text mb="sm">{consequence(identities, twin)}</Text>
      <Text size="sm" c="dimmed">
        New uploads below it are refused from then on. Nothing is deleted on your appliances: adding the same
        certificate again brings everything back.
      </Text>
    </Ask>
  );
}

function consequence(identities: number | undefined, twin: boolean): string {
  if (identities === 0) return 'No certificate in use rests on it, so nothing stops today.';
  const those =
    identities === undefined ? 'Certificates that rest on it' : `${count(identities, 'certificate')} in use`;
  const halt =
    'Where validation is mandatory, encrypted traffic of these appliances halts at once, and channels close their connections.';
  if (twin) {
    return `${those} will be believed only where another chain leads to the other anchor of the same name. For the rest: ${halt}`;
  }
  return `${those} will no longer be trusted. ${halt}`;
}
