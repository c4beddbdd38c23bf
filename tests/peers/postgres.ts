import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { createPrivateKey } from 'node:crypto';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The folder of Debian's newest PostgreSQL server binaries, or undefined where it is not installed. */
export function postgresBinaries(): string | undefined {
  const root = '/usr/lib/postgresql';
  if (!existsSync(root)) return undefined;
  const versions = readdirSync(root).toSorted((a, b) => Number(b) - Number(a));
  return versions.map((version) => join(root, version, 'bin')).find((bin) => existsSync(join(bin, 'initdb')));
}

export interface Postgres {
  readonly url: string;
  stop(): Promise<void>;
}

/** A PostgreSQL of our own on loopback, in a temporary folder, gone after `stop`. */
export async function startPostgres(
  bin: string,
  options: { ssl?: { certificate: string; key: Uint8Array } } = {},
): Promise<Postgres> {
  const data = mkdtempSync(join(tmpdir(), 'certgate-pg-'));
  // PostgreSQL refuses to run as root; Debian's package brings a user for it.
  const owner = userInfo().uid === 0 ? await postgresUser() : undefined;
  if (owner !== undefined) chownSync(data, owner.uid, owner.gid);
  const as = owner === undefined ? {} : { uid: owner.uid, gid: owner.gid };
  const env = { PATH: process.env['PATH'], LC_ALL: 'C' };
  await run(join(bin, 'initdb'), ['-D', data, '-U', 'certgate', '--auth=trust', '-E', 'UTF8', '--no-sync'], {
    ...as,
    env,
  });
  const port = await freePort();
  const ssl = options.ssl === undefined ? [] : writeTlsFiles(data, options.ssl, owner);
  const server = spawn(
    join(bin, 'postgres'),
    ['-D', data, '-p', `${port}`, '-k', data, '-c', 'listen_addresses=127.0.0.1', '-c', 'fsync=off', ...ssl],
    { ...as, env, stdio: ['ignore', 'ignore', 'pipe'] },
  );
  await ready(server);
  return {
    url: `postgres://certgate@127.0.0.1:${port}/postgres`,
    async stop() {
      const gone = new Promise((resolve) => server.once('exit', resolve));
      server.kill('SIGINT');
      await gone;
      rmSync(data, { recursive: true, force: true });
    },
  };
}

/** Its certificate and key, as its user owns them, and the options that make it use them. */
function writeTlsFiles(
  data: string,
  { certificate, key }: { certificate: string; key: Uint8Array },
  owner: { uid: number; gid: number } | undefined,
): string[] {
  writeFileSync(join(data, 'server.crt'), certificate);
  const pem = createPrivateKey({ key: Buffer.from(key), format: 'der', type: 'pkcs8' }).export({
    format: 'pem',
    type: 'pkcs8',
  });
  writeFileSync(join(data, 'server.key'), pem, { mode: 0o600 });
  if (owner !== undefined) chownSync(join(data, 'server.key'), owner.uid, owner.gid);
  return ['-c', 'ssl=on'];
}

async function postgresUser(): Promise<{ uid: number; gid: number }> {
  const id = async (flag: string): Promise<number> => Number((await run('id', [flag, 'postgres'])).stdout);
  return { uid: await id('-u'), gid: await id('-g') };
}

function ready(server: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let log = '';
    server.stderr!.on('data', (chunk: Buffer) => {
      log += chunk.toString();
      if (log.includes('ready to accept connections')) resolve();
    });
    server.once('exit', (code) => reject(new Error(`postgres ended with ${code}: ${log}`)));
  });
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
