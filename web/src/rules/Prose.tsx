import { Anchor, Code } from '@mantine/core';
import { Fragment, type ReactNode } from 'react';
import { Link } from 'react-router';
import { State } from '../parts/State.tsx';
import { type Block, ruleOf } from './pages.ts';
import classes from './Rules.module.css';

/** Text with `code` in it; other rules that it names are links. */
export function Inline({ text, links = true }: { text: string; links?: boolean }) {
  return text.split('`').map((part, index) => {
    if (index % 2 === 1) return <Code key={index}>{part}</Code>;
    return <Fragment key={index}>{links ? linked(part) : part}</Fragment>;
  });
}

const linked = (text: string): ReactNode[] =>
  text.split(/\b([a-z]+(?:-[a-z]+)+)\b/).map((part, index) =>
    index % 2 === 1 && ruleOf(part) !== undefined ? (
      <Anchor key={index} component={Link} to={`/rules/${part}`} inherit underline="always">
        {part}
      </Anchor>
    ) : (
      part
    ),
  );

const STATUS: Readonly<Record<string, string>> = {
  Passes: 'pass',
  Refused: 'refused',
  Unsupported: 'unsupported',
  Warning: 'warning',
  'Not checked': 'not-checked',
  'Not applicable': 'not-applicable',
};

/** A paragraph, a quotation or a list of a rule's page; one that begins with a status shows it as reports do. */
export function Prose({ kind, lines }: Block) {
  if (kind === 'list') {
    return (
      <ul>
        {lines.map((line) => (
          <li key={line}>
            <Inline text={line} />
          </li>
        ))}
      </ul>
    );
  }
  const text = lines[0] ?? '';
  if (kind === 'quote') {
    return (
      <blockquote className={classes['quote']}>
        <Inline text={text} />
      </blockquote>
    );
  }
  const [, word = '', rest = ''] = /^([A-Z][a-z ]+): (.*)$/s.exec(text) ?? [];
  const status = STATUS[word];
  if (status === undefined) {
    return (
      <p>
        <Inline text={text} />
      </p>
    );
  }
  return (
    <div className={classes['status']}>
      <div>
        <State state={status} />
      </div>
      <p>
        <Inline text={rest} />
      </p>
    </div>
  );
}
