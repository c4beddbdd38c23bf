import { Button, Text } from '@mantine/core';
import { IconFilePlus } from '@tabler/icons-react';
import { type DragEvent, type ReactNode, useId, useRef, useState } from 'react';
import { readFiles } from './readFiles.ts';
import type { NamedFile } from './request.ts';
import classes from './DropFiles.module.css';

interface DropFilesProps {
  /** Called with what was dropped or chosen, read. */
  readonly onFiles: (files: NamedFile[]) => void;
  /** What belongs here, in a few words. */
  readonly title: string;
  /** One sentence below it. */
  readonly hint?: ReactNode;
  /** What the button says, e.g. `Choose files`. */
  readonly button: string;
  readonly multiple?: boolean;
  readonly compact?: boolean;
}

/** Where files are dropped, or chosen with a button: by mouse, by touch and by keyboard. They stay in the page. */
export function DropFiles({ onFiles, title, hint, button, multiple = true, compact = false }: DropFilesProps) {
  const input = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);
  const id = useId();
  const take = async (files: FileList | null): Promise<void> => {
    if (files !== null && files.length > 0) onFiles(await readFiles(files));
    // The same file, mended, may be chosen again.
    if (input.current !== null) input.current.value = '';
  };
  const drop = (event: DragEvent): void => {
    event.preventDefault();
    setOver(false);
    void take(event.dataTransfer.files);
  };
  return (
    <div
      className={`${classes['drop']} ${over ? classes['over'] : ''} ${compact ? classes['compact'] : ''}`}
      role="group"
      aria-labelledby={id}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      {!compact && <IconFilePlus size={30} stroke={1.4} aria-hidden />}
      <Text id={id} fw={600} size={compact ? 'sm' : 'md'}>
        {title}
      </Text>
      {hint !== undefined && (
        <Text size="xs" c="dimmed">
          {hint}
        </Text>
      )}
      <Button variant="default" size="xs" mt={4} onClick={() => input.current?.click()}>
        {button}
      </Button>
      <input
        ref={input}
        type="file"
        hidden
        multiple={multiple}
        aria-label={button}
        onChange={(event) => void take(event.currentTarget.files)}
      />
    </div>
  );
}
