import { Alert, Center, Loader, Stack, Tabs } from '@mantine/core';
import { lazy, type ReactNode, Suspense, useState } from 'react';
import { useParams, useSearchParams } from 'react-router';
import { Moment } from '../parts/Moment.tsx';
import { Page } from '../parts/Page.tsx';
import { Trouble } from '../parts/Trouble.tsx';
import {
  type Appliance as ApplianceData,
  CONSOLE_ID,
  useAppliance,
  useIdentities,
  useStanding,
} from './appliance-data.ts';
import { EditAppliance } from './EditAppliance.tsx';
import { History } from './History.tsx';
import { Identities } from './Identities.tsx';
import { Keys } from './Keys.tsx';
import { Now } from './Now.tsx';

/** With it comes the reader of certificates. */
const NewCertificate = lazy(() => import('./NewCertificate.tsx'));

const PLACES = [
  { value: 'certificate', label: 'Certificate' },
  { value: 'new', label: 'New certificate' },
  { value: 'keys', label: 'Keys and CSRs' },
  { value: 'history', label: 'History' },
  { value: 'settings', label: 'Settings' },
] as const;
type Place = (typeof PLACES)[number]['value'];

/** One appliance: what its certificate is worth now, a new one, and everything that came before. */
export default function Appliance() {
  const { id = '' } = useParams();
  // Another appliance is another page: nothing typed for one may end up with the other.
  return <OneAppliance key={id} id={id} />;
}

function OneAppliance({ id }: { id: string }) {
  const appliance = useAppliance(id);
  if (appliance.data === undefined) {
    return (
      <Page title="Appliance">
        {appliance.error === null ? (
          <Center py="xl">
            <Loader aria-label="Loading" />
          </Center>
        ) : (
          <Trouble error={appliance.error} retry={() => void appliance.refetch()} />
        )}
      </Page>
    );
  }
  return (
    <Page title={appliance.data.name} lead={<Lead appliance={appliance.data} />}>
      <Content appliance={appliance.data} />
    </Page>
  );
}

const ROLES = { sensor: 'OT sensor', ha: 'HA server' } as const;

function Lead({ appliance: { id, hostname, role, site, zone } }: { appliance: ApplianceData }) {
  const where = [site, zone].filter((part) => part !== null).join(', ');
  return (
    <>
      <span style={{ overflowWrap: 'anywhere' }}>{hostname}</span> ·{' '}
      {id === CONSOLE_ID ? 'Certgate itself: the certificate of this console' : ROLES[role]}
      {where !== '' && ` · ${where}`}
    </>
  );
}

function Content({ appliance }: { appliance: ApplianceData }) {
  const { id, retiredAt } = appliance;
  const [place, go] = usePlace();
  const standing = useStanding(id);
  const identities = useIdentities(id);
  const panels: Readonly<Record<Place, () => ReactNode>> = {
    certificate: () => (
      <Identities appliance={appliance} identities={identities} standing={standing} onNew={() => go('new')} />
    ),
    new: () => (
      <Suspense fallback={<Loader aria-label="Loading" />}>
        <NewCertificate appliance={appliance} identities={identities.data ?? []} onDone={() => go('certificate')} />
      </Suspense>
    ),
    keys: () => (
      <Keys
        appliance={appliance}
        active={identities.data?.find(({ state }) => state === 'active')}
        onCertificate={() => go('new')}
      />
    ),
    history: () => <History appliance={appliance} identities={identities} />,
    settings: () => <EditAppliance appliance={appliance} />,
  };
  return (
    <Stack gap="lg">
      {retiredAt === null ? (
        <Now appliance={appliance} standing={standing} onNew={place === 'new' ? undefined : () => go('new')} />
      ) : (
        <Alert color="gray" title="Retired">
          This appliance is out of service since <Moment at={retiredAt} show="date" />. Its history is kept; its name is
          free again.
        </Alert>
      )}
      <Tabs value={place} onChange={(to) => go(to as Place)} activateTabWithKeyboard={false}>
        <Tabs.List mb="lg">
          {PLACES.map(({ value, label }) => (
            <Tabs.Tab key={value} value={value}>
              {label}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {PLACES.map(({ value }) => (
          <Panel key={value} value={value} shown={place === value}>
            {panels[value]}
          </Panel>
        ))}
      </Tabs>
    </Stack>
  );
}

/** Begins when somebody first looks, and then stays, so that what was typed is still there. */
function Panel({ value, shown, children }: { value: Place; shown: boolean; children: () => ReactNode }) {
  const [seen, setSeen] = useState(shown);
  if (shown && !seen) setSeen(true);
  return <Tabs.Panel value={value}>{seen && children()}</Tabs.Panel>;
}

/** Which part is shown; in the address, so that others can link to it. */
function usePlace(): [Place, (place: Place) => void] {
  const [search, setSearch] = useSearchParams();
  const wanted = search.get('show');
  const place = PLACES.find(({ value }) => value === wanted)?.value ?? 'certificate';
  return [place, (to) => setSearch(to === 'certificate' ? {} : { show: to })];
}
