import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Report } from '../../src/core/base/finding.ts';
import { createBundleChecker } from '../../src/core/check/check-bundle.ts';
import { RULES } from '../../src/core/requirements/rules/index.ts';
import type { Animal } from '../../src/making/issue/zoo/animal.ts';
import { writeZoo } from '../../src/making/issue/zoo/write-zoo.ts';
import { Park } from '../../src/making/issue/zoo/park.ts';
import { animalsOf } from '../../src/making/issue/zoo/zoo.ts';
import { indexOf, type ZooIndex } from '../../src/making/issue/zoo/zoo-index.ts';
import { nodeCrypto } from '../../src/platform/crypto/node-crypto.ts';
import { certgate, type CheckJson } from '../cli/program.ts';

const folder = mkdtempSync(join(tmpdir(), 'certgate-zoo-'));
const now = new Date();
let park: Park;
let animals: Animal[];
let index: ZooIndex;
beforeAll(async () => {
  park = await Park.open(now);
  animals = await animalsOf(park, 20_000);
  writeZoo(folder, animals, now);
  index = JSON.parse(readFileSync(join(folder, 'index.json'), 'utf8')) as ZooIndex;
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What a report says beyond passes: the verdict, the first finding, the others without repetition and order. */
function saidBy({ verdict, findings }: Report) {
  const problems = findings.filter(({ status }) => status !== 'pass' && status !== 'not-applicable');
  const [leads, ...also] = new Set(problems.map(({ status, rule }) => `${status} ${rule}`));
  return { verdict, leads: leads ?? null, also: also.toSorted() };
}

const declared = ({ name }: Animal) => {
  const entry = index.animals.find((one) => one.name === name)!;
  return { verdict: entry.verdict, leads: entry.leads, also: entry.also.toSorted() };
};

/** Those need what only the program brings: a network, or several bundles at once. */
const needsProgram = ({ name, asking }: Animal): boolean =>
  name.startsWith('fleet-') || (asking?.crl === 'on' && asking.crlFiles === undefined);

const read = (animal: Animal, file: string): Uint8Array | undefined => {
  const path = join(folder, animal.name, file);
  return existsSync(path) ? new Uint8Array(readFileSync(path)) : undefined;
};

function judge(animal: Animal): Promise<Report> {
  const { passphrase, hostname, crl = 'off', crlFiles } = animal.asking ?? {};
  const check = createBundleChecker(
    {
      at: now,
      crl,
      ...(hostname !== undefined && { hostname }),
      ...(crlFiles !== undefined && { crls: crlFiles.map((file) => read(animal, file)!) }),
    },
    nodeCrypto,
  );
  const [crt, key, chain] = ['sensor.crt', 'sensor.key', 'chain.pem'].map((file) => read(animal, file));
  return check({ crt: crt!, key, chain, passphrase });
}

test('every animal says what the index declares, and nothing else', async () => {
  const inside = animals.filter((animal) => !needsProgram(animal));
  expect(inside.length).toBeGreaterThan(60);
  for (const animal of inside) {
    expect({ [animal.name]: saidBy(await judge(animal)) }).toEqual({ [animal.name]: declared(animal) });
  }
});

describe('the commands of the index do the same, in the folder of the zoo', () => {
  const sample = [
    'all-in-order',
    'key-passphrase-characters',
    'crt-subject-cn-other-host',
    'crl-current-stale',
    'crl-reachable',
    'fleet-unique-cn',
    'fleet-unique-key',
    'fleet-unique-certificate',
  ];

  test('each animal that needs the program is among them', () => {
    expect(sample).toEqual(expect.arrayContaining(animals.filter(needsProgram).map(({ name }) => name)));
  });

  test.each(sample)('%s', (name) => {
    const animal = animals.find((one) => one.name === name)!;
    const [program, ...args] = index.animals.find((one) => one.name === name)!.command.split(' ');
    expect(program).toBe('certgate');
    const { stdout } = certgate([...args, '--format', 'json'], { cwd: folder, env: { XDG_CACHE_HOME: folder } });
    const { reports } = JSON.parse(stdout) as CheckJson;
    expect(reports.length).toBe(name.startsWith('fleet-') ? 2 : 1);
    for (const report of reports) expect(saidBy(report)).toEqual(declared(animal));
  });
});

test('what is locked in the zoo opens with what lies beside it', () => {
  const open = (args: string[], name: string) => certgate(args, { cwd: join(folder, name) });
  const pfx = ['convert', 'sensor.crt', '--passphrase-file', 'secret.txt', '--out-dir', 'new'];
  expect(open(pfx, 'crt-file-pkcs12').code).toBe(0);
  for (const name of ['key-passphrase-wrong', 'key-passphrase-missing']) {
    const check = ['check', 'sensor.crt', 'sensor.key', 'chain.pem', '--crl', 'off', '--passphrase-file', 'secret.txt'];
    expect(open(check, name).code).toBe(0);
  }
});

test('every rule has an animal whose first finding it is, but for two that say why not', () => {
  const leading = animals.filter(({ rule, leads }) => rule !== undefined && leads?.split(' ')[1] === rule);
  const led = animals.filter(({ ledByAnother }) => ledByAnother !== undefined);
  expect(led.map(({ rule }) => rule)).toEqual(['key-length', 'fleet-unique-certificate']);
  expect(led.every(({ rule, also }) => also?.includes(`refused ${rule}`))).toBe(true);
  const covered = new Set([...leading, ...led].map(({ rule }) => rule));
  expect(RULES.map(({ id }) => id).filter((id) => !covered.has(id))).toEqual([]);
  expect(leading.length + led.length).toBe(animals.filter(({ rule }) => rule !== undefined).length);
});

test('names are used once and begin with their rule', () => {
  expect(new Set(animals.map(({ name }) => name)).size).toBe(animals.length);
  for (const { name, rule } of animals) expect(name.startsWith(rule ?? 'all-in-order')).toBe(true);
});

test('the index is the same for the same time, whatever the keys', async () => {
  const { sensor, other } = park.keys;
  const again = await animalsOf(new Park(park.now, { ...park.keys, sensor: other, other: sensor }), 20_000);
  expect(indexOf(again, now)).toEqual(index);
  expect(again.map(({ files }) => Object.keys(files))).toEqual(animals.map(({ files }) => Object.keys(files)));
});

test('the page holds every animal, and needs nothing from elsewhere', () => {
  const page = readFileSync(join(folder, 'index.html'), 'utf8');
  for (const { name } of animals) expect(page).toContain(`<h2>${name}</h2>`);
  expect(page).not.toMatch(/<script|<link|src=|https?:\/\//);
  for (const [, href] of page.matchAll(/href="([^"]+)"/g)) expect(existsSync(join(folder, href!))).toBe(true);
});

test('keys are readable by their owner alone', () => {
  expect(statSync(join(folder, 'all-in-order/sensor.key')).mode & 0o777).toBe(0o600);
});

test('certgate zoo never writes into a folder that has something in it', () => {
  const { code, stderr } = certgate(['zoo', folder]);
  expect(code).toBe(2);
  expect(stderr).toContain('is not empty');
});
