import { spawn, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { createServer } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { certgate, type CheckJson, PROGRAM, scratch } from '../cli/program.ts';
import { requires } from '../requires.ts';
import { certtoolVerify, handshake, type Material, opensslVerify, startNginx } from './peers.ts';

interface LabJson {
  readonly passphraseFile: string;
  readonly root: string;
  readonly crlUrl: string;
  readonly bundles: readonly { name: string; hostname: string; crt: string; key: string; chain: string }[];
}

const folder = scratch();
const caFlags = ['--ca', join(folder, 'lab/ca'), '--ca-passphrase-file', join(folder, 'lab/passphrase.txt')];
let child: ChildProcess;
let lab: LabJson;

/** Starts the lab and waits for the line that says that all is ready. */
function startLab(): Promise<LabJson> {
  child = spawn(process.execPath, [PROGRAM, 'ca', 'lab', 'lab', '--format', 'json'], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  child.stderr!.on('data', (chunk: Buffer) => (said += chunk.toString()));
  return new Promise((resolve, reject) => {
    createInterface({ input: child.stdout! }).once('line', (line) => resolve(JSON.parse(line) as LabJson));
    child.once('exit', (code) => reject(new Error(`the lab ended with ${code}: ${said}`)));
  });
}

const endLab = (): Promise<number | null> =>
  new Promise((resolve) => {
    child.removeAllListeners('exit');
    child.once('exit', (code) => resolve(code));
    child.kill('SIGTERM');
  });

const materialOf = (name: string): Material => {
  const { crt, key, chain } = lab.bundles.find((bundle) => bundle.name === name)!;
  return { crt: join(folder, crt), key: join(folder, key), chain: join(folder, chain), root: join(folder, lab.root) };
};

const crl = async (): Promise<Buffer> => Buffer.from(await (await fetch(lab.crlUrl)).arrayBuffer());

beforeAll(async () => {
  lab = await startLab();
});
afterAll(async () => {
  if (child.exitCode === null) await endLab();
  rmSync(folder, { recursive: true, force: true });
});

describe('certgate ca lab', () => {
  test('makes three bundles that check accepts completely, their CRLs fetched from the lab', () => {
    const args = ['--passphrase-file', lab.passphraseFile, '--trust', lab.root, '--crl', 'on', '--format', 'json'];
    const env = { XDG_CACHE_HOME: join(folder, 'cache') };
    for (const { name, hostname } of lab.bundles) {
      const { stdout, code } = certgate(['check', `lab/${name}`, '--hostname', hostname, ...args], {
        cwd: folder,
        env,
      });
      const { reports } = JSON.parse(stdout) as CheckJson;
      expect(reports.map(({ verdict, complete }) => ({ verdict, complete }))).toEqual([
        { verdict: 'accepted', complete: true },
      ]);
      expect(reports[0]!.findings.filter(({ status }) => status === 'warning')).toEqual([]);
      expect(code).toBe(0);
    }
  });

  test('keeps keys and passphrase from other users', () => {
    const secret = [lab.passphraseFile, ...lab.bundles.map(({ key }) => key), 'lab/ca/root.key', 'lab/ca/issuing.key'];
    for (const path of secret) expect(statSync(join(folder, path)).mode & 0o077, path).toBe(0);
  });

  test.skipIf(!requires('openssl'))('makes what openssl verify -x509_strict takes', () => {
    for (const { name } of lab.bundles) expect(opensslVerify(materialOf(name))).toMatch(/: OK\n$/);
  });

  test.skipIf(!requires('certtool'))('makes what certtool --verify takes', () => {
    for (const { name } of lab.bundles) {
      expect(certtoolVerify(materialOf(name))).toMatch(/^0\n[^]*The certificate is trusted/);
    }
  });

  test.skipIf(!requires('nginx'))('makes what nginx serves', async () => {
    const material = materialOf('sensor');
    const nginx = await startNginx(join(folder, 'lab'), material, join(folder, lab.passphraseFile));
    try {
      const ca = readFileSync(material.root, 'utf8');
      expect(await handshake(nginx.port, ca, 'sensor.lab.example')).toBe('sensor.lab.example');
      expect(await handshake(nginx.port, ca, 'localhost')).toBe('sensor.lab.example');
    } finally {
      await nginx.end();
    }
  });

  test('makes what a TLS server of Node serves, with client certificates as between a sensor and its HA server', async () => {
    const { crt, key, chain, root } = materialOf('ha');
    const read = (path: string): string => readFileSync(path, 'utf8');
    const passphrase = read(join(folder, lab.passphraseFile)).trim();
    const server = createServer({
      cert: read(crt) + read(chain),
      key: read(key),
      passphrase,
      ca: read(root),
      requestCert: true,
    });
    const authorized = new Promise<boolean>((resolve) => {
      server.on('secureConnection', (socket) => resolve(socket.authorized));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const client = materialOf('sensor');
    const { connect } = await import('node:tls');
    const socket = connect({
      host: '127.0.0.1',
      port,
      servername: 'ha.lab.example',
      ca: read(root),
      cert: read(client.crt) + read(client.chain),
      key: read(client.key),
      passphrase,
    });
    expect(await authorized).toBe(true);
    expect(socket.authorized).toBe(true);
    socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
});

describe('its CRL server', () => {
  test('serves DER as application/pkix-crl, whole, by HEAD, and only when it changed', async () => {
    const response = await fetch(lab.crlUrl);
    expect(response.headers.get('content-type')).toBe('application/pkix-crl');
    const body = Buffer.from(await response.arrayBuffer());
    expect(body[0]).toBe(0x30);
    const head = await fetch(lab.crlUrl, { method: 'HEAD' });
    expect(head.headers.get('content-length')).toBe(String(body.length));
    expect((await head.arrayBuffer()).byteLength).toBe(0);
    const etag = response.headers.get('etag')!;
    const since = response.headers.get('last-modified')!;
    const ask = async (headers: Record<string, string>): Promise<number> =>
      (await fetch(lab.crlUrl, { headers })).status;
    expect(await ask({ 'if-none-match': etag })).toBe(304);
    expect(await ask({ 'if-none-match': `"other", W/${etag}` })).toBe(304);
    expect(await ask({ 'if-none-match': '"other"' })).toBe(200);
    expect(await ask({ 'if-modified-since': since })).toBe(304);
    expect(await ask({ 'if-modified-since': new Date(0).toUTCString() })).toBe(200);
  });

  test('says what it serves to those who ask for something else, and takes nothing', async () => {
    const missing = await fetch(new URL('/ledger.jsonl', lab.crlUrl));
    expect(missing.status).toBe(404);
    expect(await missing.text()).toContain('/issuing.crl');
    const posted = await fetch(lab.crlUrl, { method: 'POST', body: 'x' });
    expect([posted.status, posted.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
    expect((await fetch(new URL('/../issuing.key', lab.crlUrl))).status).toBe(404);
  });

  test('serves a revocation that another process entered, without being told', async () => {
    const before = createHash('sha256')
      .update(await crl())
      .digest('hex');
    const revoked = certgate(['revoke', ...caFlags, lab.bundles[2]!.crt, '--reason', 'superseded'], { cwd: folder });
    expect([revoked.code, revoked.stderr]).toEqual([0, '']);
    await expect
      .poll(
        async () =>
          createHash('sha256')
            .update(await crl())
            .digest('hex'),
        { timeout: 15_000 },
      )
      .not.toBe(before);
    const args = ['--passphrase-file', lab.passphraseFile, '--trust', lab.root, '--crl', 'on', '--format', 'json'];
    const { stdout } = certgate(['check', 'lab/partner', ...args], {
      cwd: folder,
      env: { XDG_CACHE_HOME: join(folder, 'c2') },
    });
    expect((JSON.parse(stdout) as CheckJson).reports[0]!.findings[0]!.rule).toBe('revocation-status');
    const list = certgate(['ca', 'list', 'lab/ca'], { cwd: folder }).stdout;
    expect(list).toMatch(/revoked \d{4}-\d\d-\d\d {2,}partner\.lab\.example/);
  });

  test('ends when asked to, and goes on at the same address when started again', async () => {
    const { crlUrl } = lab;
    const certificates = lab.bundles.map(({ crt }) => readFileSync(join(folder, crt), 'latin1'));
    expect(await endLab()).toBe(0);
    await expect(fetch(crlUrl)).rejects.toThrow();
    lab = await startLab();
    expect(lab.crlUrl).toBe(crlUrl);
    expect(lab.bundles.map(({ crt }) => readFileSync(join(folder, crt), 'latin1'))).toEqual(certificates);
    expect((await fetch(crlUrl)).status).toBe(200);
  });
});
