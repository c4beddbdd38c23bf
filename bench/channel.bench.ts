import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, connect, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { toPem } from '../src/making/encode/der.ts';
import { keyIdentifier } from '../src/making/issue/key-identifier.ts';
import { type KeySize, newKey, spkiOf } from '../src/making/issue/key.ts';
import { createLabCa } from '../src/making/issue/lab-ca.ts';
import { encodeName, subjectAttributes } from '../src/making/encode/name-fields.ts';
import { signingAlgorithm } from '../src/making/issue/sign.ts';
import { parseCertificate } from '../src/core/x509/certificate.ts';
import { hugeCrl } from '../tests/revocation/huge-crl.ts';
import type { Bench, Contender } from './harness.ts';

// What a new connection with one small request, and a large download, cost the process in the middle. nginx speaks HTTP
// with both sides, the others carry bytes.

const folder = mkdtempSync(join(tmpdir(), 'certgate-bench-'));
const at = (name: string): string => join(folder, name);
const children: ChildProcess[] = [];
const DAY = 86_400_000;
const LISTED = 100_000;
const DOWNLOAD = 128 * 1024 * 1024;

const ca = await createLabCa(folder, {
  name: 'Bench',
  organization: 'Contoso',
  country: 'US',
  passphrase: 'x',
  keySize: 2048,
  now: new Date(Date.now() - DAY),
});
ca.newCrls(new Date());
for (const bits of [2048, 4096] as const) await makeIdentity(bits);
writeFileSync(at('issuing-large.crl'), largeCrl());
writeFileSync(at('all.crl'), ['root.crl', 'issuing-large.crl'].map(pemOfCrl).join(''));
const backend = await startBackend();

async function makeIdentity(bits: KeySize): Promise<void> {
  const { privateKey, spki } = await newKey(bits);
  const subject = { country: 'US', organization: 'Contoso', organizationalUnit: 'Bench', commonName: 'a.contoso.com' };
  const certificate = ca.sign({
    subject: encodeName(subjectAttributes(subject)),
    subjectPublicKeyInfo: spki,
    names: ['a.contoso.com'],
    notBefore: new Date(Date.now() - 3_600_000),
    notAfter: new Date(Date.now() + DAY),
  });
  const crt = toPem('CERTIFICATE', certificate) + toPem('CERTIFICATE', ca.issuing.certificate);
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  writeFileSync(at(`${bits}.crt`), crt);
  writeFileSync(at(`${bits}.key`), key, { mode: 0o600 });
  writeFileSync(at(`${bits}.both`), crt + key, { mode: 0o600 });
}

function largeCrl(): Uint8Array {
  const { certificate, key } = ca.issuing;
  const [thisUpdate, nextUpdate] = [new Date(Date.now() - 60_000), new Date(Date.now() + 7 * DAY)];
  const issuer = parseCertificate(certificate).subject.element.der();
  const authorityKeyIdentifier = keyIdentifier(spkiOf(key));
  const serial = Buffer.alloc(20, 0x55);
  const fields = { issuer, count: LISTED, thisUpdate, nextUpdate, serial, authorityKeyIdentifier };
  return hugeCrl(fields, signingAlgorithm(key));
}

function pemOfCrl(name: string): string {
  const bytes = readFileSync(at(name));
  return bytes[0] === 0x30 ? toPem('X509 CRL', bytes) : bytes.toString();
}

function start(command: string, ...args: string[]): ChildProcess {
  const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  children.push(child);
  // It ends with us, and does not keep us.
  child.unref();
  return child;
}

process.once('exit', () => {
  for (const child of children) child.kill();
  rmSync(folder, { recursive: true, force: true });
  report();
});

