import { Stack } from '@mantine/core';
import { useMay } from '../api/session.ts';
import { Section } from '../parts/Section.tsx';
import type { Appliance, Identity } from './appliance-data.ts';
import { NewKey } from './NewKey.tsx';
import { PendingKeys } from './PendingKeys.tsx';

interface KeysProps {
  readonly appliance: Appliance;
  readonly active: Identity | undefined;
  /** The form for certificates. */
  readonly onCertificate: () => void;
}

/** A certificate begins with a key and a request to the CA: made on the server or in the browser. */
export function Keys({ appliance, active, onCertificate }: KeysProps) {
  const may = useMay();
  return (
    <Stack gap="xl">
      <PendingKeys appliance={appliance} onCertificate={onCertificate} />
      {may('certificates:upload') && appliance.retiredAt === null && (
        <Section
          title="New key and request (CSR)"
          lead="The request goes to your CA, which signs it and gives back the certificate. The key stays where it was made."
        >
          <NewKey appliance={appliance} active={active} />
        </Section>
      )}
    </Stack>
  );
}
