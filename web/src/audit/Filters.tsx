import { Button, NativeSelect, TextInput } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import { type AuditFilter, useFacets } from './api.ts';
import classes from './Audit.module.css';
import { actionGroups, actorName, wordsOf } from './words.ts';

interface FiltersProps {
  readonly filter: AuditFilter;
  readonly onChange: (update: (filter: AuditFilter) => AuditFilter) => void;
}

/** By whom, what, when; and of one thing, where an entry was asked for all about its own. */
export function Filters({ filter, onChange }: FiltersProps) {
  const { data } = useFacets();
  const set = (name: keyof AuditFilter, value: string): void => {
    onChange(({ [name]: _old, ...rest }) => (value === '' ? rest : { ...rest, [name]: value }));
  };
  // What tokens did is shown with their user.
  const people = new Set((data?.actors ?? []).map((actor) => actor.replace(/ \(token .*\)$/s, '')));
  if (filter.actor !== undefined) people.add(filter.actor);
  return (
    <form
      className={classes['filters']}
      role="search"
      aria-label="Audit log"
      onSubmit={(event) => event.preventDefault()}
    >
      <NativeSelect
        label="Who"
        value={filter.actor ?? ''}
        onChange={({ currentTarget }) => set('actor', currentTarget.value)}
        data={[
          { value: '', label: 'Everybody' },
          ...[...people].map((actor) => ({ value: actor, label: actorName(actor) })),
        ]}
      />
      <NativeSelect
        label="What"
        value={filter.action ?? ''}
        onChange={({ currentTarget }) => set('action', currentTarget.value)}
        data={actionMenu(data?.actions ?? [])}
      />
      <TextInput
        type="date"
        label="From"
        value={filter.from ?? ''}
        max={filter.to}
        onChange={({ currentTarget }) => set('from', currentTarget.value)}
      />
      <TextInput
        type="date"
        label="To, this day included"
        value={filter.to ?? ''}
        min={filter.from}
        onChange={({ currentTarget }) => set('to', currentTarget.value)}
      />
      {Object.keys(filter).length > 0 && (
        <Button
          variant="subtle"
          color="gray"
          onClick={() => onChange(() => ({}))}
          leftSection={<IconX size={15} aria-hidden />}
        >
          {filter.subject === undefined ? 'No filter' : 'No filter (one thing only now)'}
        </Button>
      )}
    </form>
  );
}

const actionMenu = (actions: readonly string[]) => [
  { value: '', label: 'Everything' },
  ...actionGroups(actions).map(({ noun, label, actions }) => ({
    group: label,
    items: [
      { value: `${noun}.`, label: `${label}: all` },
      ...actions.map((action) => ({ value: action, label: wordsOf(action) })),
    ],
  })),
];
