import { Button, NativeSelect, TextInput } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { IconSearch, IconX } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import { type Fleet, type StandingState, STANDINGS } from '../api/fleet.ts';
import { number } from '../parts/count.ts';
import { toneOf, wordOf } from '../parts/State.tsx';
import { type Change, dayOf, type Filter, isFiltered } from './filter.ts';
import classes from './FilterBar.module.css';
import { usePlaces } from './useFleet.ts';

/** A change of the filter as it is by then: what was changed a moment ago may not be in the page yet. */
export type OnChange = (change: Change | ((before: Filter) => Change), options?: { typing: boolean }) => void;

interface FilterBarProps {
  readonly filter: Filter;
  readonly states: Fleet['states'] | undefined;
  readonly onChange: OnChange;
}

/** Which appliances the list shows. */
export function FilterBar({ filter, states, onChange }: FilterBarProps) {
  const isNarrow = useMediaQuery('(max-width: 36em)', false, { getInitialValueInEffect: false });
  const { site, role, expiresBefore } = filter;
  // What is chosen is never out of sight.
  const hasMore = site !== undefined || role !== undefined || expiresBefore !== undefined;
  const more = <Choices filter={filter} onChange={onChange} />;
  return (
    <search className={classes['bar']} aria-label="Filter appliances">
      <StateChips chosen={filter.states} states={states} onChange={onChange} />
      <div className={classes['fields']}>
        <Search q={filter.q ?? ''} onChange={(q) => onChange({ q }, { typing: true })} />
        {isNarrow ? (
          <details className={classes['more']} open={hasMore}>
            <summary>More filters</summary>
            <div className={classes['fields']}>{more}</div>
          </details>
        ) : (
          more
        )}
        {isFiltered(filter) && (
          <Button
            variant="subtle"
            className={classes['clear']}
            leftSection={<IconX size={16} aria-hidden />}
            onClick={() => onChange(NOTHING_LEFT_OUT)}
          >
            Clear filter
          </Button>
        )}
      </div>
    </search>
  );
}

function Choices({ filter, onChange }: Omit<FilterBarProps, 'states'>) {
  return (
    <>
      <Places filter={filter} onChange={onChange} />
      <NativeSelect
        label="Role"
        value={filter.role ?? ''}
        onChange={({ currentTarget: { value } }) =>
          onChange({ role: value === 'sensor' || value === 'ha' ? value : undefined })
        }
        data={[
          { value: '', label: 'All' },
          { value: 'sensor', label: 'Sensors' },
          { value: 'ha', label: 'HA servers' },
        ]}
      />
      <TextInput
        type="date"
        label="Ends before"
        value={filter.expiresBefore === undefined ? '' : dayOf(filter.expiresBefore)}
        onChange={({ currentTarget: { value } }) => onChange({ expiresBefore: value === '' ? undefined : value })}
      />
    </>
  );
}

/** The order is no part of it. */
const NOTHING_LEFT_OUT: Change = {
  q: undefined,
  states: [],
  role: undefined,
  site: undefined,
  zone: undefined,
  expiresBefore: undefined,
};

interface StateChipsProps {
  readonly chosen: readonly StandingState[];
  readonly states: Fleet['states'] | undefined;
  readonly onChange: OnChange;
}

function StateChips({ chosen, states, onChange }: StateChipsProps) {
  const shown = STANDINGS.filter((state) => chosen.includes(state) || (states?.[state] ?? 0) > 0);
  const toggle = (state: StandingState): void =>
    onChange(({ states }) => ({
      states: states.includes(state)
        ? states.filter((one) => one !== state)
        : STANDINGS.filter((one) => one === state || states.includes(one)),
    }));
  return (
    <div role="group" aria-label="State" className={classes['chips']}>
      {shown.map((state) => (
        <button
          key={state}
          type="button"
          aria-pressed={chosen.includes(state)}
          className={`${classes['chip']} ${classes[toneOf(state)]}`}
          onClick={() => toggle(state)}
        >
          <span className={classes['dot']} aria-hidden="true" />
          {wordOf(state)} <span className={classes['number']}>{number(states?.[state] ?? 0)}</span>
        </button>
      ))}
    </div>
  );
}

/** Asks when somebody pauses, and follows the address when it changes otherwise. */
function Search({ q, onChange }: { q: string; onChange: (q: string) => void }) {
  const [text, setText] = useState(q);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const sent = useRef(q);
  useEffect(() => {
    if (q !== sent.current) setText(q);
    sent.current = q;
  }, [q]);
  useEffect(() => () => clearTimeout(timer.current), []);
  return (
    <TextInput
      className={classes['search']}
      type="search"
      label="Search"
      placeholder="Name, host name, CN, serial, fingerprint …"
      leftSection={<IconSearch size={16} aria-hidden />}
      value={text}
      maxLength={300}
      onChange={({ currentTarget: { value } }) => {
        setText(value);
        clearTimeout(timer.current);
        timer.current = setTimeout(() => {
          sent.current = value.trim();
          onChange(value.trim());
        }, 250);
      }}
    />
  );
}

const NONE = 'without';
/** A name may be anything; `without` is not one of ours. */
const valueOf = (name: string | undefined): string => (name === undefined ? '' : name === '' ? NONE : `=${name}`);

function Places({ filter, onChange }: Omit<FilterBarProps, 'states'>) {
  const sites = usePlaces()?.sites ?? [];
  const { site, zone } = filter;
  const zones = sites.find(({ name }) => name === site)?.zones ?? [];
  const read = (value: string): string | undefined => (value === '' ? undefined : value === NONE ? '' : value.slice(1));
  return (
    <>
      <NativeSelect
        label="Site"
        value={valueOf(site)}
        onChange={({ currentTarget: { value } }) => onChange({ site: read(value), zone: undefined })}
        data={[{ value: '', label: 'All' }, ...optionsOf(sites, site), { value: NONE, label: 'Without a site' }]}
      />
      {(zones.length > 0 || zone !== undefined) && (
        <NativeSelect
          label="Zone"
          value={valueOf(zone)}
          onChange={({ currentTarget: { value } }) => onChange({ zone: read(value) })}
          data={[{ value: '', label: 'All' }, ...optionsOf(zones, zone), { value: NONE, label: 'Without a zone' }]}
        />
      )}
    </>
  );
}

/** One that the address names stands there even if there is no such site any more. */
function optionsOf(places: readonly { name: string; appliances: number }[], chosen: string | undefined) {
  const known = places.map(({ name, appliances }) => ({
    value: valueOf(name),
    label: `${name} (${number(appliances)})`,
  }));
  const isKnown = chosen === undefined || chosen === '' || places.some(({ name }) => name === chosen);
  return isKnown ? known : [...known, { value: valueOf(chosen), label: chosen }];
}
