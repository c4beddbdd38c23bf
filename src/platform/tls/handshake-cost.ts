import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:tls';
import { serverOptions, type TlsIdentity } from './server-options.ts';

/** The other end, in a process of its own so that only our side's CPU time is counted here. */
const CLIENT = `
const { connect, createSecureContext } = require('node:tls');
let text = '';
process.stdin.on('data', (part) => (text += part)).on('end', async () => {
  const { port, count, cert, key } = JSON.parse(text);
  const secureContext = createSecureContext({ ca: [], ...(cert && { cert, key }) });
  const one = () => new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, secureContext, rejectUnauthorized: false });
    socket.on('error', reject).on('close', resolve).resume();
  });
  for (let done = 0; done < count; done++) await one();
});
`;

export interface HandshakeCost {
  /** Milliseconds of CPU of the listening side for one new connection, the median of rounds. */
  readonly cpuMs: number;
  readonly rounds: readonly number[];
}

const ROUNDS = 5;

/**
 * What a new connection costs whoever listens, on this machine, with the options that our listeners have. CPU time, not
 * wall time: other work on the machine is not in it.
 * @param mutual the client shows a certificate, too (the same one: only its size counts)
 */
export async function handshakeCost(
  identity: TlsIdentity,
  { mutual, handshakes }: { mutual: boolean; handshakes: number },
): Promise<HandshakeCost> {
  const options = serverOptions(identity, []);
  const server = createServer({ ...options, requestCert: mutual, rejectUnauthorized: false }, (socket) => socket.end());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const shown = mutual ? { cert: options.cert, key: options.key } : {};
  const count = Math.max(1, Math.round(handshakes / ROUNDS));
  const rounds: number[] = [];
  try {
    // The first warms up both ends.
    for (let round = 0; round <= ROUNDS; round++) {
      const before = process.cpuUsage();
      await connectFromOutside({ port, count, ...shown });
      const { user, system } = process.cpuUsage(before);
      if (round > 0) rounds.push((user + system) / 1000 / count);
    }
  } finally {
    server.close();
  }
  return { cpuMs: rounds.toSorted((a, b) => a - b)[rounds.length >> 1]!, rounds };
}

async function connectFromOutside(task: object): Promise<void> {
  const client = spawn(process.execPath, ['-e', CLIENT], { stdio: ['pipe', 'ignore', 'pipe'] });
  let complaint = '';
  client.stderr.on('data', (part: Buffer) => (complaint += part.toString()));
  client.stdin.end(JSON.stringify(task));
  const [code] = (await once(client, 'close')) as [number | null];
  if (code !== 0) throw new Error(`the client of the measurement ended with ${code}: ${complaint.slice(0, 500)}`);
}
