import { Button, Group, Text } from '@mantine/core';
import { IconDownload, IconPlus, IconUpload } from '@tabler/icons-react';
import { lazy, Suspense, useRef } from 'react';
import { useSearchParams } from 'react-router';
import type { Fleet } from '../api/fleet.ts';
import { useMay } from '../api/session.ts';
import { count, number } from '../parts/count.ts';
import { Empty } from '../parts/Empty.tsx';
import { Page } from '../parts/Page.tsx';
import { Trouble } from '../parts/Trouble.tsx';
import { type Filter, filterOf, isFiltered, paramsOf, requestOf, withChange } from './filter.ts';
import { FilterBar, type OnChange } from './FilterBar.tsx';
import { FleetGrid } from './FleetGrid.tsx';
import { useFleetHead } from './useFleet.ts';
import { Views } from './Views.tsx';

const AddAppliance = lazy(() => import('./AddAppliance.tsx'));
const ImportCsv = lazy(() => import('./ImportCsv.tsx'));

/** Every appliance: find some, see what they are worth, add more. */
export default function Appliances() {
  const [params, setParams] = useSearchParams();
  const { filter, change } = useFilter();
  const dialog = params.get('dialog');
  const fleet = useFleetHead(filter);
  const openDialog = (name: string): void => {
    const next = paramsOf(filter);
    next.set('dialog', name);
    setParams(next);
  };
  const closeDialog = (): void => setParams(paramsOf(filter), { replace: true });
  const { head, request, error, retry } = fleet;
  const inService = head === undefined ? undefined : Object.values(head.states).reduce((sum, one) => sum + one, 0);
  const isEmpty = inService === 0 && !isFiltered({ ...filter, states: [] });
  return (
    <Page
      title="Appliances"
      lead={<Lead filter={filter} head={head} />}
      actions={<Actions filter={filter} openDialog={openDialog} isEmpty={isEmpty} />}
    >
      {error !== null && <Trouble error={error} retry={retry} />}
      {isEmpty ? (
        <NoAppliances openDialog={openDialog} />
      ) : (
        <>
          <Group justify="space-between" mb="sm">
            <Views params={paramsOf(filter).toString()} onChoose={(chosen) => setParams(new URLSearchParams(chosen))} />
          </Group>
          <FilterBar filter={filter} states={head?.states} onChange={change} />
          {head !== undefined && head.total > 0 && (
            <FleetGrid head={head} request={request} filter={filter} onSort={change} />
          )}
          {head?.total === 0 && (
            <Empty title="No appliance fits this filter">
              <Button variant="default" size="sm" mt="xs" onClick={() => setParams()}>
                Show all appliances
              </Button>
            </Empty>
          )}
        </>
      )}
      <Suspense>
        {dialog === 'add' && <AddAppliance onClose={closeDialog} />}
        {dialog === 'import' && <ImportCsv onClose={closeDialog} />}
      </Suspense>
    </Page>
  );
}

/** The filter is the address: it is shared, kept and undone with it. */
function useFilter(): { filter: Filter; change: OnChange } {
  const [params, setParams] = useSearchParams();
  const filter = filterOf(params);
  const address = paramsOf(filter).toString();
  const latest = useRef({ address, filter });
  if (latest.current.address !== address) latest.current = { address, filter };
  const change: OnChange = (change, { typing } = { typing: false }) => {
    const before = latest.current.filter;
    const next = withChange(before, typeof change === 'function' ? change(before) : change);
    // The address follows a moment later, and another change may come first.
    latest.current = { address: latest.current.address, filter: next };
    // While somebody types, the back button does not lead through every letter.
    setParams(paramsOf(next), { replace: typing });
  };
  return { filter, change };
}

function Lead({ filter, head }: { filter: Filter; head: Fleet | undefined }) {
  return (
    <span role="status">
      {head === undefined
        ? 'Loading…'
        : `${count(head.total, 'appliance')}${isFiltered(filter) ? ' with this filter' : ' in service'}`}
      {head !== undefined && head.pending > 0 && `; ${number(head.pending)} are being judged just now`}
    </span>
  );
}

interface ActionsProps {
  readonly filter: Filter;
  readonly openDialog: (name: string) => void;
  readonly isEmpty: boolean;
}

function Actions({ filter, openDialog, isEmpty }: ActionsProps) {
  const may = useMay();
  return (
    <>
      {!isEmpty && (
        <Button
          component="a"
          href={`/api/v1/fleet.csv?${requestOf(filter)}`}
          download
          variant="default"
          leftSection={<IconDownload size={16} aria-hidden />}
        >
          Export CSV
        </Button>
      )}
      {may('inventory:write') && (
        <>
          <Button
            variant="default"
            leftSection={<IconUpload size={16} aria-hidden />}
            onClick={() => openDialog('import')}
          >
            Import CSV
          </Button>
          <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={() => openDialog('add')}>
            Add appliance
          </Button>
        </>
      )}
    </>
  );
}

function NoAppliances({ openDialog }: { openDialog: (name: string) => void }) {
  const may = useMay();
  if (!may('inventory:write')) {
    return <Empty title="There is no appliance yet">An administrator adds the first ones here.</Empty>;
  }
  return (
    <Empty title="There is no appliance yet">
      <Text mb="sm">A sensor or HA server needs a name and its host name; the certificate comes afterwards.</Text>
      <Group justify="center">
        <Button onClick={() => openDialog('add')}>Add the first one</Button>
        <Button variant="default" onClick={() => openDialog('import')}>
          Import many from a CSV file
        </Button>
      </Group>
    </Empty>
  );
}
