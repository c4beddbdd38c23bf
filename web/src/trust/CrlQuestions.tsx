import { Text } from '@mantine/core';
import { Ask } from '../parts/Ask.tsx';
import { type Crl, useTrustActions } from './api.ts';
import { commonName } from './naming.ts';

interface Question {
  readonly crl: Crl;
  readonly onClose: () => void;
}

/** After a CA was restored from a backup its lists count from an older number; that is refused otherwise. */
export function AllowOlder({ crl, onClose }: Question) {
  const { allowOlder } = useTrustActions();
  const name = commonName(crl.issuer);
  return (
    <Ask
      title={`Take an older list of “${name}” the next time?`}
      action="Allow it once"
      onConfirm={() => allowOlder(crl.id)}
      onClose={onClose}
    >
      <Text mb="sm">
        Held is number {crl.number ?? 'none'}. A list with a lower number is refused, because somebody could play back
        an old one on which a stolen certificate is not yet named.
      </Text>
      <Text mb="sm">
        Only where the CA was restored from a backup do its numbers really go back. Ask the people who run it first.
      </Text>
      <Text size="sm" c="dimmed">
        Then fetch or upload the list. After that, older ones are refused again.
      </Text>
    </Ask>
  );
}

export function RemoveCrl({ crl, onClose }: Question) {
  const { removeCrl } = useTrustActions();
  const name = commonName(crl.issuer);
  return (
    <Ask
      title={`Remove the list of “${name}”?`}
      action="Remove this list"
      destructive
      onConfirm={() => removeCrl(crl.id)}
      onClose={onClose}
    >
      <Text>
        Where CRL is on, certificates of “{name}” count as blocked until another list is here.{' '}
        {crl.url === null
          ? 'It was uploaded by hand: nobody fetches it again.'
          : `It is fetched again from ${crl.url} when it is needed.`}
      </Text>
    </Ask>
  );
}
