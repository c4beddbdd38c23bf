import { Anchor, Button, Code, Group, Stack, Table, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import type { z } from 'zod';
import type { csvImportSchema } from '../../../src/http/contract/inventory.ts';
import { post, type RequestFailed } from '../api/request.ts';
import { DropFiles } from '../check/DropFiles.tsx';
import type { NamedFile } from '../check/request.ts';
import { Command } from '../parts/Command.tsx';
import { Dialog } from '../parts/Dialog.tsx';
import { count } from '../parts/count.ts';
import { Trouble } from '../parts/Trouble.tsx';
import classes from './ImportCsv.module.css';

type Imported = z.output<typeof csvImportSchema>;

const EXAMPLE = `name,hostname,role,sensor,site,zone,validation,crl
Line 1,sensor-line1.contoso.com,sensor,,Plant North,Line 1,mandatory,on
Line 1 HA,ha-line1.contoso.com,ha,Line 1,Plant North,Line 1,mandatory,on`;
const EXAMPLE_LINK = `data:text/csv;charset=utf-8,${encodeURIComponent(`${EXAMPLE}\n`)}`;

/** Many appliances out of a spreadsheet: all of them, or none and what is wrong with which line. */
export default function ImportCsv({ onClose }: { onClose: () => void }) {
  const [file, setFile] = useState<NamedFile>();
  const send = useMutation<Imported, RequestFailed, NamedFile>({
    // A file manager may call it anything; the server takes text/csv.
    mutationFn: ({ bytes }) => post<Imported>('/appliances/import', new Blob([bytes.slice()], { type: 'text/csv' })),
  });
  const choose = ([file]: readonly NamedFile[]): void => {
    setFile(file);
    send.reset();
  };
  if (send.data !== undefined) return <Done imported={send.data} onClose={onClose} />;
  return (
    <Dialog onClose={onClose} title="Import appliances" size="xl">
      <Stack>
        <Text>
          A CSV file with one appliance a line, as spreadsheets save it. Only <Code>name</Code> and{' '}
          <Code>hostname</Code> are needed. It is imported whole or not at all.
        </Text>
        <DropFiles
          onFiles={choose}
          multiple={false}
          title={file === undefined ? 'Drop the CSV file here' : file.name}
          hint={file !== undefined && aboutFile(file)}
          button={file === undefined ? 'Choose a file' : 'Choose another, or the same again'}
        />
        {send.error !== null && <Refused error={send.error} lines={linesOf(file)} />}
        <Example />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button
            disabled={file === undefined}
            loading={send.isPending}
            onClick={() => file !== undefined && send.mutate(file)}
          >
            Import
          </Button>
        </Group>
      </Stack>
    </Dialog>
  );
}

const linesOf = (file: NamedFile | undefined): string[] =>
  file === undefined ? [] : new TextDecoder().decode(file.bytes).split(/\r\n|\n|\r/);

const aboutFile = (file: NamedFile): string => {
  const lines = linesOf(file).filter((line) => line.trim() !== '').length;
  return `${count(Math.max(0, lines - 1), 'line')} below the heading`;
};

function Example() {
  return (
    <details>
      <summary className={classes['summary']}>What the file looks like</summary>
      <Stack gap="xs" mt="xs">
        <Command text={EXAMPLE} label="Copy the example" />
        <Anchor href={EXAMPLE_LINK} download="appliances-example.csv" size="sm">
          Save this example as a file
        </Anchor>
        <Text size="sm">
          <Code>role</Code> is sensor or ha, <Code>sensor</Code> names the sensor that an HA server stands in for,{' '}
          <Code>validation</Code> is mandatory or none, <Code>crl</Code> on or off. What is empty is set as the settings
          say.
        </Text>
      </Stack>
    </details>
  );
}

/** Each line that is wrong, as it stands in the file, and why. */
function Refused({ error, lines }: { error: RequestFailed; lines: readonly string[] }) {
  const fields = error.code === 'csv-refused' ? error.problem.fields : undefined;
  if (fields === undefined) return <Trouble error={error} />;
  return (
    <section aria-label="What is wrong with the file" role="alert">
      <Text fw={600}>Nothing was imported.</Text>
      <Text size="sm" mb="xs">
        Mend {fields.length === 1 ? 'this' : `these ${count(fields.length, 'place')}`} in the file, save it, and choose
        it again.
      </Text>
      <Table.ScrollContainer minWidth={0} mah={320} tabIndex={0} aria-label="Lines that are wrong" role="region">
        <Table verticalSpacing={6} horizontalSpacing="sm">
          <Table.Thead>
            <Table.Tr>
              <Table.Th scope="col">Where</Table.Th>
              <Table.Th scope="col">What is wrong</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {fields.map(({ path, problem }) => (
              <Table.Tr key={path + problem}>
                <Table.Td className={classes['where']}>{path}</Table.Td>
                <Table.Td>
                  {problem}
                  <Line text={lines[Number(/^line (\d+)/.exec(path)?.[1]) - 1]} />
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </section>
  );
}

function Line({ text }: { text: string | undefined }) {
  if (text === undefined || text === '') return null;
  return (
    <Code block className={classes['line']}>
      {text.slice(0, 300)}
    </Code>
  );
}

function Done({ imported: { imported }, onClose }: { imported: Imported; onClose: () => void }) {
  const names = imported.slice(0, 3).map(({ name }) => name);
  return (
    <Dialog onClose={onClose} title="Imported">
      <Stack>
        <Text role="status">
          {count(imported.length, 'appliance was', 'appliances were')} added: {names.join(', ')}
          {imported.length > names.length && ' …'}
        </Text>
        <Text size="sm" c="dimmed">
          Next: a certificate for each. Open an appliance and drop its files there.
        </Text>
        <Group justify="flex-end">
          <Button onClick={onClose} data-autofocus>
            Show them
          </Button>
        </Group>
      </Stack>
    </Dialog>
  );
}