async function freePort(): Promise<number> {
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function answering(port: number): Promise<void> {
  for (;;) {
    const socket = connect(port, '127.0.0.1');
    const open = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (open) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** The appliance behind, which nobody measures. */
async function startBackend(): Promise<number> {
  const port = await freePort();
  const program = `const large = Buffer.alloc(${DOWNLOAD}); require('http').createServer((q, s) => {
    s.setHeader('Connection', 'close'); s.end(q.url === '/large' ? large : 'x'.repeat(1000)); }).listen(${port}, '127.0.0.1')`;
  start(process.execPath, '-e', program);
  await answering(port);
  return port;
}

/** What each listens for. */
interface Door {
  readonly bits: KeySize;
  readonly mutual: boolean;
  readonly large?: boolean;
  readonly port: number;
}

const doors = async (): Promise<Door[]> => {
  const kinds = [2048, 4096].flatMap((bits) => [false, true].map((mutual) => ({ bits: bits as KeySize, mutual })));
  const all = [...kinds, { bits: 2048 as const, mutual: true, large: true }];
  return Promise.all(all.map(async (kind) => ({ ...kind, port: await freePort() })));
};

interface Server {
  readonly name: string;
  readonly child: ChildProcess;
  readonly doors: readonly Door[];
}

async function certgate(): Promise<Server> {
  const open = await doors();
  const channels = open.map(
    ({ bits, mutual, large, port }) => `  - id: c${port}
    kind: ${mutual ? 'ha-listener' : 'console'}
    listen: 127.0.0.1:${port}
    target: 127.0.0.1:${backend}
    certificate: ${bits}.crt
    key: ${bits}.key
    anchors: [root.crt]
    crl: on
    crls: [root.crl, ${large === true ? 'issuing-large.crl' : 'issuing.crl'}]
    limits: {perSourceAMinute: 1000000}
`,
  );
  writeFileSync(at('channels.yaml'), `channels:\n${channels.join('')}`);
  const program = fileURLToPath(new URL('../../bin/certgate', import.meta.url));
  const child = start(process.execPath, program, 'channel', 'run', at('channels.yaml'));
  return { name: 'certgate', child, doors: open };
}

async function nginx(): Promise<Server> {
  const open = await doors();
  const verify = (large: boolean): string =>
    `ssl_verify_client on; ssl_verify_depth 3; ssl_client_certificate ${at('root.crt')}; ${large ? `ssl_crl ${at('all.crl')};` : ''}`;
  const servers = open.map(
    ({ bits, mutual, large = false, port }) => `server { listen 127.0.0.1:${port} ssl;
  ssl_certificate ${at(`${bits}.crt`)}; ssl_certificate_key ${at(`${bits}.key`)};
  ssl_protocols TLSv1.2 TLSv1.3; ssl_session_tickets off; ssl_session_cache off; ${mutual ? verify(large) : ''}
  location / { proxy_pass http://127.0.0.1:${backend}; proxy_max_temp_file_size 0; } }`,
  );
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((kind) => `${kind}_temp_path ${at(kind)};`);
  writeFileSync(
    at('nginx.conf'),
    `user root; daemon off; worker_processes 1; pid ${at('nginx.pid')}; error_log /dev/null;
events {} http { access_log off; ${paths.join(' ')} ${servers.join('\n')} }`,
  );
  return { name: 'nginx', child: start('/usr/sbin/nginx', '-c', at('nginx.conf'), '-p', folder), doors: open };
}

async function haproxy(): Promise<Server> {
  const open = await doors();
  const listens = open.map(({ bits, mutual, large = false, port }) => {
    const crl = large ? `crl-file ${at('all.crl')}` : '';
    const verify = mutual ? `verify required ca-file ${at('root.crt')} ${crl}` : '';
    return `listen l${port}
  bind 127.0.0.1:${port} ssl crt ${at(`${bits}.both`)} no-tls-tickets ${verify}
  server s 127.0.0.1:${backend}`;
  });
  const limits = 'timeout connect 5s\n  timeout client 60s\n  timeout server 60s';
  const global = 'global\n  nbthread 1\n  tune.ssl.cachesize 0\n  ssl-default-bind-options ssl-min-ver TLSv1.2';
  writeFileSync(at('haproxy.cfg'), `${global}\ndefaults\n  mode tcp\n  ${limits}\n${listens.join('\n')}\n`);
  return { name: 'haproxy', child: start('/usr/sbin/haproxy', '-q', '-f', at('haproxy.cfg')), doors: open };
}

async function stunnel(): Promise<Server> {
  const open = await doors();
  const services = open.map(({ bits, mutual, large = false, port }) => {
    const crl = large ? `CRLfile = ${at('all.crl')}\n` : '';
    const verify = mutual ? `verifyChain = yes\nCAfile = ${at('root.crt')}\n${crl}` : '';
    return `[s${port}]\naccept = 127.0.0.1:${port}\nconnect = 127.0.0.1:${backend}\ncert = ${at(`${bits}.both`)}\n${verify}`;
  });
  const options =
    'foreground = yes\npid =\ndebug = 0\noptions = NO_TICKET\nsessionCacheSize = 1\nsslVersionMin = TLSv1.2\n';
  writeFileSync(at('stunnel.conf'), options + services.join(''));
  return { name: 'stunnel', child: start('/usr/bin/stunnel', at('stunnel.conf')), doors: open };
}

const CLIENT = `const { connect, createSecureContext } = require('tls'); const fs = require('fs');
const [port, count, bits, mutual, path] = process.argv.slice(1);
const own = mutual === 'true' ? { cert: fs.readFileSync(bits + '.crt'), key: fs.readFileSync(bits + '.key') } : {};
const secureContext = createSecureContext({ ca: [], ...own });
const one = () => new Promise((resolve, reject) => { let got = 0;
  const s = connect({ host: '127.0.0.1', port, secureContext, rejectUnauthorized: false });
  s.on('secureConnect', () => s.write('GET ' + path + ' HTTP/1.0\\r\\nHost: a.contoso.com\\r\\n\\r\\n'));
  s.on('data', (b) => (got += b.length)).on('error', reject);
  s.on('close', () => got > 1000 ? resolve() : reject(new Error('no answer, ' + got + ' bytes from ' + port))); });
(async () => { for (let i = 0; i < Number(count); i++) await one(); })();`;

/** CPU time of a process and its children, µs. Threads that are over count only in the coarser of the two figures. */
function cpuOf(pid: number): number {
  const root = `/proc/${pid}/task`;
  const fine = tasksOf(pid).reduce(
    (sum, task) => sum + Number(readFileSync(`${root}/${task}/schedstat`, 'utf8').split(' ')[0]) / 1000,
    0,
  );
  // proc_pid_stat(5): utime and stime, after the name in brackets, in hundredths of a second.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  const coarse = (Number(fields[11]) + Number(fields[12])) * 10_000;
  const children = tasksOf(pid).flatMap((task) =>
    readFileSync(`${root}/${task}/children`, 'utf8').trim().split(' ').filter(Boolean),
  );
  return Math.max(fine, coarse) + children.reduce((total, child) => total + cpuOf(Number(child)), 0);
}

const tasksOf = (pid: number): string[] => (existsSync(`/proc/${pid}/task`) ? readdirSync(`/proc/${pid}/task`) : []);

const figures = new Map<string, Map<string, number[]>>();

function connections(door: Door, count: number, path: string): void {
  const args = [door.port, count, door.bits, door.mutual, path].map(String);
  execFileSync(process.execPath, ['-e', CLIENT, ...args], { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
}

function measured(
  server: Server,
  what: string,
  door: Door,
  { count, path, scale = 1 }: { count: number; path: string; scale?: number },
): Contender {
  const run = (): number => {
    const before = cpuOf(server.child.pid!);
    connections(door, count, path);
    const micros = (cpuOf(server.child.pid!) - before) * scale;
    const row = figures.get(what) ?? new Map<string, number[]>();
    row.set(server.name, [...(row.get(server.name) ?? []), micros / count]);
    figures.set(what, row);
    return micros;
  };
  return { name: `${what}: ${server.name}`, count, run };
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!;

/** Each kind of work by itself, as ratios to nginx in the same run. */
function report(): void {
  console.log('\nTo nginx in the same run:');
  for (const [what, row] of figures) {
    const base = median(row.get('nginx') ?? [Number.NaN]);
    const cells = [...row].map(([name, values]) => `${name} ${(median(values) / base).toFixed(2)}`);
    console.log(`  ${what.padEnd(32)} ${cells.join('   ')}`);
  }
  console.log('\nMemory at the end, MiB (and of the children):');
  for (const [name, mib] of memory) console.log(`  ${name.padEnd(10)} ${mib.toFixed(0)}`);
}

const memory = new Map<string, number>();
function rssOf(pid: number): number {
  const kib = Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
  const below = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean);
  return kib / 1024 + below.reduce((sum, child) => sum + rssOf(Number(child)), 0);
}

for (const kind of ['client_body', 'proxy']) mkdirSync(at(kind), { recursive: true });
const servers: Server[] = [];
for (const make of [certgate, nginx, haproxy, stunnel]) servers.push(await make());
for (const server of servers) for (const { port } of server.doors) await answering(port);

// They run for years: what a just-in-time compiler does in its first seconds is not what they cost.
for (const { doors: open } of servers) for (const door of open.slice(0, 2)) connections(door, 200, '/small');

const contenders = [0, 1, 2, 3, 4].flatMap((index) =>
  servers.map((server) => {
    const door = server.doors[index]!;
    const what = `RSA ${door.bits}${door.mutual ? ' mutual' : ''}${door.large === true ? ', CRL of 100 000' : ''}`;
    return measured(server, what, door, { count: door.bits === 4096 ? 20 : 40, path: '/small' });
  }),
);
const downloads = servers.map((server) =>
  measured(server, 'download of 1 GB', server.doors[0]!, { count: 1, path: '/large', scale: 1e9 / DOWNLOAD }),
);
const last: Contender = {
  name: 'nothing',
  count: 1,
  run: () => {
    for (const { name, child } of servers) memory.set(name, rssOf(child.pid!));
    return 0;
  },
};

export default {
  unit: 'connection with one small request, or GB',
  reference: 'RSA 2048: nginx',
  contenders: [...contenders, ...downloads, last],
} satisfies Bench;
