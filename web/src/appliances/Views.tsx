import { Button, Group, Menu, Stack, Text, TextInput } from '@mantine/core';
import { IconBookmark, IconCheck, IconChevronDown } from '@tabler/icons-react';
import { type FormEvent, useState } from 'react';
import { Dialog } from '../parts/Dialog.tsx';
import { BUILT_IN, useViews, type View } from './views.ts';

interface ViewsProps {
  /** The filter as it is now, as in the address. */
  readonly params: string;
  readonly onChoose: (params: string) => void;
}

/** Filters with names: those that everybody has, and one's own. */
export function Views({ params, onChoose }: ViewsProps) {
  const { views, save, rename, remove } = useViews();
  const [dialog, setDialog] = useState<'save' | 'manage'>();
  const known = [...BUILT_IN, ...views].find((view) => view.params === params);
  const close = (): void => setDialog(undefined);
  return (
    <>
      <Menu position="bottom-start" width={260} withinPortal={false}>
        <Menu.Target>
          <Button
            variant="default"
            leftSection={<IconBookmark size={16} aria-hidden />}
            rightSection={<IconChevronDown size={14} aria-hidden />}
          >
            View: {known?.name ?? 'your own filter'}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Choices views={BUILT_IN} params={params} onChoose={onChoose} />
          {views.length > 0 && <Menu.Divider />}
          <Choices views={views} params={params} onChoose={onChoose} />
          <Menu.Divider />
          <Menu.Item disabled={known !== undefined} onClick={() => setDialog('save')}>
            Save this view…
          </Menu.Item>
          {views.length > 0 && <Menu.Item onClick={() => setDialog('manage')}>Rename or delete…</Menu.Item>}
        </Menu.Dropdown>
      </Menu>
      {dialog === 'save' && <Save views={views} onSave={(name) => save({ name, params })} onClose={close} />}
      {dialog === 'manage' && <Manage views={views} onRename={rename} onRemove={remove} onClose={close} />}
    </>
  );
}

function Choices({ views, params, onChoose }: { views: readonly View[] } & ViewsProps) {
  return views.map((view) => (
    <Menu.Item
      key={view.name}
      rightSection={view.params === params && <IconCheck size={16} aria-label="chosen" />}
      onClick={() => onChoose(view.params)}
    >
      {view.name}
    </Menu.Item>
  ));
}

interface SaveProps {
  readonly views: readonly View[];
  readonly onSave: (name: string) => void;
  readonly onClose: () => void;
}

function Save({ views, onSave, onClose }: SaveProps) {
  const [name, setName] = useState('');
  const isTaken = views.some((view) => view.name === name.trim());
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (name.trim() === '') return;
    onSave(name.trim());
    onClose();
  };
  return (
    <Dialog onClose={onClose} title="Save this view">
      <form onSubmit={submit}>
        <Stack>
          <TextInput
            label="Name"
            description="Filter and order, kept in this browser for you alone. To share them, send the address of the page."
            placeholder="e.g. Plant North, ends this year"
            required
            maxLength={60}
            value={name}
            onChange={({ currentTarget: { value } }) => setName(value)}
            data-autofocus
          />
          {isTaken && <Text size="sm">There is a view of this name; it is replaced.</Text>}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit">Save</Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}

interface ManageProps {
  readonly views: readonly View[];
  readonly onRename: (from: string, to: string) => void;
  readonly onRemove: (name: string) => void;
  readonly onClose: () => void;
}

function Manage({ views, onRename, onRemove, onClose }: ManageProps) {
  return (
    <Dialog onClose={onClose} title="Your views">
      <Stack>
        {views.length === 0 && <Text>You have no view of your own any more.</Text>}
        {views.map(({ name }) => (
          <Rename key={name} name={name} onRename={onRename} onRemove={onRemove} />
        ))}
        <Group justify="flex-end">
          <Button onClick={onClose}>Done</Button>
        </Group>
      </Stack>
    </Dialog>
  );
}

/** Deleting asks nothing: a view is a filter that is made again in a moment. */
function Rename({ name, onRename, onRemove }: Pick<ManageProps, 'onRename' | 'onRemove'> & { name: string }) {
  const [text, setText] = useState(name);
  const wanted = text.trim();
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (wanted !== '' && wanted !== name) onRename(name, wanted);
  };
  return (
    <form onSubmit={submit}>
      <Group align="flex-end" gap="xs" wrap="nowrap">
        <TextInput
          label={`Name of "${name}"`}
          value={text}
          maxLength={60}
          flex={1}
          onChange={({ currentTarget: { value } }) => setText(value)}
        />
        <Button
          type="submit"
          variant="default"
          disabled={wanted === '' || wanted === name}
          aria-label={`Rename ${name}`}
        >
          Rename
        </Button>
        <Button variant="default" onClick={() => onRemove(name)} aria-label={`Delete ${name}`}>
          Delete
        </Button>
      </Group>
    </form>
  );
}
