import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Report } from '../../src/core/base/finding.ts';

export const PROGRAM = fileURLToPath(new URL('../../bin/certgate', import.meta.url));

/** `check --format json`. */
export interface CheckJson {
  readonly reports: readonly Report[];
  readonly summary: Readonly<Record<string, number>>;
}

/** `inspect --format json`, as far as the tests look at it. */
export interface InspectJson {
  readonly files: readonly {
    readonly blocks: readonly {
      readonly facts: readonly { readonly label: string; readonly value: string }[];
      readonly fields: readonly {
        readonly label: string;
        readonly hex: string;
        readonly offset: number;
        readonly length: number;
      }[];
    }[];
  }[];
}

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the real program to its end. */
export function certgate(args: readonly string[], options: { cwd?: string; env?: Record<string, string> } = {}): Ended {
  const env = { PATH: process.env['PATH'] ?? '', ...options.env };
  const { status, stdout, stderr } = spawnSync(process.execPath, [PROGRAM, ...args], {
    cwd: options.cwd ?? process.cwd(),
    env,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  return { code: status, stdout, stderr };
}

/** The same while this process goes on, e.g. as the server that the program asks. */
export function certgateAside(args: readonly string[], cwd: string, env: Record<string, string>): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [PROGRAM, ...args], {
      cwd,
      env: { PATH: process.env['PATH'] ?? '', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout, stderr }));
  });
}

/** Runs the real program, reads one piece of its output and then hangs up, as `| head -1` does. */
export function certgateReadOnce(args: readonly string[], cwd: string): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [PROGRAM, ...args], { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    child.stdout.once('data', (chunk: Buffer) => {
      stdout = chunk.toString();
      child.stdout.destroy();
    });
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout, stderr }));
  });
}

function openssl(cwd: string, ...args: readonly string[]): void {
  const { status, stderr } = spawnSync('openssl', args, { cwd, encoding: 'utf8' });
  if (status !== 0) throw new Error(`openssl ${args.join(' ')}\n${stderr}`);
}

/** An empty folder of its own for a test file. */
export const scratch = (): string => mkdtempSync(join(tmpdir(), 'certgate-cli-'));

export function write(folder: string, path: string, content: string | Uint8Array): string {
  const full = join(folder, path);
  mkdirSync(dirname(full), { recursive: true });
  writeFileSync(full, content);
  return full;
}

export interface Wanted {
  readonly subject?: string;
  readonly cn: string;
  readonly days?: number;
  readonly bits?: number;
  /** The URL of a distribution point. */
  readonly crl?: string;
}

const SUBJECT = '/C=US/ST=Washington/L=Redmond/O=Contoso Inc./OU=Contoso Labs';

/** A lab CA made by openssl: root, issuing CA, and what it issues. */
export class Lab {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
    const make = (...args: readonly string[]) => openssl(folder, ...args);
    const root = ['-keyout', 'root.key.pem', '-out', 'root.pem', '-subj', '/C=US/O=Contoso Inc./CN=Contoso Root'];
    make('req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '3650', '-sha256', ...root);
    make(
      'req',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-keyout',
      'ca.key.pem',
      '-out',
      'ca.csr',
      '-subj',
      '/C=US/CN=Contoso CA',
    );
    write(folder, 'ca.ext', 'basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\n' + KEY_IDS);
    make(
      'x509',
      '-req',
      '-in',
      'ca.csr',
      '-CA',
      'root.pem',
      '-CAkey',
      'root.key.pem',
      '-set_serial',
      '2',
      ...SIGN,
      'ca.ext',
      '-out',
      'ca.pem',
    );
  }

  /** Writes `path`.crt, `path`.key and `path`.csr below the folder of the lab. */
  issue(path: string, { cn, subject = SUBJECT, days = 365, bits = 2048, crl }: Wanted): void {
    write(
      this.folder,
      `${path}.ext`,
      `keyUsage=critical,digitalSignature,keyEncipherment,keyAgreement\nextendedKeyUsage=serverAuth,clientAuth\nsubjectAltName=DNS:${cn}\n${crl === undefined ? '' : `crlDistributionPoints=URI:${crl}\n`}${KEY_IDS}`,
    );
    const make = (...args: readonly string[]) => openssl(this.folder, ...args);
    make(
      'req',
      '-newkey',
      `rsa:${bits}`,
      '-nodes',
      '-keyout',
      `${path}.key`,
      '-out',
      `${path}.csr`,
      '-utf8',
      '-subj',
      `${subject}/CN=${cn}`,
    );
    make(
      'x509',
      '-req',
      '-in',
      `${path}.csr`,
      '-CA',
      'ca.pem',
      '-CAkey',
      'ca.key.pem',
      '-set_serial',
      `${++serial}`,
      ...SIGN,
      `${path}.ext`,
      '-days',
      `${days}`,
      '-out',
      `${path}.crt`,
    );
  }

  openssl(...args: readonly string[]): void {
    openssl(this.folder, ...args);
  }
}

let serial = 1000;
const KEY_IDS = 'subjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n';
const SIGN = ['-sha256', '-extfile'];
