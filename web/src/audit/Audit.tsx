import { Button, Group, Menu, Stack } from '@mantine/core';
import { IconChevronDown, IconDownload } from '@tabler/icons-react';
import { useMay } from '../api/session.ts';
import { Empty } from '../parts/Empty.tsx';
import { Page } from '../parts/Page.tsx';
import { type AuditFilter, queryOf } from './api.ts';
import { EntryList } from './EntryList.tsx';
import { Filters } from './Filters.tsx';
import { useFilter } from './useFilter.ts';
import { Verify } from './Verify.tsx';

/** Who did what, and whether anybody has tampered with the answer. */
export default function Audit() {
  const may = useMay();
  const [filter, change] = useFilter();
  if (!may('audit:read')) {
    return (
      <Page title="Audit">
        <Empty title="Your role does not read the audit log">
          A security analyst or an administrator can; an administrator can give you that role.
        </Empty>
      </Page>
    );
  }
  return (
    <Page
      title="Audit"
      lead="Who did what, and when. Nothing is ever taken out; each entry is bound to the one before."
      actions={
        <Group gap="xs">
          <Verify />
          <Export filter={filter} />
        </Group>
      }
    >
      <Stack gap="md">
        <Filters filter={filter} onChange={change} />
        <EntryList filter={filter} onSubject={(subject) => change((filter) => ({ ...filter, subject }))} />
      </Stack>
    </Page>
  );
}

function Export({ filter }: { filter: AuditFilter }) {
  const link = (format: string): string => {
    const query = queryOf(filter);
    query.set('format', format);
    return `/api/v1/audit/export?${query}`;
  };
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button
          size="xs"
          variant="default"
          leftSection={<IconDownload size={16} aria-hidden />}
          rightSection={<IconChevronDown size={14} aria-hidden />}
        >
          Export
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>Everything that the filter leaves</Menu.Label>
        <Menu.Item component="a" href={link('csv')} download>
          CSV, for spreadsheets
        </Menu.Item>
        <Menu.Item component="a" href={link('jsonl')} download>
          JSON lines, for programs
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
