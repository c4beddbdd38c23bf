import { Button, FileButton, Group, Text } from '@mantine/core';
import { IconUpload } from '@tabler/icons-react';
import { type DragEvent, type ReactNode, useState } from 'react';
import { toBase64 } from '../check/pem.ts';
import classes from './FileDrop.module.css';

interface FileDropProps {
  /** What to drop: `the CA certificate`. */
  readonly what: string;
  readonly accept: string;
  readonly onFile: (file: File) => void;
  readonly children?: ReactNode;
}

/** A field to drop a file on, and a button that chooses one: the same for mouse and keyboard. */
export function FileDrop({ what, accept, onFile, children }: FileDropProps) {
  const [over, setOver] = useState(false);
  const drop = (event: DragEvent): void => {
    event.preventDefault();
    setOver(false);
    const file = event.dataTransfer.files[0];
    if (file !== undefined) onFile(file);
  };
  return (
    <div
      className={classes['drop']}
      data-over={over || undefined}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <Group gap="sm" justify="center">
        <Text size="sm">Drop {what} here, or</Text>
        <FileButton onChange={(file) => file !== null && onFile(file)} accept={accept}>
          {(props) => (
            <Button {...props} variant="default" size="xs" leftSection={<IconUpload size={14} aria-hidden />}>
              Choose a file
            </Button>
          )}
        </FileButton>
      </Group>
      {children}
    </div>
  );
}

/** A file as the API takes it in JSON: Base64 of its bytes, whatever they are. */
export const fileAsBase64 = async (file: Blob): Promise<string> => toBase64(new Uint8Array(await file.arrayBuffer()));
