import { parse as parseYaml } from 'yaml';
import type { ApplianceRequest } from '../request.ts';
import { parseCsv } from './csv.ts';
import { PackError } from './pack-error.ts';

/** One appliance of a site, as its owner describes it. */
export interface SiteAppliance extends ApplianceRequest {
  /** Of its folder and files. */
  readonly name: string;
  readonly role: 'sensor' | 'ha';
  readonly site: string;
}

/** What each column means, with the names that people give it. */
const COLUMNS: Readonly<Record<Field, readonly string[]>> = {
  name: ['name', 'appliance', 'appliance name', 'sensor name'],
  hostname: ['host name', 'hostname', 'host', 'fqdn', 'cn', 'common name', 'domain name', 'dns name'],
  role: ['role', 'type'],
  site: ['site', 'location', 'plant'],
  organization: ['o', 'organization', 'organisation', 'company'],
  unit: ['ou', 'unit', 'organizational unit', 'organisational unit', 'department'],
  country: ['c', 'country', 'country code'],
  state: ['st', 's', 'state', 'province', 'state or province'],
  locality: ['l', 'locality', 'city', 'town'],
  email: ['email', 'e mail', 'emailaddress', 'email address'],
  names: [
    'san',
    'names',
    'other names',
    'alternative names',
    'subject alternative names',
    'ip',
    'ip address',
    'address',
  ],
};

type Field =
  | 'name'
  | 'hostname'
  | 'role'
  | 'site'
  | 'organization'
  | 'unit'
  | 'country'
  | 'state'
  | 'locality'
  | 'email'
  | 'names';
type Fields = Partial<Record<Field, string>>;

interface Entry {
  /** `line 3`, `entry 2`. */
  readonly where: string;
  readonly fields: Fields;
}

export const SITE_EXAMPLE_CSV = `name,host name,role,site,O,OU,C,ST,L,other names
sensor-01,sensor-01.contoso.com,sensor,Plant 7,Contoso Inc.,OT Security,US,Washington,Redmond,10.7.0.11
sensor-02,sensor-02.contoso.com,sensor,Plant 7,Contoso Inc.,OT Security,US,Washington,Redmond,10.7.0.12
ha-01,ha-01.contoso.com,ha,Plant 7,Contoso Inc.,OT Security,US,Washington,Redmond,
`;

export const SITE_EXAMPLE_YAML = `# What all have in common; an appliance may say otherwise.
defaults:
  site: Plant 7
  organization: Contoso Inc.
  unit: OT Security
  country: US
appliances:
  - { name: sensor-01, hostname: sensor-01.contoso.com, names: [10.7.0.11] }
  - { name: sensor-02, hostname: sensor-02.contoso.com }
  - { name: ha-01, hostname: ha-01.contoso.com, role: ha }
`;

// Beyond what one owner of a fleet has; a file that is something else entirely must not become a million keys.
const MOST_APPLIANCES = 10_000;
const MOST_PROBLEMS = 20;

/**
 * Reads a site, CSV or YAML (told apart by their look).
 * @throws {PackError} that names everything that is wrong, with its line
 */
export function readSite(bytes: Uint8Array): SiteAppliance[] {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new PackError('The site file is not in UTF-8. In Excel, save it as "CSV UTF-8 (comma delimited)".');
  }
  const entries = /^\s*(?:#.*\s*)*(?:defaults|appliances)\s*:/.test(text) ? entriesOfYaml(text) : entriesOfCsv(text);
  if (entries.length === 0) throw new PackError('The site file names no appliance. certgate pack template shows one.');
  if (entries.length > MOST_APPLIANCES) {
    throw new PackError(
      `The site file names ${entries.length} appliances; at most ${MOST_APPLIANCES} go into one pack.`,
    );
  }
  const problems: string[] = [];
  const site = entries.map((entry) => readAppliance(entry, problems));
  refuseDoubles(entries, site, problems);
  if (problems.length > 0) {
    const more = problems.length > MOST_PROBLEMS ? [`… and ${problems.length - MOST_PROBLEMS} more.`] : [];
    throw new PackError('The site file cannot be used:', [...problems.slice(0, MOST_PROBLEMS), ...more]);
  }
  return site;
}

const plain = (text: string): string =>
  text
    .toLowerCase()
    .replaceAll(/[\s_.-]+/g, ' ')
    .trim();

const fieldOf = (column: string): Field | undefined =>
  (Object.keys(COLUMNS) as Field[]).find((field) => field === column || COLUMNS[field].includes(plain(column)));

