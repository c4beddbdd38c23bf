import { afterAll, beforeAll, beforeEach, afterEach, expect, test } from 'vitest';
import { FleetLab, type Inventory, sensor } from '../../../tests/inventory/fleet-lab.ts';
import { CSV_EXAMPLE, importAppliances, type ImportResult } from './csv-import.ts';
import { parseCsv } from './csv.ts';

let lab: FleetLab;
let fleet: Inventory;
beforeAll(async () => {
  lab = await FleetLab.create({ keys: 0 });
});
afterAll(() => lab.close());
beforeEach(async () => {
  fleet = await lab.inventory({ trusting: false });
});
afterEach(() => lab.closeStores());

const load = (text: string): Promise<ImportResult> => importAppliances(fleet, Buffer.from(text), 'ada');
const told = ({ problems }: ImportResult): string[] => problems.map(({ line, reason }) => `${line}: ${reason}`);

test('the example imports, an HA server with its sensor', async () => {
  const { problems, imported } = await load(CSV_EXAMPLE);
  expect(problems).toEqual([]);
  const all = await fleet.appliances.page();
  expect(all.map(({ name, role, site, zone, crl }) => [name, role, site, zone, crl])).toEqual([
    ['Line 1', 'sensor', 'Plant North', 'Line 1', 'on'],
    ['Line 1 HA', 'ha', 'Plant North', 'Line 1', 'on'],
  ]);
  expect(all[1]!.sensorId).toBe(all[0]!.id);
  expect(imported).toHaveLength(2);
  expect(await fleet.audit.page()).toHaveLength(2);
});

test('as a German spreadsheet writes it: byte order mark, semicolons, CRLF, quoted, the HA server first', async () => {
  const text =
    '\uFEFFName;Hostname;Role;Sensor\r\n"HA; ""B""";ha.contoso.com;HA;Eins\r\n\r\nEins;eins.contoso.com;;\r\n';
  expect(told(await load(text))).toEqual([]);
  expect((await fleet.appliances.page()).map(({ name }) => name)).toEqual(['Eins', 'HA; "B"']);
});

test('with anything wrong nothing is imported, and every line is named with what is wrong with it', async () => {
  await sensor(fleet, 'taken');
  const text = `name,hostname,role,sensor,zone,validation
good,good.contoso.com,,,,
taken,x.contoso.com,,,,
,nameless.contoso.com,,,,
spaced,not a host,,,,
good,again.contoso.com,,,,
odd,odd.contoso.com,router,,,maybe
zoned,zoned.contoso.com,,,Z,
short,short.contoso.com
helper,helper.contoso.com,sensor,good,,
`;
  expect(told(await load(text))).toEqual([
    '3: there is an appliance named taken already',
    '4: the name is missing',
    '5: "not a host" is no host name: give the appliance\'s full domain name, e.g. sensor.contoso.com.',
    '6: good stands in line 2, too',
    '7: "router" is none of sensor, ha',
    '7: "maybe" is none of mandatory, none',
    '8: a zone belongs to a site: name the site, too',
    '9: 2 values, and the heading has 6 columns',
    '10: only an HA server (role ha) names a sensor',
  ]);
  expect(await fleet.appliances.page()).toHaveLength(1);
  expect(told(await load('name,hostname,role,sensor\nha,ha.contoso.com,ha,nobody\n'))).toEqual([
    '2: there is no sensor named nobody, neither here nor in this file',
  ]);
  expect(await fleet.appliances.page()).toHaveLength(1);
});

test.each([
  ['', /the file is empty/],
  ['name,hostname\n', /no appliance below the heading/],
  ['name,host\na,b\n', /no column "host".*hostname/],
  ['name\na\n', /hostname is missing/],
  ['name,hostname\n"a,b\n', /never closed/],
  ['name,hostname\n"a"x,b\n', /behind a closing quotation mark/],
])('%j is told', async (text, reason) => {
  expect(told(await load(text)).join()).toMatch(reason);
});

test('a file that is not UTF-8 is told', async () => {
  const { problems } = await importAppliances(
    fleet,
    Buffer.from('name,hostname\nM\xfcller,m.contoso.com\n', 'latin1'),
    'ada',
  );
  expect(problems[0]!.reason).toMatch(/CSV UTF-8/);
});

test('lines are counted through quoted line breaks', () => {
  expect(parseCsv('a,b\n"1\n2",3\n4,5')).toEqual({
    separator: ',',
    records: [
      { line: 1, values: ['a', 'b'] },
      { line: 2, values: ['1\n2', '3'] },
      { line: 4, values: ['4', '5'] },
    ],
  });
});
