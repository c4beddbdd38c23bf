import { piecesOf } from '../../../src/core/base/prose.ts';
import { Command } from '../parts/Command.tsx';
import { inPage } from '../report/in-page.ts';
import { Words } from '../report/Words.tsx';
import classes from './Problems.module.css';

/** What to do, as the page of the thing says it: the sentence to read, and commands for whoever wants to paste them. */
export function ToDo({ fix }: { fix: string }) {
  const pieces = piecesOf(inPage(fix).replaceAll(/\bhere\b/g, 'on its page'));
  const words = pieces.filter(({ kind }) => kind === 'words').map(({ text }) => text.trim().replace(/:$/, '.'));
  const commands = pieces.filter(({ kind }) => kind === 'command');
  return (
    <div className={classes['fix']}>
      <strong>To do:</strong> <Words text={words.join(' ')} />
      {commands.length > 0 && (
        <details>
          <summary>With which command</summary>
          {commands.map(({ text }) => (
            <Command key={text} text={text} label="Copy the command" />
          ))}
        </details>
      )}
    </div>
  );
}