function entriesOfCsv(text: string): Entry[] {
  const [header, ...rows] = parseCsv(text.replace(/^\uFEFF/, ''));
  if (header === undefined) return [];
  const fields = header.cells.map(fieldOf);
  const unknown = header.cells.filter((cell, i) => fields[i] === undefined && cell !== '');
  if (!fields.includes('hostname')) {
    throw new PackError(
      `The first line must name the columns, among them "host name"; found: ${header.cells.join(', ').slice(0, 200)}. certgate pack template shows one.`,
    );
  }
  if (unknown.length > 0) {
    const known = Object.values(COLUMNS).map(([first]) => first);
    throw new PackError(`Nobody knows the column ${unknown.join(', ')}. The columns are: ${known.join(', ')}.`);
  }
  const twice = fields.find((field, i) => fields.indexOf(field) !== i);
  if (twice !== undefined) throw new PackError(`Two columns mean the same: ${COLUMNS[twice][0]}.`);
  const wide = rows.filter(({ cells }) => cells.slice(header.cells.length).some((cell) => cell !== ''));
  if (wide.length > 0) {
    throw new PackError(
      'The site file has rows with more values than the first line names columns. A value that holds a comma (or semicolon) itself must stand in double quotes, "Contoso, Inc.":',
      wide
        .slice(0, MOST_PROBLEMS)
        .map(({ line, cells }) => `line ${line}: ${cells.length} instead of ${header.cells.length}`),
    );
  }
  return rows.map(({ line, cells }) => ({
    where: `line ${line}`,
    fields: Object.fromEntries(fields.flatMap((field, i) => (field && cells[i] ? [[field, cells[i]]] : []))) as Fields,
  }));
}

function entriesOfYaml(text: string): Entry[] {
  let data: unknown;
  try {
    data = parseYaml(text, { maxAliasCount: 0 });
  } catch (error) {
    throw new PackError(`The site file is no valid YAML: ${(error as Error).message.split('\n')[0]}`);
  }
  const { appliances, defaults = {} } = data as { appliances?: unknown; defaults?: unknown };
  if (!Array.isArray(appliances)) throw new PackError('The site file must hold a list called "appliances".');
  const common = yamlFields(defaults, 'defaults');
  return appliances.map((one: unknown, i) => {
    const where = `entry ${i + 1}`;
    return { where, fields: { ...common, ...yamlFields(one, where) } };
  });
}

function yamlFields(value: unknown, where: string): Fields {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    throw new PackError(`${where} of the site file must be a set of fields, e.g. hostname: sensor-01.contoso.com.`);
  }
  const fields: Fields = {};
  for (const [key, content] of Object.entries(value)) {
    const field = fieldOf(key);
    if (field === undefined) {
      throw new PackError(
        `Nobody knows the field ${key} (${where}). The fields are: ${Object.keys(COLUMNS).join(', ')}.`,
      );
    }
    const list: readonly unknown[] = Array.isArray(content) ? content : [content];
    fields[field] = list
      .filter((item) => item !== null && typeof item !== 'object')
      .map(String)
      .join(' ');
  }
  return fields;
}

const ROLES: Readonly<Record<string, 'sensor' | 'ha'>> = {
  sensor: 'sensor',
  'ot sensor': 'sensor',
  ha: 'ha',
  'ha server': 'ha',
  'high availability': 'ha',
};

// Names of folders on every system that a USB stick may meet.
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}[A-Za-z0-9]$|^[A-Za-z0-9]$/;
const RESERVED = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i;

/** Whether it may be the name of an appliance's folder and files: nothing that leads elsewhere. */
export const isApplianceName = (name: string): boolean => NAME.test(name) && !RESERVED.test(name);

function readAppliance({ where, fields }: Entry, problems: string[]): SiteAppliance {
  const { hostname = '', organization = '', unit = '', country = '' } = fields;
  const name = fields.name ?? hostname;
  const say = (text: string): number => problems.push(`${where}: ${text}`);
  const missing = Object.entries({ 'host name': hostname, O: organization, OU: unit, C: country });
  const names = missing.filter(([, value]) => value === '').map(([label]) => label);
  if (names.length > 0) say(`${names.join(', ')} missing${name === '' ? '' : ` for ${name}`}.`);
  if (RESERVED.test(name))
    say(`"${name}" cannot be a folder's name on Windows, which keeps it for itself; choose another.`);
  else if (name !== '' && !isApplianceName(name)) {
    say(`"${name}" cannot be a folder's name everywhere; use letters, digits, dot, dash and underscore.`);
  }
  const role = ROLES[plain(fields.role ?? 'sensor')];
  if (role === undefined) say(`the role "${fields.role}" is neither sensor nor ha.`);
  return {
    name,
    role: role ?? 'sensor',
    site: fields.site ?? '',
    subject: {
      country,
      organization,
      organizationalUnit: unit,
      commonName: hostname,
      ...(fields.state !== undefined && { state: fields.state }),
      ...(fields.locality !== undefined && { locality: fields.locality }),
      ...(fields.email !== undefined && { emailAddress: fields.email }),
    },
    alternativeNames: (fields.names ?? '').split(/[\s,;|]+/).filter((text) => text !== ''),
  };
}

/** "Each appliance must use a unique CN": said before any key is made. Folders are the same whatever the case. */
function refuseDoubles(entries: readonly Entry[], site: readonly SiteAppliance[], problems: string[]): void {
  const seen = { name: new Map<string, string>(), 'host name': new Map<string, string>() };
  for (const [i, { name, subject }] of site.entries()) {
    const { where } = entries[i]!;
    for (const [what, text] of [
      ['name', name],
      ['host name', subject.commonName.replace(/\.$/, '')],
    ] as const) {
      const key = text.toLowerCase();
      const earlier = seen[what].get(key);
      if (key !== '' && earlier !== undefined)
        problems.push(`${where}: the ${what} "${text}" is that of ${earlier}, too.`);
      else seen[what].set(key, where);
    }
  }
}
