import type { Evidence } from '../check/request.ts';
import classes from './Bytes.module.css';

const ROW = 16;

/** The bytes a finding speaks of, as hexadecimal and as text, the range meant marked. */
export function Bytes({ evidence, label }: { evidence: Evidence; label: string }) {
  return evidence.kind === 'text' ? (
    <TextLine evidence={evidence} label={label} />
  ) : (
    <figure className={classes['bytes']} aria-label={label}>
      {/* What is marked comes first for those who hear it: a dump read aloud tells nobody anything. */}
      <figcaption className={classes['hidden']}>{spoken(evidence)}</figcaption>
      <div className={classes['dump']} tabIndex={0} role="group" aria-label="Bytes in hexadecimal and as text">
        {rowsOf(evidence).map((row) => (
          <Row key={row.offset} row={row} evidence={evidence} />
        ))}
        {evidence.to > evidence.start + evidence.bytes.length && (
          <div className={classes['more']}>… to byte {evidence.to - 1}</div>
        )}
      </div>
    </figure>
  );
}

interface DumpRow {
  readonly offset: number;
  readonly bytes: readonly number[];
}

function rowsOf({ start, bytes }: Evidence): DumpRow[] {
  const rows: DumpRow[] = [];
  for (let at = 0; at < bytes.length; at += ROW)
    rows.push({ offset: start + at, bytes: [...bytes.subarray(at, at + ROW)] });
  return rows;
}

function Row({ row: { offset, bytes }, evidence: { from, to } }: { row: DumpRow; evidence: Evidence }) {
  const marked = (i: number): boolean => offset + i >= from && offset + i < to;
  return (
    <div className={classes['row']}>
      <span className={classes['offset']}>{String(offset).padStart(5, '\u2007')}</span>
      <span className={classes['hex']}>
        {runs(bytes, marked).map(({ at, values, isMarked }) => {
          const text = values.map((value) => value.toString(16).padStart(2, '0')).join(' ');
          return isMarked ? <mark key={at}>{text}</mark> : <span key={at}>{text}</span>;
        })}
      </span>
      <span className={classes['text']}>
        {runs(bytes, marked).map(({ at, values, isMarked }) => {
          const text = values.map(printable).join('');
          return isMarked ? <mark key={at}>{text}</mark> : <span key={at}>{text}</span>;
        })}
      </span>
    </div>
  );
}

interface Run {
  readonly at: number;
  readonly values: number[];
  readonly isMarked: boolean;
}

/** Neighbours that are marked alike, together. */
function runs(bytes: readonly number[], marked: (i: number) => boolean): Run[] {
  const found: Run[] = [];
  bytes.forEach((value, i) => {
    const last = found.at(-1);
    if (last !== undefined && last.isMarked === marked(i)) last.values.push(value);
    else found.push({ at: i, values: [value], isMarked: marked(i) });
  });
  return found;
}

const printable = (octet: number): string => (octet >= 0x20 && octet < 0x7f ? String.fromCharCode(octet) : '·');

function spoken({ start, bytes, from, to }: Evidence): string {
  const meant = bytes.subarray(from - start, Math.min(to - start, from - start + 64));
  const text = [...meant].map(printable).join('');
  return `Marked: bytes ${from} to ${to - 1}, as text "${text}".`;
}

/** A line of a text file, the character meant marked. */
function TextLine({ evidence: { bytes, start, from, to }, label }: { evidence: Evidence; label: string }) {
  const read = (a: number, b: number): string => [...bytes.subarray(a - start, b - start)].map(character).join('');
  return (
    <figure className={classes['bytes']} aria-label={label}>
      <pre className={classes['line']} tabIndex={0} aria-label={label}>
        {read(start, from)}
        {to > from && <mark>{read(from, to)}</mark>}
        {read(Math.max(from, to), start + bytes.length)}
      </pre>
    </figure>
  );
}

const character = (octet: number): string => (octet === 0x0a ? '\n' : octet === 0x09 ? ' ' : printable(octet));
