import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { connect } from 'node:tls';

/** Real programs that must take what is made here. */

export interface Material {
  readonly crt: string;
  readonly key: string;
  readonly chain: string;
  readonly root: string;
}

export function opensslVerify({ crt, chain, root }: Material): string {
  const args = ['verify', '-x509_strict', '-purpose', 'sslserver', '-CAfile', root, '-untrusted', chain, crt];
  const { stdout, stderr } = spawnSync('openssl', args, { encoding: 'utf8' });
  return stdout + stderr;
}

export function certtoolVerify({ crt, chain, root }: Material): string {
  const input = execFileSync('cat', [crt, chain]);
  const args = ['--verify', '--load-ca-certificate', root, '--verify-profile', 'medium'];
  const { stdout, stderr, status } = spawnSync('certtool', args, { input, encoding: 'utf8' });
  return `${status}\n${stdout}${stderr}`;
}

/** The name in the certificate that a server on loopback shows to a client that verifies it. */
export function handshake(port: number, ca: string, servername: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, ca, servername }, () => {
      resolve(String(socket.getPeerCertificate().subject.CN));
      socket.end();
    });
    socket.once('error', reject);
  });
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => resolve(port));
    });
  });
}

/** An nginx of our own, in the foreground, that serves the bundle; ended by what is given back. */
export async function startNginx(
  folder: string,
  { crt, key, chain }: Material,
  passphraseFile: string,
): Promise<{ port: number; end: () => Promise<void> }> {
  const port = await freePort();
  mkdirSync(join(folder, 'tmp'), { recursive: true });
  const full = join(folder, 'full.pem');
  writeFileSync(full, execFileSync('cat', [crt, chain]));
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${folder}/tmp;`,
  );
  const config = `daemon off; master_process off; pid ${folder}/nginx.pid; error_log ${folder}/error.log;
events {}
http { access_log off; ${temporary.join(' ')}
  server { listen 127.0.0.1:${port} ssl;
    ssl_certificate ${full}; ssl_certificate_key ${key}; ssl_password_file ${passphraseFile};
    location / { return 200 "ok"; } } }
`;
  writeFileSync(join(folder, 'nginx.conf'), config);
  const environment = { PATH: `${process.env['PATH']}:/usr/sbin:/sbin` };
  const args = ['-p', folder, '-e', join(folder, 'error.log'), '-c', join(folder, 'nginx.conf')];
  const child = spawn('nginx', args, { env: environment, stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  await listening(port, () => {
    if (child.exitCode !== null) throw new Error(`nginx ended with ${child.exitCode}: ${said}`);
  });
  return {
    port,
    end: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

async function listening(port: number, alive: () => void): Promise<void> {
  const { connect: dial } = await import('node:net');
  for (;;) {
    alive();
    const open = await new Promise<boolean>((resolve) => {
      const socket = dial(port, '127.0.0.1', () => resolve(true));
      socket.once('error', () => resolve(false)).once('connect', () => socket.destroy());
    });
    if (open) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
