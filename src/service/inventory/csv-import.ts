import { SHIPPED_PROFILES } from '../../core/requirements/profiles/shipped.data.ts';
import type { Store } from '../../platform/store/store.ts';
import type { Actor } from '../audit/audit-log.ts';
import {
  type Appliance,
  type Appliances,
  keyOf,
  type NewAppliance,
  problemOfHostname,
  problemOfName,
} from './appliances.ts';
import { type CsvRecord, parseCsv } from './csv.ts';
import { InventoryError } from './inventory-error.ts';

/** Why one line cannot be imported. */
export interface LineProblem {
  /** Counted from 1, as editors and spreadsheets show it. */
  readonly line: number;
  readonly column?: string;
  readonly reason: string;
}

/** Whole or not at all: with any problem nothing was imported. */
export type ImportResult =
  | { readonly imported: readonly Appliance[]; readonly problems: readonly [] }
  | { readonly imported: readonly []; readonly problems: readonly LineProblem[] };

/** In the order in which the example has them. */
export const COLUMNS = ['name', 'hostname', 'role', 'sensor', 'site', 'zone', 'validation', 'crl', 'profile'] as const;
type Column = (typeof COLUMNS)[number];

/** For whoever begins with nothing. */
export const CSV_EXAMPLE = `${COLUMNS.join(',')}
Line 1,sensor-line1.contoso.com,sensor,,Plant North,Line 1,mandatory,on,defender-iot
Line 1 HA,ha-line1.contoso.com,ha,Line 1,Plant North,Line 1,mandatory,on,defender-iot
`;

const MOST_LINES = 100_000;
const MOST_PROBLEMS = 100;

interface Line {
  readonly line: number;
  readonly input: NewAppliance;
  /** The name of an HA server's sensor, of this file or of the fleet. */
  readonly sensor: string | undefined;
}

/** Makes appliances of a CSV file (UTF-8): all of them, or none and what is wrong with every line. */
export async function importAppliances(
  { store, appliances }: { store: Store; appliances: Appliances },
  file: Uint8Array,
  actor: Actor,
): Promise<ImportResult> {
  const problems: LineProblem[] = [];
  const lines = readLines(file, problems);
  await noteTaken(store, lines, problems);
  if (problems.length > 0) return refusal(problems);
  const imported: Appliance[] = [];
  const work = store.db.transaction().execute(async (trx) => {
    const byName = new Map<string, string>();
    // Sensors first: an HA server may stand above its sensor.
    for (const one of lines.toSorted((a, b) => Number(a.input.role === 'ha') - Number(b.input.role === 'ha'))) {
      try {
        const sensorId = one.sensor === undefined ? null : await sensorNamed(trx, byName, one.sensor);
        const made = await appliances.insert(trx, { ...one.input, sensorId }, actor);
        byName.set(keyOf(made.name), made.id);
        imported.push(made);
      } catch (error) {
        if (!(error instanceof InventoryError)) throw error;
        problems.push({ line: one.line, reason: error.message });
      }
    }
    if (problems.length > 0) throw new NothingImported();
  });
  try {
    await work;
  } catch (error) {
    // A name that was taken since we looked.
    if (store.violatedUnique(error) === 'appliances_name') await noteTaken(store, lines, problems);
    else if (!(error instanceof NothingImported)) throw error;
    if (problems.length === 0) throw error;
    return refusal(problems);
  }
  return { imported, problems: [] };
}

class NothingImported extends Error {}

function refusal(problems: LineProblem[]): ImportResult {
  const sorted = problems.toSorted((a, b) => a.line - b.line);
  const more = sorted.length - MOST_PROBLEMS;
  const shown = sorted.slice(0, MOST_PROBLEMS);
  if (more > 0) shown.push({ line: sorted[MOST_PROBLEMS]!.line, reason: `and ${more} more problems from here on` });
  return { imported: [], problems: shown };
}

function readLines(file: Uint8Array, problems: LineProblem[]): Line[] {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(file);
  } catch {
    problems.push({ line: 1, reason: 'the file is not UTF-8; in a spreadsheet, save it as "CSV UTF-8"' });
    return [];
  }
  const parsed = parseCsv(text);
  if ('problem' in parsed) {
    problems.push(parsed.problem);
    return [];
  }
  const [head, ...rest] = parsed.records;
  const columns = head && readHead(head, problems);
  if (columns === undefined || problems.length > 0) {
    if (problems.length === 0)
      problems.push({ line: 1, reason: `the file is empty; it begins with ${COLUMNS.join(',')}` });
    return [];
  }
  if (rest.length === 0) problems.push({ line: 1, reason: 'there is no appliance below the heading' });
  if (rest.length > MOST_LINES) {
    problems.push({ line: rest[MOST_LINES]!.line, reason: `more than ${MOST_LINES} appliances; split the file` });
    return [];
  }
  const lines = rest.flatMap((record) => readLine(record, columns, problems) ?? []);
  noteTwice(lines, problems);
  return lines;
}

