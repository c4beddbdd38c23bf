import { ActionIcon, Text } from '@mantine/core';
import { IconCertificate, IconFile, IconKey, IconLinkPlus, IconPlaylistX, IconX } from '@tabler/icons-react';
import { visible } from '../../../src/core/base/visible.ts';
import { Prose } from '../report/Prose.tsx';
import type { BundlePart, Recognised, RecognisedFile } from './request.ts';
import classes from './RecognisedFiles.module.css';

interface RecognisedFilesProps {
  readonly recognised: Recognised;
  /** Takes a file away, by its place in the list. */
  readonly onRemove: (index: number) => void;
}

const PART_WORDS: Readonly<Record<BundlePart | 'crl', string>> = {
  crt: 'certificate',
  key: 'private key',
  chain: 'chain',
  crl: 'CRL',
};
const ICONS = { crt: IconCertificate, key: IconKey, chain: IconLinkPlus, crl: IconPlaylistX } as const;

/** What each file turned out to be, and what came of it. */
export function RecognisedFiles({ recognised: { files }, onRemove }: RecognisedFilesProps) {
  return (
    <ul className={classes['files']} aria-label="Files">
      {files.map((file, i) => (
        <FileRow key={file.name + i} file={file} onRemove={() => onRemove(i)} />
      ))}
    </ul>
  );
}

function FileRow({ file, onRemove }: { file: RecognisedFile; onRemove: () => void }) {
  const { name, description, usedAs, note, fix } = file;
  const Icon = usedAs[0] === undefined ? IconFile : ICONS[usedAs[0]];
  return (
    <li className={`${classes['file']} ${usedAs.length === 0 ? classes['unused'] : ''}`}>
      <Icon size={20} stroke={1.6} aria-hidden className={classes['icon']} />
      <div className={classes['words']}>
        <Text size="sm" fw={600}>
          {visible(name)}
        </Text>
        <Text size="xs" c="dimmed">
          {usedAs.length === 0 ? 'Not used' : `Used as ${usedAs.map((part) => PART_WORDS[part]).join(' and ')}`}
          {': '}
          {visible(description)}
        </Text>
        {note !== undefined && (
          <Text size="xs" mt={2}>
            {visible(note)}
          </Text>
        )}
        {fix !== undefined && (
          <div className={classes['fix']}>
            <Prose text={fix} names={{ 'sensor.crt': name }} />
          </div>
        )}
      </div>
      <ActionIcon variant="subtle" color="gray" size="sm" onClick={onRemove} aria-label={`Take ${visible(name)} away`}>
        <IconX size={15} />
      </ActionIcon>
    </li>
  );
}
