import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROGRAM } from '../cli/program.ts';

/** A real `certgate serve` in a process of its own, and what its users have: curl and openssl. */
export class Served {
  readonly folder: string;
  readonly child: ChildProcess;
  port = 0;
  metricsPort = 0;
  output = '';

  private constructor(folder: string, child: ChildProcess) {
    this.folder = folder;
    this.child = child;
  }

  /** Starts it on any free port and waits until it serves. */
  static async start(folder: string, environment: Record<string, string> = {}): Promise<Served> {
    mkdirSync(folder, { recursive: true });
    const child = spawn(process.execPath, [PROGRAM, 'serve'], {
      env: { ...serverEnvironment(folder), ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const served = new Served(folder, child);
    await new Promise<void>((resolve, reject) => {
      const hear = (chunk: Buffer): void => {
        served.output += chunk.toString();
        const port = /serves https:\/\/\S+:(\d+)/.exec(served.output)?.[1];
        const metrics = /metrics on port (\d+)/.exec(served.output)?.[1];
        const isLast = /set-up link for the first administrator is in|It is set up/.test(served.output);
        if (port !== undefined && metrics !== undefined && isLast) {
          served.port = Number(port);
          served.metricsPort = Number(metrics);
          resolve();
        }
      };
      child.stdout!.on('data', hear);
      child.stderr!.on('data', hear);
      child.once('exit', (code) => reject(new Error(`serve ended with ${code}\n${served.output}`)));
    });
    return served;
  }

  get origin(): string {
    return `https://127.0.0.1:${this.port}`;
  }

  /** The token of the set-up link, out of the file that only its owner can read. */
  setupToken(): string {
    return /#(\S+)/.exec(readFileSync(join(this.folder, 'data/setup-link'), 'utf8'))![1]!;
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return this.child.exitCode;
    const ended = new Promise<number | null>((resolve) => this.child.once('exit', resolve));
    this.child.kill(signal);
    return ended;
  }

  /** curl, as an administrator uses it. */
  async curl(path: string, ...args: readonly string[]): Promise<Answer> {
    const { stdout } = await run('curl', ['-sk', '-i', '--max-time', '20', ...args, `${this.origin}${path}`]);
    return answerOf(stdout);
  }

  /** The SHA-256 of the certificate that a client gets now. */
  async presented(): Promise<string> {
    const script = `openssl s_client -connect 127.0.0.1:${this.port} </dev/null 2>/dev/null | openssl x509 -noout -fingerprint -sha256`;
    const { stdout } = await run('sh', ['-c', script]);
    return stdout.trim().split('=')[1]!;
  }
}

export const serverEnvironment = (folder: string): Record<string, string> => ({
  PATH: process.env['PATH'] ?? '',
  CERTGATE_DATA: join(folder, 'data'),
  CERTGATE_MASTER_KEY_FILE: join(folder, 'master.key'),
  CERTGATE_HOSTNAME: 'gate.contoso.com',
  CERTGATE_LISTEN_PORT: '0',
  CERTGATE_METRICS_PORT: '0',
});

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  // eslint-disable-next-line typescript/no-explicit-any
  readonly json: any;
}

function answerOf(output: string): Answer {
  // `HTTP/1.1 100 Continue` comes first where curl waited for it.
  const final = output.replace(/^(HTTP\/1\.1 1\d\d[^]*?\r\n\r\n)+/, '');
  const end = final.indexOf('\r\n\r\n');
  const [line = '', ...lines] = final.slice(0, end).split('\r\n');
  const text = final.slice(end + 4);
  return {
    status: Number(line.split(' ')[1]),
    headers: Object.fromEntries(
      lines.map((header) => {
        const colon = header.indexOf(':');
        return [header.slice(0, colon).toLowerCase(), header.slice(colon + 1).trim()];
      }),
    ),
    text,
    json: text.startsWith('{') || text.startsWith('[') ? JSON.parse(text) : undefined,
  };
}

export function run(
  program: string,
  args: readonly string[],
): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(program, args, { maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : error === null ? 0 : 1, stdout, stderr });
    });
  });
}
