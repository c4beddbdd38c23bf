import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { identify } from '../../src/core/files/identify.ts';
import { parseCsr } from '../../src/core/x509/csr.ts';
import { toPem } from '../../src/making/encode/der.ts';
import { FolderLock } from '../../src/making/issue/folder-lock.ts';
import { createLabCa, type LabCa } from '../../src/making/issue/lab-ca.ts';
import { parseCsv } from '../../src/making/issue/pack/csv.ts';
import { PackError } from '../../src/making/issue/pack/pack-error.ts';
import { readSite, SITE_EXAMPLE_CSV, SITE_EXAMPLE_YAML } from '../../src/making/issue/pack/site.ts';
import { readZip } from '../../src/making/issue/pack/zip.ts';
import { namesFor } from '../../src/making/issue/issue.ts';
import { certgate, type Ended, scratch, write } from '../cli/program.ts';
import { requires } from '../requires.ts';
import { runPackRound, siteCsv } from './pack-round.ts';

interface PackJson {
  readonly appliances: readonly {
    readonly name: string;
    readonly state: string;
    readonly rules: readonly string[];
    readonly chain: string | null;
  }[];
  readonly unknown: readonly { readonly path: string; readonly subject: string }[];
  readonly problems: readonly string[];
}

const folder = scratch();
const run = (...args: readonly string[]): Ended => certgate(args, { cwd: folder });
const at = (...parts: readonly string[]): string => join(folder, ...parts);
const digest = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex');
const imported = (...args: readonly string[]): PackJson =>
  JSON.parse(run('pack', 'import', 'pack', ...args, '--format', 'json').stdout) as PackJson;
const statesOf = ({ appliances }: PackJson): string =>
  appliances.map(({ name, state }) => `${name} ${state}`).join(', ');
let ca: LabCa;

/** The CA's answer to a request, with whatever it does differently. */
function answer(name: string, change: { subject?: Uint8Array; spki?: Uint8Array; days?: number } = {}): Uint8Array {
  const request = parseCsr(identify(readFileSync(at('pack/requests', `${name}.csr`))).blocks[0]!.der);
  const now = Date.now();
  return ca.sign({
    subject: change.subject ?? request.subject.element.der(),
    subjectPublicKeyInfo: change.spki ?? request.subjectPublicKeyInfo.element.der(),
    names: namesFor(request),
    notBefore: new Date(now - 3_600_000),
    notAfter: new Date(now + (change.days ?? 365) * 86_400_000),
  });
}

