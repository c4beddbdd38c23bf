import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { expect } from 'vitest';
import { type Address, type ChannelRun, type LogLine, type Tap } from './field.ts';
import { type Bench, dialPlain, gone } from './bench.ts';
import type { ChannelIdentity } from '../../src/service/channels/channel-context.ts';

/** What the cells of the matrix have in common, whatever the kind of channel. */

/** How each channel of the matrix cuts off whoever does not finish a handshake: soon, for there is nobody else on it. */
export const IMPATIENT = ['limits: { handshakeMs: 1000 }'];

/** Message of the first finding, or what the system said. */
export const whyOf = (line: LogLine): string => line['findings']?.[0]?.message ?? line['problem'] ?? line.reason ?? '';

/** Runs a program to its end; what it said, and its exit code. */
export function ended(
  command: string,
  args: readonly string[],
  input?: string,
): Promise<{ code: number; said: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (part: Buffer) => (said += part.toString()));
    child.once('error', reject);
    child.once('close', (code) => resolve({ code: code ?? -1, said }));
    child.stdin.on('error', () => undefined).end(input);
  });
}

export const s_client = ({ host, port }: Address, ...args: string[]): Promise<{ code: number; said: string }> =>
  ended('openssl', ['s_client', '-connect', `${host}:${port}`, ...args], 'let me in\n');

export const TLS_1_0 = ['-tls1', '-cipher', 'ALL:@SECLEVEL=0'];

/**
 * Shows a certificate that is over soon, and has `connect` use it while it lasts; on a machine that is too busy for that
 * it is tried again with more time.
 * @param connect whether it came in time
 */
export async function expiringSoon(bench: Bench, name: string, connect: (brief: ChannelIdentity) => Promise<boolean>) {
  for (let life = 4000; ; life *= 2) {
    if (await connect(await bench.identity(name, { from: -1000, to: life }))) return;
  }
}

type Uninvited = (socket: Socket) => void;
const DRIP_MS = 100;
/** Strangers at a listening port: what they do, and what the log says of them. */
export const STRANGERS: Record<'garbage' | 'halfOpen' | 'slow', { does: Uninvited; reason: string }> = {
  garbage: { does: (socket) => socket.write('SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n'.repeat(20)), reason: 'handshake' },
  halfOpen: { does: () => undefined, reason: 'handshake-timeout' },
  slow: {
    // The beginning of a ClientHello of 512 bytes, a byte at a time.
    does: (socket) => {
      const hello = Buffer.concat([Buffer.from('160301020001', 'hex'), Buffer.alloc(506)]);
      let sent = 0;
      const drip = setInterval(() => socket.write(hello.subarray(sent, ++sent)), DRIP_MS);
      socket.once('close', () => clearInterval(drip));
    },
    reason: 'handshake-timeout',
  },
};

/** Somebody comes to a listening end who does not speak TLS as he should; `meanwhile` others are served all the same. */
export async function comesUninvited(
  who: keyof typeof STRANGERS,
  { run, id, inside }: { run: ChannelRun; id: string; inside: Tap },
  meanwhile: () => Promise<unknown>,
): Promise<void> {
  const { does, reason } = STRANGERS[who];
  const socket = await dialPlain(run.at(id));
  socket.resume();
  does(socket);
  await meanwhile();
  await gone(socket);
  expect(await run.line(id, 'refused')).toMatchObject({ reason, peer: expect.stringContaining('127.0.0.1') });
  expect([inside.connections, inside.forth]).toEqual([0, 0]);
}

export interface Remote {
  readonly at: Address;
  readonly stop: () => void;
}

/** The same from the other side: a partner that does not speak TLS as it should. */
export async function strangeServer(who: keyof typeof STRANGERS): Promise<Remote> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => undefined).resume());
    STRANGERS[who].does(socket);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const stop = (): void => {
    for (const socket of sockets) socket.destroy();
    server.close();
  };
  return { at: { host: '127.0.0.1', port: (server.address() as AddressInfo).port }, stop };
}
