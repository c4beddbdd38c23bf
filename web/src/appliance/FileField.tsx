import { ActionIcon, Button, FileButton, Group, Input, Text } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import { useId } from 'react';
import { readFiles } from '../check/readFiles.ts';
import type { NamedFile } from '../check/request.ts';
import classes from './form.module.css';

interface FileFieldProps {
  readonly label: string;
  /** The name of the file that serves as this part. */
  readonly name: string | undefined;
  /** What stands there while there is no file. */
  readonly empty: string;
  readonly accept: string;
  readonly onFile: (file: NamedFile) => void;
  readonly onClear: () => void;
}

/** One file of the vendor's form; filled by the drop zone, or by hand. */
export function FileField({ label, name, empty, accept, onFile, onClear }: FileFieldProps) {
  const id = useId();
  const take = async (file: File | null): Promise<void> => {
    if (file === null) return;
    const [read] = await readFiles([file]);
    if (read !== undefined) onFile(read);
  };
  return (
    <div role="group" aria-labelledby={id}>
      <Input.Label component="div" id={id}>
        {label}
      </Input.Label>
      <Group gap={6} wrap="nowrap" className={classes['file']}>
        <Text size="sm" className={classes['fileName']} {...(name === undefined && { c: 'dimmed' })}>
          {name ?? empty}
        </Text>
        {name !== undefined && (
          <ActionIcon variant="subtle" color="gray" onClick={onClear} aria-label={`Take away ${name}`}>
            <IconX size={16} />
          </ActionIcon>
        )}
        <FileButton onChange={(file) => void take(file)} accept={accept}>
          {(props) => (
            <Button {...props} variant="default" size="compact-sm" aria-label={`Choose a file: ${label}`}>
              Choose
            </Button>
          )}
        </FileButton>
      </Group>
    </div>
  );
}
