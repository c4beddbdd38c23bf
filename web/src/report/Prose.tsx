import { Text } from '@mantine/core';
import { type FileNames, piecesOf, withNames } from '../../../src/core/base/prose.ts';
import { Command } from '../parts/Command.tsx';
import { inPage } from './in-page.ts';
import { Words } from './Words.tsx';
import type { FileNamesOfReport } from './words.ts';
import classes from './report.module.css';

/** The names that commands of a report use for the three files, and what the files are really called. */
export const commandNames = ({ crt, key, chain }: FileNamesOfReport): FileNames => ({
  ...(crt !== undefined && { 'sensor.crt': crt }),
  ...(key !== undefined && { 'sensor.key': key }),
  ...(chain !== undefined && !chain.includes(' + ') && { 'chain.pem': chain }),
});

/** Commands that follow one another, each on a line of its own; what stands in quotes stays as it is. */
const apart = (command: string): string =>
  command.replace(
    /('[^']*'|"[^"]*")|; (?=[a-z])/g,
    (whole, quoted: string | undefined) => quoted ?? (whole === '; ' ? '\n' : whole),
  );

/** What to do: sentences to read, and commands to copy that call the files by their real names. */
export function Prose({ text, names = {} }: { text: string; names?: FileNames }) {
  return (
    <div className={classes['prose']}>
      {piecesOf(inPage(text)).map(({ kind, text }, i) =>
        kind === 'command' ? (
          <Command key={i} text={apart(withNames(text, names))} label="Copy the command" />
        ) : (
          <Text key={i} inherit component="div">
            <Words text={text.trim()} />
          </Text>
        ),
      )}
    </div>
  );
}
