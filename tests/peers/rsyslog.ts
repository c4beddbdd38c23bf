import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Rsyslog {
  readonly port: number;
  /** What it has received. */
  received(): string;
  stop(): Promise<void>;
}

/** An rsyslog of our own that takes syslog over TLS (RFC 5425) on loopback, gone after `stop`. */
export async function startRsyslog(tls: {
  /** PEM. */
  certificates: string;
  key: string;
  authorities: string;
  /** Whether senders must show a certificate of those authorities. */
  demandsClientCertificate?: boolean;
}): Promise<Rsyslog> {
  const folder = mkdtempSync(join(tmpdir(), 'certgate-rsyslog-'));
  const at = (name: string): string => join(folder, name);
  writeFileSync(at('ca.pem'), tls.authorities);
  writeFileSync(at('cert.pem'), tls.certificates);
  writeFileSync(at('key.pem'), tls.key, { mode: 0o600 });
  const port = await freePort();
  const mode = tls.demandsClientCertificate === true ? 'x509/certvalid' : 'anon';
  writeFileSync(
    at('rsyslog.conf'),
    `global(workDirectory="${folder}" DefaultNetstreamDriver="gtls"
  DefaultNetstreamDriverCAFile="${at('ca.pem')}" DefaultNetstreamDriverCertFile="${at('cert.pem')}"
  DefaultNetstreamDriverKeyFile="${at('key.pem')}")
module(load="imtcp" StreamDriver.Name="gtls" StreamDriver.Mode="1" StreamDriver.AuthMode="${mode}")
input(type="imtcp" port="${port}" address="127.0.0.1")
*.* action(type="omfile" file="${at('received')}" asyncWriting="off" flushOnTXEnd="on")
`,
  );
  const server = spawn('/usr/sbin/rsyslogd', ['-n', '-f', at('rsyslog.conf'), '-i', at('pid')], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let log = '';
  server.stderr.on('data', (part: Buffer) => (log += part.toString()));
  await listening(port, () => {
    if (server.exitCode !== null) throw new Error(`rsyslogd ended with ${server.exitCode}: ${log}`);
  });
  return {
    port,
    received: () => (existsSync(at('received')) ? readFileSync(at('received'), 'utf8') : ''),
    async stop() {
      const gone = once(server, 'exit');
      server.kill('SIGTERM');
      await gone;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function listening(port: number, check: () => void): Promise<void> {
  for (;;) {
    check();
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

async function freePort(): Promise<number> {
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
