import { Button, Group, NativeSelect, Stack, Text, TextInput } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useNavigate } from 'react-router';
import type { z } from 'zod';
import type { applianceSchema, newApplianceSchema } from '../../../src/http/contract/inventory.ts';
import type { Fleet } from '../api/fleet.ts';
import { get, post } from '../api/request.ts';
import { useSettings } from '../api/settings.ts';
import { Dialog } from '../parts/Dialog.tsx';
import { Trouble } from '../parts/Trouble.tsx';
import { usePlaces } from './useFleet.ts';

type NewAppliance = z.input<typeof newApplianceSchema>;
type Appliance = z.output<typeof applianceSchema>;

const EMPTY = { name: '', hostname: '', site: '', zone: '', sensor: '', role: 'sensor', validation: '', crl: '' };
type Fields = typeof EMPTY;

/** A new sensor or HA server; its certificate comes on its own page, where this leads. */
export default function AddAppliance({ onClose }: { onClose: () => void }) {
  const [fields, setFields] = useState<Fields>(EMPTY);
  const navigate = useNavigate();
  const add = useMutation<Appliance, Error>({
    mutationFn: async () => post<Appliance>('/appliances', bodyOf(fields, await sensorIdOf(fields))),
    onSuccess: ({ id }) => navigate(`/appliances/${id}`),
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    add.mutate();
  };
  const field = (name: keyof Fields) => ({
    value: fields[name],
    onChange: ({ currentTarget: { value } }: { currentTarget: { value: string } }) =>
      setFields((before) => ({ ...before, [name]: value })),
  });
  return (
    <Dialog onClose={onClose} title="Add an appliance" size="lg">
      <form onSubmit={submit}>
        <Stack>
          <WhoFields field={field} fields={fields} />
          <PlaceFields field={field} site={fields.site} />
          <Defaults field={field} />
          {add.error !== null && <Trouble error={add.error} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={add.isPending}>
              Add appliance
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}

type Field = (name: keyof Fields) => {
  value: string;
  onChange: (event: { currentTarget: { value: string } }) => void;
};

function WhoFields({ field, fields }: { field: Field; fields: Fields }) {
  const sensors = useSensors(fields);
  return (
    <>
      <TextInput
        label="Name"
        description="As you call it."
        required
        maxLength={200}
        data-autofocus
        {...field('name')}
      />
      <TextInput
        label="Host name"
        description="Its full domain name. The certificate must carry exactly this name."
        placeholder="sensor-line1.contoso.com"
        required
        maxLength={253}
        autoCapitalize="off"
        spellCheck={false}
        {...field('hostname')}
      />
      <Group grow align="flex-start">
        <NativeSelect
          label="Role"
          data={[
            { value: 'sensor', label: 'Sensor' },
            { value: 'ha', label: 'HA server' },
          ]}
          {...field('role')}
        />
        {fields.role === 'ha' && (
          <TextInput
            label="Stands in for"
            description="The sensor; may be left out."
            list="sensors-known"
            {...field('sensor')}
          />
        )}
      </Group>
      <datalist id="sensors-known">
        {sensors.map(({ id, name }) => (
          <option key={id} value={name} />
        ))}
      </datalist>
    </>
  );
}

function PlaceFields({ field, site }: { field: Field; site: string }) {
  const sites = usePlaces()?.sites ?? [];
  const zones = sites.find(({ name }) => name === site)?.zones ?? [];
  return (
    <>
      <Group grow align="flex-start">
        <TextInput label="Site" description="Optional." list="sites-known" maxLength={200} {...field('site')} />
        <TextInput
          label="Zone"
          description={site === '' ? 'Of a site: name the site first.' : 'Optional.'}
          disabled={site === ''}
          list="zones-known"
          maxLength={200}
          {...field('zone')}
        />
      </Group>
      <datalist id="sites-known">
        {sites.map(({ name }) => (
          <option key={name} value={name} />
        ))}
      </datalist>
      <datalist id="zones-known">
        {zones.map(({ name }) => (
          <option key={name} value={name} />
        ))}
      </datalist>
    </>
  );
}

/** Left alone, a new appliance is set as the settings say; what that is stands there. */
function Defaults({ field }: { field: Field }) {
  const { data } = useSettings();
  const { validation, crl } = data?.applianceDefaults ?? {};
  const usual = (word: string | undefined): string =>
    word === undefined ? 'As in the settings' : `As in the settings (${word})`;
  return (
    <>
      <Group grow align="flex-start">
        <NativeSelect
          label="Validation"
          data={[
            { value: '', label: usual(validation) },
            { value: 'mandatory', label: 'Mandatory' },
            { value: 'none', label: 'None' },
          ]}
          {...field('validation')}
        />
        <NativeSelect
          label="Check against CRLs"
          data={[
            { value: '', label: usual(crl) },
            { value: 'on', label: 'On' },
            { value: 'off', label: 'Off' },
          ]}
          {...field('crl')}
        />
      </Group>
      <Text size="sm" c="dimmed">
        Mandatory: when its certificate no longer holds, its encrypted traffic halts. None: that is only shown. CRLs say
        what a CA has revoked.
      </Text>
    </>
  );
}

const sensorsLike = (name: string): string =>
  `/fleet?${new URLSearchParams({ role: 'sensor', limit: '50', ...(name !== '' && { q: name }) })}`;

/** Sensors to propose for what stands in the field. */
function useSensors({ role, sensor }: Fields): Fleet['items'] {
  const { data } = useQuery({
    queryKey: ['fleet', 'sensors', sensor.trim()],
    queryFn: ({ signal }) => get<Fleet>(sensorsLike(sensor.trim()), signal),
    enabled: role === 'ha',
    placeholderData: (before) => before,
  });
  return data?.items ?? [];
}

/** Asked for when it is needed: somebody may type faster than proposals come. */
async function sensorIdOf({ role, sensor }: Fields): Promise<string | undefined> {
  const wanted = sensor.trim();
  if (role !== 'ha' || wanted === '') return undefined;
  const { items } = await get<Fleet>(sensorsLike(wanted));
  const found = items.find(({ name }) => name.toLowerCase() === wanted.toLowerCase());
  if (found !== undefined) return found.id;
  throw new Error(`There is no sensor named "${wanted}". Choose one of those that exist, or leave the field empty.`);
}

function bodyOf(fields: Fields, sensorId: string | undefined): NewAppliance {
  const { name, hostname, site, zone, role, validation, crl } = fields;
  return {
    name: name.trim(),
    hostname: hostname.trim(),
    role: role === 'ha' ? 'ha' : 'sensor',
    ...(sensorId !== undefined && { sensorId }),
    ...(site.trim() !== '' && { site: site.trim() }),
    ...(site.trim() !== '' && zone.trim() !== '' && { zone: zone.trim() }),
    ...((validation === 'mandatory' || validation === 'none') && { validation }),
    ...((crl === 'on' || crl === 'off') && { crl }),
  };
}