beforeAll(async () => {
  const passphrase = 'Lab-Passphrase-1';
  ca = await createLabCa(at('ca'), { name: 'C', organization: 'Contoso', country: 'US', passphrase, now: new Date() });
  write(folder, 'site.csv', siteCsv(4));
  expect(run('pack', 'new', 'site.csv', 'pack').code).toBe(0);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('certgate pack new', () => {
  test('every appliance has a key of its own, encrypted, and a request that openssl reads', () => {
    const names = readdirSync(at('pack/appliances'));
    expect(names).toEqual(['sensor-001', 'sensor-002', 'sensor-003', 'sensor-004']);
    expect(new Set(names.map((name) => digest(at('pack/appliances', name, `${name}.key`)))).size).toBe(4);
    for (const name of names) {
      for (const ending of ['key', 'passphrase.txt']) {
        expect(statSync(at('pack/appliances', name, `${name}.${ending}`)).mode & 0o777).toBe(0o600);
      }
    }
    expect(statSync(at('pack')).mode & 0o077).toBe(0);
  });

  test('no passphrase stands in manifest or work order', () => {
    const secret = readFileSync(at('pack/appliances/sensor-001/sensor-001.passphrase.txt'), 'utf8').trim();
    for (const name of ['manifest.json', 'pack.json', 'work-order.html', 'work-order.csv']) {
      expect(readFileSync(at('pack', name), 'utf8')).not.toContain(secret);
    }
  });

  test('again: changes nothing; with a changed site file, only the requests that changed', () => {
    const before = new Map(readdirSync(at('pack/requests')).map((name) => [name, digest(at('pack/requests', name))]));
    const keys = readdirSync(at('pack/appliances')).map((name) => digest(at('pack/appliances', name, `${name}.key`)));
    write(folder, 'other.csv', siteCsv(5).replace('sensor-002,sensor-002.contoso.com', 'sensor-002,new.contoso.com'));
    const { stdout } = run('pack', 'new', 'other.csv', 'pack', '--format', 'json');
    expect((JSON.parse(stdout) as { made: unknown }).made).toEqual({ keys: 1, requests: 2, dropped: [] });
    for (const [name, was] of before) {
      expect(digest(at('pack/requests', name)) === was, name).toBe(name !== 'sensor-002.csr');
    }
    expect(keys).toEqual(
      readdirSync(at('pack/appliances'))
        .slice(0, 4)
        .map((name) => digest(at('pack/appliances', name, `${name}.key`))),
    );
    rmSync(at('pack/appliances/sensor-005'), { recursive: true });
    rmSync(at('pack/requests/sensor-005.csr'));
    const back = run('pack', 'new', 'site.csv', 'pack', '--format', 'json');
    expect((JSON.parse(back.stdout) as { made: unknown }).made).toEqual({
      keys: 0,
      requests: 1,
      dropped: ['sensor-005'],
    });
    expect(back.stderr).toContain('site.csv no longer names sensor-005; their keys and requests were left');
  });

  test('two at once: the second is told who works there', () => {
    const lock = FolderLock.take(at('pack'));
    const { code, stderr } = run('pack', 'new', 'site.csv', 'pack');
    expect([code, stderr]).toEqual([
      2,
      `certgate: Process ${process.pid} works in pack. Wait for it to end, then try again.\n`,
    ]);
    lock.release();
    // That of a process that was killed counts for nothing.
    write(folder, 'pack/.certgate.lock', '999999 1 x\n');
    expect(run('pack', 'status', 'pack').code).toBe(1);
    expect(existsSync(at('pack/.certgate.lock'))).toBe(false);
  });

  test('a key that does not open, or has lost its passphrase, is left alone and named', () => {
    cpSync(at('pack'), at('hurt'), { recursive: true });
    const key = at('hurt/appliances/sensor-003/sensor-003.key');
    const passphrase = at('hurt/appliances/sensor-003/sensor-003.passphrase.txt');
    const before = digest(key);
    writeFileSync(passphrase, 'another\n');
    const closed = run('pack', 'new', 'site.csv', 'hurt');
    expect([closed.code, closed.stderr]).toEqual([
      2,
      expect.stringContaining('sensor-003.key is there and cannot be opened'),
    ]);
    rmSync(passphrase);
    const lost = run('pack', 'new', 'site.csv', 'hurt');
    expect([lost.code, lost.stderr]).toEqual([
      2,
      expect.stringMatching(/sensor-003\.key is there, and .* is not\. Put that file back/),
    ]);
    expect([digest(key), existsSync(passphrase), existsSync(at('hurt/.certgate.lock'))]).toEqual([
      before,
      false,
      false,
    ]);
  });

  test('one passphrase for all, kept elsewhere: asked for again to judge, and to go on', () => {
    write(folder, 'two.csv', siteCsv(2));
    const one = ['--passphrase-file', 'one.txt'];
    expect(run('pack', 'new', 'two.csv', 'one-pack', ...one).code).toBe(0);
    expect(readdirSync(at('one-pack/appliances/sensor-001'))).toEqual(['sensor-001.key']);
    expect(run('pack', 'status', 'one-pack').stderr).toContain('share one passphrase: give --passphrase-file');
    expect(run('pack', 'status', 'one-pack', ...one).code).toBe(1);
    expect(run('pack', 'new', 'two.csv', 'one-pack').stderr).toContain('was begun with one passphrase for all');
    expect(run('pack', 'new', 'two.csv', 'one-pack', ...one, '--bits', '4096').stderr).toContain(
      'was begun with --bits 2048, and not with 4096',
    );
  });

  test('a plan that is damaged, or leads out of the pack, is not followed', () => {
    const plan = readFileSync(at('pack/pack.json'), 'utf8');
    for (const [bad, ...args] of [
      [plan.slice(0, 50), 'new', 'site.csv', 'torn'],
      ['{}', 'status', 'torn'],
      [plan.replaceAll('"sensor-002"', '"../../elsewhere"'), 'status', 'torn'],
    ] as const) {
      write(folder, 'torn/pack.json', bad);
      const { code, stderr } = run('pack', ...args);
      expect([code, stderr]).toEqual([2, expect.stringContaining('torn/pack.json is damaged. Move it away')]);
    }
  });

  test('a name that no certificate may have stops all of it before the first key', () => {
    write(folder, 'bad.csv', siteCsv(3).replace('sensor-002.contoso.com', '*.contoso.com'));
    const { code, stdout } = run('pack', 'new', 'bad.csv', 'bad-pack');
    expect([code, stdout]).toEqual([1, expect.stringContaining('crt-wildcard')]);
    expect(existsSync(at('bad-pack'))).toBe(false);
    write(folder, 'twice.csv', siteCsv(2).replace('sensor-002', 'sensor-001'));
    expect(run('pack', 'new', 'twice.csv', 'bad-pack').stderr).toBe(
      'certgate: The site file cannot be used:\n  line 3: the name "sensor-001" is that of line 2, too.\n',
    );
  });
});

describe('certgate pack import', () => {
  test('by public key, whatever the files are called; the rest is named as missing', () => {
    write(folder, 'back/scan of reply.txt', toPem('CERTIFICATE', answer('sensor-003')));
    write(folder, 'back/1.bin', answer('sensor-001'));
    write(folder, 'back/.hidden', 'x');
    write(folder, 'back/readme.txt', 'Here you are.');
    write(folder, 'back/chain.pem', ca.chainPem);
    const json = imported('back');
    expect(statesOf(json)).toBe('sensor-001 ready, sensor-002 waiting, sensor-003 ready, sensor-004 waiting');
    expect([json.unknown, json.problems]).toEqual([[], []]);
    const { code, stdout } = run('pack', 'status', 'pack');
    expect([code, stdout]).toEqual([
      1,
      expect.stringContaining('Missing: the certificates of sensor-002, sensor-004.'),
    ]);
    const own = ['sensor-001.crt', 'sensor-001.key', 'sensor-001.passphrase.txt', 'sensor-001.pem'];
    expect(readdirSync(at('pack/appliances/sensor-001'))).toEqual(own);
  });

  test('what is refused stays out of the folder, and the rule is named', () => {
    write(folder, 'expired/a.crt', toPem('CERTIFICATE', answer('sensor-002', { days: -0.01 })));
    const other = parseCsr(identify(readFileSync(at('pack/requests/sensor-001.csr'))).blocks[0]!.der);
    const wrongName = answer('sensor-004', { subject: other.subject.element.der() });
    write(folder, 'expired/b.crt', toPem('CERTIFICATE', wrongName));
    const json = imported('expired');
    expect(json.appliances.map(({ rules }) => rules[0])).toEqual([
      undefined,
      'crt-valid-to',
      undefined,
      'crt-subject-cn',
    ]);
    expect(existsSync(at('pack/appliances/sensor-002/sensor-002.crt'))).toBe(false);
    expect(existsSync(at('pack/refused/sensor-002.crt'))).toBe(true);
    // A mix-up of the CA does not take down the appliance whose name it used.
    expect(json.appliances[0]!.state).toBe('ready');
  });

  test('two that are good for themselves and share a name are both refused', () => {
    cpSync(at('pack'), at('twins'), { recursive: true });
    const plan = JSON.parse(readFileSync(at('twins/pack.json'), 'utf8')) as {
      appliances: { subject: { commonName: string } }[];
    };
    plan.appliances[3]!.subject.commonName = 'sensor-001.contoso.com';
    writeFileSync(at('twins/pack.json'), JSON.stringify(plan));
    const { stdout } = run('pack', 'import', 'twins', 'expired', '--format', 'json');
    const { appliances } = JSON.parse(stdout) as PackJson;
    expect([appliances[0]!.rules, appliances[3]!.rules]).toEqual([['fleet-unique-cn'], ['fleet-unique-cn']]);
  });

  test('of several, the youngest that is accepted wins; a refused one never takes the place of a good one', () => {
    rmSync(at('pack/refused'), { recursive: true });
    write(folder, 'good/b.cer', answer('sensor-002', { days: 30 }));
    write(folder, 'good/c.cer', answer('sensor-004'));
    expect(statesOf(imported('good'))).toBe('sensor-001 ready, sensor-002 ready, sensor-003 ready, sensor-004 ready');
    const before = digest(at('pack/appliances/sensor-002/sensor-002.crt'));
    expect(imported('expired').appliances.map(({ state }) => state)).toEqual(['ready', 'ready', 'ready', 'ready']);
    expect(digest(at('pack/appliances/sensor-002/sensor-002.crt'))).toBe(before);
  });

  test('certificates of strangers and files that are something else are named', async () => {
    const { newKey } = await import('../../src/making/issue/key.ts');
    const { spki } = await newKey(2048);
    write(folder, 'odd/stranger.crt', toPem('CERTIFICATE', answer('sensor-001', { spki })));
    write(folder, 'odd/page.crt', '<!doctype html><html><body>Please sign in</body></html>');
    write(folder, 'odd/damaged.der', answer('sensor-001').subarray(0, 300));
    symlinkSync('page.crt', at('odd/link.crt'));
    const json = imported('odd');
    expect(json.problems).toContain('odd/link.crt is a link, which is not followed; name what it leads to.');
    expect(json.unknown).toMatchObject([{ path: 'odd/stranger.crt' }]);
    expect(json.problems.join('\n')).toMatch(/damaged\.der[^]*page\.crt is an HTML page/);
    expect(run('pack', 'import', 'pack', 'nowhere').stderr).toContain('nowhere cannot be opened: it is not there');
  });

  test('the work order is a page without scripts, names escaped, and a CSV that no spreadsheet takes for formulas', () => {
    const html = readFileSync(at('pack/work-order.html'), 'utf8');
    expect(html).toContain('4 of 4 appliances have their certificate');
    expect(html).not.toMatch(/<script|src=|https?:/);
    const csv = parseCsv(readFileSync(at('pack/work-order.csv'), 'utf8').replace('\uFEFF', ''));
    expect(csv).toHaveLength(5);
    expect(csv[1]!.cells.slice(0, 5)).toEqual(['sensor-001', 'sensor-001.contoso.com', 'sensor', 'Plant 7', 'ready']);
  });
});

describe.skipIf(!requires('zip'))('zips', () => {
  const zip = (...args: readonly string[]): Buffer => execFileSync('zip', ['-q', ...args], { cwd: folder });

  test('replies are found in them, in zips in zips, too', () => {
    cpSync(at('pack'), at('pack-copy'), { recursive: true });
    for (const name of ['sensor-001', 'sensor-002']) rmSync(at('pack-copy/appliances', name, `${name}.crt`));
    zip('-r', 'inner.zip', 'back', 'good');
    zip('-r', 'outer.zip', 'inner.zip');
    const { stdout } = run('pack', 'import', 'pack-copy', 'outer.zip', '--format', 'json');
    expect(statesOf(JSON.parse(stdout) as PackJson)).toBe(
      'sensor-001 ready, sensor-002 ready, sensor-003 ready, sensor-004 ready',
    );
  });

  test('an encrypted, a damaged and a bomb are refused in words', async () => {
    mkdirSync(at('bomb'));
    writeFileSync(at('bomb/zeros'), Buffer.alloc(40 * 1024 * 1024));
    zip('-r', 'bomb.zip', 'bomb');
    zip('-P', 'secret', '-r', 'encrypted.zip', 'good');
    writeFileSync(at('cut.zip'), readFileSync(at('outer.zip')).subarray(0, 500));
    const { problems } = imported('bomb.zip', 'encrypted.zip', 'cut.zip');
    expect(problems).toEqual([
      'bomb.zip unpacks to more than a CA would ever send (bomb/zeros); it was not read.',
      'encrypted.zip is encrypted. Unpack it with its password and name the folder instead.',
      expect.stringMatching(/^cut\.zip is a damaged zip .* Fetch it again\.$/),
    ]);
    // The size of names stays, so that the rest of the zip does.
    const leading = readFileSync(at('bomb.zip')).toString('latin1').replaceAll('bomb/zeros', '../../zero');
    await expect(readZip('leading.zip', Buffer.from(leading, 'latin1'))).rejects.toThrow(
      'leading.zip holds a file whose name leads out of the zip (../../zero); nothing of it was read.',
    );
    // One that says less than it unpacks to.
    const lying = readFileSync(at('bomb.zip'));
    const size = Buffer.alloc(4);
    size.writeUInt32LE(40 * 1024 * 1024);
    for (let i = lying.indexOf(size); i >= 0; i = lying.indexOf(size, i + 4)) lying.writeUInt32LE(1000, i);
    await expect(readZip('lying.zip', lying)).rejects.toThrow('damaged zip');
  });
});

describe('a site file', () => {
  const read = (text: string) => readSite(Buffer.from(text));
  const wordsOf = (act: () => unknown): string => {
    try {
      return `nothing was thrown, but ${JSON.stringify(act())}`;
    } catch (error) {
      if (!(error instanceof PackError)) throw error;
      return [error.message, ...error.details].join('\n');
    }
  };
  const csv = (...rows: readonly string[]): string => ['name,host name,O,OU,C', ...rows].join('\n');

  test('the examples of certgate pack template are such files', () => {
    expect(read(SITE_EXAMPLE_CSV).map(({ name, role }) => `${name} ${role}`)).toEqual([
      'sensor-01 sensor',
      'sensor-02 sensor',
      'ha-01 ha',
    ]);
    expect(read(SITE_EXAMPLE_YAML).map(({ subject }) => subject.commonName)).toHaveLength(3);
  });

  test('as spreadsheets write it: semicolons, BOM, CRLF, quotes, other names for the columns', () => {
    const text =
      '\uFEFFSensor Name;FQDN;Organisation;Unit;Country Code;IP address\r\ns1;s1.contoso.com;"Contoso; ""Inc.""";OT;US;10.1.2.3, 10.1.2.4\r\n\r\n';
    expect(read(text)[0]).toMatchObject({
      name: 's1',
      subject: { commonName: 's1.contoso.com', organization: 'Contoso; "Inc."', country: 'US' },
      alternativeNames: ['10.1.2.3', '10.1.2.4'],
    });
  });

  test.each([
    [
      csv('a,a.contoso.com,Contoso,OT,US', 'b,A.contoso.com.,Contoso,OT,US'),
      'line 3: the host name "A.contoso.com" is that of line 2',
    ],
    [csv('a,a.contoso.com,Contoso,OT,US', 'A,b.contoso.com,Contoso,OT,US'), 'line 3: the name "A" is that of line 2'],
    [csv('a,a.contoso.com,,OT,'), 'line 2: O, C missing for a.'],
    [csv('../a,a.contoso.com,Contoso,OT,US'), '"../a" cannot be a folder\'s name'],
    [csv('CON,a.contoso.com,Contoso,OT,US'), '"CON" cannot be a folder\'s name on Windows'],
    ['name,O\na,Contoso', 'must name the columns, among them "host name"'],
    ['name,host name,colour\n', 'Nobody knows the column colour.'],
    ['host name\n"a', 'The quote that opens in the row of line 2 never ends.'],
    ['', 'names no appliance'],
    [csv('a,a.contoso.com,Contoso, Inc.,OT,US'), 'line 2: 6 instead of 5'],
    ['appliances:\n  - { hostname: a.b.c, colour: red }\n', 'Nobody knows the field colour (entry 1)'],
    ['appliances: [', 'no valid YAML'],
  ])('%j: %s', (text, message) => {
    expect(wordsOf(() => read(text))).toContain(message);
  });

  test('in Windows-1252: says how to save it', () => {
    expect(() => readSite(Buffer.from('host name\nZürich', 'latin1'))).toThrow('CSV UTF-8');
  });
});

describe.skipIf(!requires('zip'))('a pack that is killed', () => {
  test('loses no key and makes none twice, there and back', async () => {
    const round = scratch();
    try {
      const figures = await runPackRound(round, { appliances: 4, bits: 2048, kills: 2 });
      expect(figures).toMatchObject({ lost: 0, doubled: 0, ready: 4 });
    } finally {
      rmSync(round, { recursive: true, force: true });
    }
  }, 60_000);
});
