import { Select } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { z } from 'zod';
import type { fleetSchema } from '../../../src/http/contract/fleet.ts';
import type { applianceSchema } from '../../../src/http/contract/inventory.ts';
import { get } from '../api/request.ts';
import { usePartners } from './api.ts';

interface ChooserProps {
  readonly value: string | null;
  readonly onChange: (id: string | null) => void;
}

interface ApplianceChooserProps extends ChooserProps {
  readonly label?: string;
  readonly description?: string;
  /** It may be none. */
  readonly optional?: boolean;
}

/** Whose certificate is shown: found by typing, however many appliances there are. */
export function ChooseAppliance({
  value,
  onChange,
  label = 'Shows the certificate of',
  description = 'Of this appliance the active certificate is shown, always the current one.',
  optional = false,
}: ApplianceChooserProps) {
  const [search, setSearch] = useState('');
  const [q] = useDebouncedValue(search, 200);
  const chosen = useQuery({
    queryKey: ['appliances', value],
    queryFn: () => get<z.output<typeof applianceSchema>>(`/appliances/${value}`),
    enabled: value !== null,
  });
  // The name of the chosen one stands in the field; searching for it alone would hide all others.
  const sought = q === labelOf(chosen.data) ? '' : q;
  const found = useQuery({
    queryKey: ['fleet', 'choose', sought],
    queryFn: ({ signal }) =>
      get<z.output<typeof fleetSchema>>(`/fleet?limit=20&q=${encodeURIComponent(sought)}`, signal),
  });
  const all = [...(found.data?.items ?? []), ...(chosen.data === undefined ? [] : [chosen.data])];
  const options = new Map(all.map((one) => [one.id, labelOf(one)!]));
  return (
    <Select
      label={label}
      description={description}
      placeholder={optional ? 'None; type a name' : 'Type a name'}
      required={!optional}
      searchable
      clearable={optional}
      nothingFoundMessage="No appliance of that name. Make it under Appliances first."
      value={value}
      onChange={onChange}
      searchValue={search}
      onSearchChange={setSearch}
      filter={({ options }) => options}
      data={[...options].map(([value, label]) => ({ value, label }))}
    />
  );
}

const labelOf = (one: { name: string; hostname: string } | undefined): string | undefined =>
  one === undefined ? undefined : `${one.name} (${one.hostname})`;

/** Who receives the alerts. */
export function ChoosePartner({ value, onChange }: ChooserProps) {
  const partners = usePartners();
  return (
    <Select
      label="Leads to the partner"
      description="Its address, the name in its certificate and whose certificate is shown to it are set at the partner."
      placeholder="Choose one"
      required
      searchable
      nothingFoundMessage="No partner yet. Make it under Settings first."
      value={value}
      onChange={onChange}
      data={(partners.data ?? []).map(({ id, name, host, port }) => ({
        value: id,
        label: `${name} (${host}:${port})`,
      }))}
    />
  );
}
