import { Stack, Title } from '@mantine/core';
import { DropFiles } from '../check/DropFiles.tsx';
import { RecognisedFiles } from '../check/RecognisedFiles.tsx';
import type { NamedFile, Recognised } from '../check/request.ts';

interface FilesProps {
  readonly files: readonly NamedFile[];
  readonly recognised: Recognised | undefined;
  readonly onAdd: (files: readonly NamedFile[]) => void;
  readonly onChange: (files: readonly NamedFile[]) => void;
}

const HINT = 'Certificate, key and chain, in any order and under any name: their content says what they are.';

/** The files, dropped in any order, and what they turned out to be. */
export function Files({ files, recognised, onAdd, onChange }: FilesProps) {
  return (
    <Stack gap="sm">
      <Title order={2} size="h4">
        Files
      </Title>
      <DropFiles
        onFiles={onAdd}
        compact={files.length > 0}
        title={files.length > 0 ? 'Drop more files here' : 'Drop the files here'}
        {...(files.length === 0 && { hint: HINT })}
        button={files.length === 0 ? 'Choose files' : 'Choose more files'}
      />
      {files.length > 0 && recognised !== undefined && (
        <RecognisedFiles recognised={recognised} onRemove={(at) => onChange(files.filter((_, i) => i !== at))} />
      )}
    </Stack>
  );
}
