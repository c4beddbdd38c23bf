import { posix } from 'node:path';
import type { Source } from './sources.ts';
import { isTest } from './sources.ts';

/** One row of the table in docs/architecture.md. */
export interface Room {
  readonly name: string;
  readonly mayImport: ReadonlyMap<string, 'all' | 'types' | 'port'>;
  /** Undefined: whatever it likes, `node:` included. */
  readonly packages: readonly string[] | undefined;
}

/** The files of a room that stand for it where only its `(port)` may be imported. */
const PORT_FILES = new Set(['store.ts', 'schema.ts']);

/** @throws where the table is missing or names a room that has no row */
export function readTable(markdown: string): Room[] {
  const lines = markdown.split('\n');
  const head = lines.findIndex((line) => line.startsWith('| room | may import |'));
  if (head < 0) throw new Error('docs/architecture.md has no table "| room | may import | …"');
  const rows: string[][] = [];
  for (const line of lines.slice(head + 2)) {
    if (!line.startsWith('|')) break;
    rows.push(
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
  }
  const names = rows.map(([name = '']) => name);
  return rows.map(([name = '', targets = '', packages = '']) => ({
    name,
    mayImport: readTargets(
      targets,
      names.filter((other) => other !== name),
    ),
    packages: packages === '' ? undefined : packages === 'nothing' ? [] : packages.split(', '),
  }));
}

function readTargets(cell: string, names: readonly string[]): Map<string, 'all' | 'types' | 'port'> {
  const targets = new Map<string, 'all' | 'types' | 'port'>();
  if (cell === 'nothing') return targets;
  for (const word of cell.split(', ')) {
    const [, target = '', limit = 'all'] = /^(\S+?)(?: \((types|port)\))?$/.exec(word) ?? [];
    const rooms = names.filter((name) => name === target || name.startsWith(`${target}/`));
    if (rooms.length === 0) throw new Error(`docs/architecture.md: "${word}" names no room of the table`);
    for (const room of rooms) targets.set(room, limit as 'all' | 'types' | 'port');
  }
  return targets;
}

/** The room of a file; undefined where the table has none for it. */
export function roomOf(path: string, rooms: readonly Room[]): Room | undefined {
  const inside = path.replace(/^src\//, '');
  return rooms.find(({ name }) => inside === name || inside.startsWith(`${name}/`));
}

/** Imports against the table, one sentence each. Tests may import what they like. */
export function wrongArrows(sources: readonly Source[], rooms: readonly Room[]): string[] {
  return sources.filter(({ path }) => !isTest(path)).flatMap((source) => wrongIn(source, rooms));
}

function wrongIn(source: Source, rooms: readonly Room[]): string[] {
  const room = roomOf(source.path, rooms);
  if (room === undefined) return [`${source.path} is in no room of the table`];
  return source.imports.flatMap(({ specifier, typeOnly, line }) => {
    const why = specifier.startsWith('.')
      ? wrongTarget(source.path, room, posix.join(posix.dirname(source.path), specifier), typeOnly, rooms)
      : wrongPackage(room, specifier);
    return why === undefined ? [] : [`${source.path}:${line} ${why}`];
  });
}

function wrongTarget(
  path: string,
  room: Room,
  target: string,
  typeOnly: boolean,
  rooms: readonly Room[],
): string | undefined {
  const other = roomOf(target, rooms);
  if (other === undefined) return `imports ${target}, which is in no room`;
  if (other === room) return ruleOfRule(path, target);
  const limit = room.mayImport.get(other.name);
  if (limit === undefined) return `imports ${target}: ${room.name} may not import ${other.name}`;
  if (limit === 'types' && !typeOnly)
    return `imports more than types of ${target}: ${room.name} may only import its types`;
  if (limit === 'port' && !PORT_FILES.has(target.slice(`src/${other.name}/`.length)))
    return `imports ${target}: ${room.name} may only import the port of ${other.name}`;
  return undefined;
}

const RULE = /^src\/core\/requirements\/rules\/[^/]+\/[^/]+\.ts$/;

function ruleOfRule(path: string, target: string): string | undefined {
  return RULE.test(path) && RULE.test(target) ? `imports ${target}: a rule never imports another rule` : undefined;
}

function wrongPackage(room: Room, specifier: string): string | undefined {
  if (room.packages === undefined) return undefined;
  const allowed = room.packages.some((name) =>
    name.endsWith('/*')
      ? specifier.startsWith(name.slice(0, -1))
      : specifier === name || specifier.startsWith(`${name}/`),
  );
  return allowed
    ? undefined
    : `imports ${specifier}: ${room.name} may import of packages ${room.packages.join(', ') || 'nothing'}`;
}

/** A circle of rooms by the real imports, types included; undefined where there is none. */
export function roomCycle(sources: readonly Source[], rooms: readonly Room[]): string | undefined {
  const arrows = new Map<string, Set<string>>();
  for (const { path, imports } of sources) {
    const from = isTest(path) ? undefined : roomOf(path, rooms)?.name;
    if (from === undefined) continue;
    for (const { specifier } of imports.filter((found) => found.specifier.startsWith('.'))) {
      const to = roomOf(posix.join(posix.dirname(path), specifier), rooms)?.name;
      if (to !== undefined && to !== from) arrows.set(from, (arrows.get(from) ?? new Set()).add(to));
    }
  }
  return findCycle(arrows);
}

export function findCycle(arrows: ReadonlyMap<string, ReadonlySet<string>>): string | undefined {
  const done = new Set<string>();
  const visit = (room: string, trail: readonly string[]): string | undefined => {
    if (trail.includes(room)) return [...trail.slice(trail.indexOf(room)), room].join(' → ');
    if (done.has(room)) return undefined;
    for (const next of arrows.get(room) ?? []) {
      const cycle = visit(next, [...trail, room]);
      if (cycle !== undefined) return cycle;
    }
    done.add(room);
    return undefined;
  };
  for (const room of arrows.keys()) {
    const cycle = visit(room, []);
    if (cycle !== undefined) return cycle;
  }
  return undefined;
}
