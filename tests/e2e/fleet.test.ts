import { spawn } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { certgateAside, type Ended, Lab, PROGRAM, scratch, write } from '../cli/program.ts';
import { Administrator, json } from './administrator.ts';
import { run, serverEnvironment, Served } from './served.ts';

// A fleet on one server, with the command line and with programs. The tests follow each other.
const folder = scratch();
const home = join(folder, 'server');
let lab: Lab;
let served: Served;
let ada: Administrator;
let token = '';

beforeAll(async () => {
  lab = new Lab(folder);
  write(
    folder,
    'chain.pem',
    readFileSync(join(folder, 'ca.pem'), 'utf8') + readFileSync(join(folder, 'root.pem'), 'utf8'),
  );
  served = await Served.start(home);
  ada = await Administrator.setUp(served);
});
afterAll(async () => {
  await served?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const importOn = (args: readonly string[], env: Record<string, string> = {}): Promise<Ended> =>
  certgateAside(['import', '--chain', 'chain.pem', ...args], folder, { ...serverEnvironment(home), ...env });
const remote = (): string[] => ['--server', served.origin, '--fingerprint', SERVER.fingerprint];
const SERVER = { fingerprint: '' };

test('what new appliances are set to is a setting, with its version', async () => {
  const asked = await ada.curl('/api/v1/settings');
  expect(asked.json.applianceDefaults).toEqual({ validation: 'mandatory', crl: 'off', profile: 'defender-iot' });
  const change = (version: string, crl: string) =>
    ada.curl('/api/v1/settings', '-H', `If-Match: ${version}`, ...json('PATCH', { applianceDefaults: { crl } }));
  expect((await change(asked.headers['etag']!, 'on')).json.applianceDefaults.crl).toBe('on');
  expect((await change(asked.headers['etag']!, 'off')).status).toBe(412);
  const made = await ada.curl('/api/v1/appliances', ...json('POST', { name: 'Set', hostname: 'set.contoso.com' }));
  expect(made.json.crl).toBe('on');
  expect((await change('"1"', 'off')).status).toBe(200);
});

test('an inventory comes as CSV, whole or not at all', async () => {
  const send = (csv: string) =>
    ada.curl('/api/v1/appliances/import', '-H', 'Content-Type: text/csv', '--data-binary', csv);
  const bad = await send('name,hostname\nLine 1,line1.contoso.com\nLine 2,not a host\n');
  expect(bad.status, bad.text).toBe(422);
  expect(bad.json.fields[0].path).toContain('line 3');
  const good = await send('name,hostname\nLine 1,line1.contoso.com\nLine 2,line2.contoso.com\n');
  expect(good.json.imported, good.text).toHaveLength(2);
});

describe('certgate import', () => {
  test('is refused by a server whose root nobody added, and says how to add it', async () => {
    lab.issue('line1', { cn: 'line1.contoso.com' });
    const refused = await importOn(['--appliance', 'Line 1', '--crt', 'line1.crt', '--key', 'line1.key']);
    expect(refused.code, refused.stderr).toBe(1);
    expect(refused.stdout).toContain('trust anchor');
    const certificate = readFileSync(join(folder, 'root.pem'), 'utf8');
    const [candidate] = (await ada.curl('/api/v1/anchors/inspect', ...json('POST', { certificate }))).json;
    const command = /certgate (anchor add chain.pem --fingerprint \S+)/.exec(refused.stdout)![1]!;
    expect(command).toContain(candidate.fingerprint);
    const added = await certgateAside(command.split(' '), folder, serverEnvironment(home));
    expect(added.code, added.stderr).toBe(0);
    expect((await ada.curl('/api/v1/anchors')).json).toHaveLength(1);
  });

  test('gives an appliance its certificate, by the name of the appliance', async () => {
    const taken = await importOn(['--appliance', 'line 1', '--crt', 'line1.crt', '--key', 'line1.key']);
    expect(taken.code, taken.stdout + taken.stderr).toBe(0);
    expect(taken.stdout).toContain('In use for line 1.');
  });

  test('says which appliance was meant', async () => {
    const unknown = await importOn(['--appliance', 'Line', '--crt', 'line1.crt', '--key', 'line1.key']);
    expect(unknown.code).toBe(2);
    expect(unknown.stderr).toContain('Did you mean Line 1');
  });

  test('takes a passphrase from a file, and later the one it has', async () => {
    for (const name of ['kept1', 'kept2']) {
      lab.issue(name, { cn: 'line1.contoso.com' });
      lab.openssl('pkcs8', '-topk8', '-in', `${name}.key`, '-out', `${name}.enc`, '-passout', 'pass:Secret-1');
    }
    write(folder, 'pass.txt', 'Secret-1\n');
    const first = ['--appliance', 'Line 1', '--crt', 'kept1.crt', '--key', 'kept1.enc', '--pass-file', 'pass.txt'];
    expect((await importOn(first)).code).toBe(0);
    const again = ['--appliance', 'Line 1', '--crt', 'kept2.crt', '--key', 'kept2.enc', '--passphrase-set'];
    const taken = await importOn(again);
    expect(taken.code, taken.stdout + taken.stderr).toBe(0);
  });

  test('warns of a passphrase on the command line', async () => {
    const warned = await importOn([
      '--appliance',
      'Line 1',
      '--crt',
      'kept2.crt',
      '--key',
      'kept2.enc',
      '--pass',
      'Secret-1',
    ]);
    expect(warned.stderr).toContain('--pass-file');
    expect(warned.stderr + warned.stdout).not.toContain('Secret-1');
  });

  test.skipIf(process.platform !== 'linux')('wipes it from the list of processes before it does anything', async () => {
    const silent = createServer();
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as AddressInfo;
    const args = ['import', '--crt', 'kept2.crt', '--appliance', 'x', '--server', `https://127.0.0.1:${port}`];
    const child = spawn(process.execPath, [PROGRAM, ...args, '--pass', 'Secret-1'], {
      cwd: folder,
      env: { ...serverEnvironment(home), CERTGATE_TOKEN: 'cgt_x' },
    });
    await new Promise((resolve) => silent.once('connection', resolve));
    expect(readFileSync(`/proc/${child.pid}/cmdline`, 'utf8')).not.toContain('Secret-1');
    child.kill();
    silent.close();
  });

  test('works from elsewhere with a token, and only with the server that was meant', async () => {
    SERVER.fingerprint = await served.presented();
    const made = await ada.curl(
      '/api/v1/tokens',
      ...json('POST', { name: 'ci', scopes: ['certificates:upload', 'inventory:read'] }),
    );
    token = made.json.secret;
    lab.issue('line2', { cn: 'line2.contoso.com' });
    const files = ['--appliance', 'Line 2', '--crt', 'line2.crt', '--key', 'line2.key'];
    const unverified = await importOn([...files, '--server', served.origin], { CERTGATE_TOKEN: token });
    expect(unverified.code).toBe(2);
    expect(unverified.stderr).toContain('Nothing was sent');
    const other = ['--server', served.origin, '--fingerprint', 'AA'.repeat(32)];
    expect((await importOn([...files, ...other], { CERTGATE_TOKEN: token })).stderr).toContain('Nothing was sent');
    const taken = await importOn([...files, ...remote()], { CERTGATE_TOKEN: token });
    expect(taken.code, taken.stdout + taken.stderr).toBe(0);
  });
});

test('two appliances never share a certificate: the other is named', async () => {
  const files = ['--appliance', 'Line 1', '--crt', 'line2.crt', '--key', 'line2.key'];
  const refused = await importOn(files);
  expect(refused.code, refused.stderr).toBe(1);
  expect(refused.stdout).toContain('fleet-unique-certificate');
  expect(refused.stdout).toContain('Line 2');
});

test('a key made on the server never travels: CSR out, certificate in', async () => {
  const [{ id }] = (await ada.curl('/api/v1/appliances?search=line2')).json.items;
  const made = await ada.curl(`/api/v1/appliances/${id}/csrs`, ...json('POST', {}));
  expect(made.status, made.text).toBe(201);
  expect(made.text).not.toContain('PRIVATE KEY');
  write(folder, 'made.csr', made.json.csr);
  lab.openssl(
    ...'x509 -req -in made.csr -CA ca.pem -CAkey ca.key.pem -set_serial 77 -sha256 -extfile line2.ext -days 200 -out made.crt'.split(
      ' ',
    ),
  );
  const taken = await importOn(['--appliance', 'Line 2', '--crt', 'made.crt']);
  expect(taken.code, taken.stdout + taken.stderr).toBe(0);
});

test('an administrator exports it for the appliance, and openssl opens it', async () => {
  const [{ id }] = (await ada.curl('/api/v1/appliances?search=line2')).json.items;
  const wish = { format: 'pkcs12', passphrase: 'Export-Secret-1' };
  const exported = await ada.curl(`/api/v1/appliances/${id}/export`, ...json('POST', wish));
  expect(exported.status, exported.text).toBe(200);
  const [file] = exported.json.files;
  write(folder, 'line2.p12', Buffer.from(file.content, 'base64'));
  const opened = await run('openssl', [
    'pkcs12',
    '-in',
    join(folder, 'line2.p12'),
    '-nodes',
    '-passin',
    'pass:Export-Secret-1',
  ]);
  expect(opened.stdout).toContain('PRIVATE KEY');
  const [entry] = (await ada.curl('/api/v1/audit?limit=1')).json.items;
  expect(entry).toMatchObject({ action: 'identity.exported', actor: 'ada' });
});

test('Prometheus is told, on a listener of its own', async () => {
  const { stdout } = await run('curl', ['-s', `http://127.0.0.1:${served.metricsPort}/metrics`]);
  expect(stdout).toContain('certgate_console_certificate_not_after_seconds');
  expect(stdout).toMatch(
    /certgate_http_requests_total\{method="POST",route="\/api\/v1\/appliances\/:id\/uploads",status="201"\} \d/,
  );
  expect((await served.curl('/metrics')).status).toBe(404);
});

test('no key, passphrase or token got into the log', () => {
  for (const secret of ['PRIVATE KEY', 'Secret-1', token]) expect(served.output).not.toContain(secret);
});
