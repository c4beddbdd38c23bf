import { NativeSelect } from '@mantine/core';
import { useDebouncedValue, useMediaQuery } from '@mantine/hooks';
import { defaultRangeExtractor, type Range, useWindowVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react';
import type { Fleet } from '../api/fleet.ts';
import classes from './FleetGrid.module.css';
import { FleetLine, HEIGHT } from './FleetLine.tsx';
import { type Filter, type Sort, SORTS } from './filter.ts';
import { PAGE_SIZE, useFleetRows } from './useFleet.ts';

interface FleetGridProps {
  readonly head: Fleet;
  readonly request: string;
  readonly filter: Filter;
  readonly onSort: (order: Pick<Filter, 'sort' | 'descending'>) => void;
}

/** The head of the page and that of the list stay above the rows. */
const COVERED = { wide: 56 + 38, narrow: 56 } as const;
const OVERSCAN = 8;

/**
 * The list. Only the rows in sight, and a few around them, are in the document; the page itself scrolls. One stop of the
 * Tab key: arrows, page keys, Home and End lead through all rows, Enter opens.
 */
export function FleetGrid({ head, request, filter, onSort }: FleetGridProps) {
  const isNarrow = useMediaQuery('(max-width: 48em)', false, { getInitialValueInEffect: false });
  const shape = isNarrow ? 'narrow' : 'wide';
  const body = useRef<HTMLDivElement>(null);
  const [current, setCurrent] = useState(0);
  const active = Math.min(current, head.total - 1);
  const top = useTop(body);
  const virtual = useWindowVirtualizer({
    count: head.total,
    estimateSize: () => HEIGHT[shape],
    overscan: OVERSCAN,
    scrollMargin: top,
    scrollPaddingStart: COVERED[shape],
    // The row that the keyboard is on stays, wherever the mouse scrolls to.
    rangeExtractor: useCallback((range: Range) => withRow(defaultRangeExtractor(range), active), [active]),
  });
  useEffect(() => virtual.measure(), [virtual, shape]);
  useBeginning(request, () => {
    setCurrent(0);
    if (window.scrollY > top - COVERED[shape]) window.scrollTo(0, top - COVERED[shape]);
  });
  const lines = virtual.getVirtualItems();
  const rowAt = useFleetRows(request, usePages(lines, active));
  const keys = useKeys({
    body,
    active,
    last: head.total - 1,
    setCurrent,
    scrollTo: (index) => virtual.scrollToIndex(index),
    height: HEIGHT[shape],
  });
  return (
    <>
      {isNarrow && <SortSelect filter={filter} onSort={onSort} />}
      <div
        role="grid"
        aria-label="Appliances"
        aria-rowcount={head.total + (isNarrow ? 0 : 1)}
        className={classes['grid']}
        onKeyDown={keys}
      >
        {!isNarrow && <Head filter={filter} onSort={onSort} />}
        <div ref={body} role="rowgroup" className={classes['body']} style={{ height: virtual.getTotalSize() }}>
          {lines.map(({ index, start }) => (
            <FleetLine
              key={index}
              row={rowAt(index)}
              index={index}
              rowIndex={index + (isNarrow ? 1 : 2)}
              top={start - virtual.options.scrollMargin}
              isStop={index === active}
              onFocus={setCurrent}
            />
          ))}
        </div>
      </div>
    </>
  );
}

/** Where the rows begin on the page; what stands above them changes its height. */
function useTop(body: { readonly current: HTMLElement | null }): number {
  const [top, setTop] = useState(0);
  useLayoutEffect(() => {
    const measure = (): void => {
      const box = body.current?.getBoundingClientRect();
      if (box !== undefined) setTop(Math.round(box.top + window.scrollY));
    };
    measure();
    const observer = new ResizeObserver(measure);
    for (const element of document.querySelectorAll('#main, #main > *, search')) observer.observe(element);
    return () => observer.disconnect();
  }, [body]);
  return top;
}

/** Other rows, or another order, are read from their beginning. */
function useBeginning(request: string, begin: () => void): void {
  const before = useRef(request);
  useLayoutEffect(() => {
    if (before.current === request) return;
    before.current = request;
    begin();
  });
}

const withRow = (rows: number[], row: number): number[] =>
  row < 0 || rows.includes(row) ? rows : [...rows, row].sort((a, b) => a - b);

/** The pages to ask for; not those that somebody flies over with the scroll bar. */
function usePages(lines: readonly { index: number }[], active: number): number[] {
  const near = lines.filter(({ index }) => index !== active || lines.length === 1);
  const first = Math.floor((near[0]?.index ?? 0) / PAGE_SIZE);
  // The next page is there before its first row is.
  const last = Math.floor(((near.at(-1)?.index ?? 0) + PAGE_SIZE / 4) / PAGE_SIZE);
  const [range] = useDebouncedValue(`${first} ${last}`, 80);
  const [from = 0, to = 0] = range.split(' ').map(Number);
  const pages = Array.from({ length: to - from + 1 }, (_, at) => from + at);
  const own = Math.floor(Math.max(0, active) / PAGE_SIZE);
  return pages.includes(own) ? pages : [...pages, own];
}

interface Keys {
  readonly body: { readonly current: HTMLElement | null };
  readonly active: number;
  readonly last: number;
  readonly setCurrent: (index: number) => void;
  readonly scrollTo: (index: number) => void;
  readonly height: number;
}

function useKeys({ body, active, last, setCurrent, scrollTo, height }: Keys) {
  const wanted = useRef<number>(undefined);
  // The row may only now be in the document.
  useEffect(() => {
    if (wanted.current === undefined) return;
    body.current?.querySelector<HTMLElement>(`[data-index="${wanted.current}"] a`)?.focus({ preventScroll: true });
    wanted.current = undefined;
  });
  return (event: KeyboardEvent): void => {
    if (event.altKey || event.ctrlKey || event.metaKey || !body.current?.contains(event.target as Node)) return;
    const page = Math.max(1, Math.floor((window.innerHeight - COVERED.wide) / height) - 1);
    const moves: Readonly<Record<string, number>> = {
      ArrowDown: active + 1,
      ArrowUp: active - 1,
      PageDown: active + page,
      PageUp: active - page,
      Home: 0,
      End: last,
    };
    const to = moves[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const next = Math.max(0, Math.min(last, to));
    wanted.current = next;
    setCurrent(next);
    scrollTo(next);
  };
}

const COLUMNS: readonly { readonly title: string; readonly sort?: Sort }[] = [
  { title: 'Appliance', sort: 'name' },
  { title: 'State', sort: 'state' },
  { title: 'What is the matter' },
  { title: 'Site and zone', sort: 'site' },
  { title: 'Role', sort: 'role' },
  { title: 'Ends', sort: 'notAfter' },
];

function Head({ filter, onSort }: Pick<FleetGridProps, 'filter' | 'onSort'>) {
  return (
    <div role="rowgroup" className={classes['head']}>
      <div role="row" aria-rowindex={1} className={classes['columns']}>
        {COLUMNS.map(({ title, sort }) => {
          const isSorted = sort === filter.sort;
          const direction = filter.descending ? 'descending' : 'ascending';
          return (
            <div
              key={title}
              role="columnheader"
              {...(sort !== undefined && { 'aria-sort': isSorted ? direction : 'none' })}
            >
              {sort === undefined ? (
                <span className={classes['title']}>{title}</span>
              ) : (
                <button
                  type="button"
                  className={classes['sort']}
                  onClick={() => onSort({ sort, descending: isSorted && !filter.descending })}
                >
                  {title}
                  <span aria-hidden="true">{isSorted ? (filter.descending ? ' ▼' : ' ▲') : ''}</span>
                </button>
              )}
            </div>
          );
        })}
      </div>
    </div>
  );
}

const SORT_WORDS: Readonly<Record<Sort, string>> = {
  name: 'Name',
  state: 'The worst first',
  site: 'Site and zone',
  role: 'Role',
  notAfter: 'The next to end first',
  activatedAt: 'In use since',
};

/** On a telephone there is no row of headings to press. */
function SortSelect({ filter, onSort }: Pick<FleetGridProps, 'filter' | 'onSort'>) {
  return (
    <NativeSelect
      label="Order"
      mb="sm"
      value={filter.sort}
      onChange={({ currentTarget: { value } }) =>
        onSort({ sort: SORTS.find((sort) => sort === value) ?? 'name', descending: false })
      }
      data={SORTS.map((sort) => ({ value: sort, label: SORT_WORDS[sort] }))}
    />
  );
}