function readHead({ line, values }: CsvRecord, problems: LineProblem[]): Column[] {
  const names = values.map((value) => value.trim().toLowerCase());
  for (const name of names) {
    if (!COLUMNS.includes(name as Column)) {
      const shown = JSON.stringify(name.slice(0, 60));
      problems.push({ line, reason: `there is no column ${shown}; the columns are ${COLUMNS.join(', ')}` });
    } else if (names.indexOf(name) !== names.lastIndexOf(name)) {
      problems.push({ line, column: name, reason: `the column ${name} stands there twice` });
    }
  }
  for (const needed of ['name', 'hostname']) {
    if (!names.includes(needed)) problems.push({ line, column: needed, reason: `the column ${needed} is missing` });
  }
  return names as Column[];
}

const CHOICES = {
  role: ['sensor', 'ha'],
  validation: ['mandatory', 'none'],
  crl: ['on', 'off'],
  profile: SHIPPED_PROFILES.map(({ id }) => id),
} as const;

function readLine({ line, values }: CsvRecord, columns: readonly Column[], problems: LineProblem[]): Line | undefined {
  const before = problems.length;
  const note = (column: Column, reason: string): void => void problems.push({ line, column, reason });
  if (values.length !== columns.length) {
    problems.push({ line, reason: `${values.length} values, and the heading has ${columns.length} columns` });
    return undefined;
  }
  const cell = (column: Column): string | undefined => {
    const at = columns.indexOf(column);
    return at < 0 ? undefined : values[at]!.trim() || undefined;
  };
  const chosen = <C extends keyof typeof CHOICES>(column: C): (typeof CHOICES)[C][number] | undefined => {
    const value = cell(column)?.toLowerCase();
    const choices: readonly string[] = CHOICES[column];
    if (value === undefined || choices.includes(value)) return value;
    note(column, `${JSON.stringify(value.slice(0, 60))} is none of ${choices.join(', ')}`);
    return undefined;
  };
  const [name, hostname, zone, site, sensor] = [
    cell('name'),
    cell('hostname'),
    cell('zone'),
    cell('site'),
    cell('sensor'),
  ];
  const [role, validation, crl, profile] = [chosen('role'), chosen('validation'), chosen('crl'), chosen('profile')];
  const wrongName = name === undefined ? 'the name is missing' : problemOfName(name);
  const wrongHostname = hostname === undefined ? 'the host name is missing' : problemOfHostname(hostname);
  if (wrongName !== undefined) note('name', wrongName);
  if (wrongHostname !== undefined) note('hostname', wrongHostname);
  if (zone !== undefined && site === undefined) note('zone', 'a zone belongs to a site: name the site, too');
  if (sensor !== undefined && role !== 'ha') note('sensor', 'only an HA server (role ha) names a sensor');
  if (problems.length > before) return undefined;
  const input: NewAppliance = {
    name: name!,
    hostname: hostname!,
    site: site ?? null,
    zone: zone ?? null,
    ...(role !== undefined && { role }),
    ...(validation !== undefined && { validation }),
    ...(crl !== undefined && { crl }),
    ...(profile !== undefined && { profile }),
  };
  return { line, input, sensor };
}

function noteTwice(lines: readonly Line[], problems: LineProblem[]): void {
  const seen = new Map<string, number>();
  for (const { line, input } of lines) {
    const before = seen.get(keyOf(input.name));
    if (before === undefined) seen.set(keyOf(input.name), line);
    else problems.push({ line, column: 'name', reason: `${input.name} stands in line ${before}, too` });
  }
}

async function noteTaken(store: Store, lines: readonly Line[], problems: LineProblem[]): Promise<void> {
  if (lines.length === 0) return;
  const query = store.db.selectFrom('appliances').select('name_key').where('retired_at', 'is', null);
  const taken = new Set((await query.execute()).map(({ name_key }) => name_key));
  for (const { line, input } of lines) {
    if (taken.has(keyOf(input.name))) {
      problems.push({ line, column: 'name', reason: `there is an appliance named ${input.name} already` });
    }
  }
}

async function sensorNamed(
  db: Pick<Store['db'], 'selectFrom'>,
  known: ReadonlyMap<string, string>,
  name: string,
): Promise<string> {
  const ours = known.get(keyOf(name));
  if (ours !== undefined) return ours;
  const row = await db
    .selectFrom('appliances')
    .select('id')
    .where('name_key', '=', keyOf(name))
    .where('retired_at', 'is', null)
    .executeTakeFirst();
  if (row === undefined)
    throw new InventoryError('not-found', `there is no sensor named ${name}, neither here nor in this file`);
  return row.id;
}
