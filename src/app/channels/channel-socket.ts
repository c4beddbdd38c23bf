import { existsSync, rmSync } from 'node:fs';
import { once } from 'node:events';
import { connect, createServer, type Server } from 'node:net';
import type { ChannelProcess, ChannelStatus } from './channel-process.ts';

interface Question {
  /** Milliseconds. */
  readonly at?: number;
}

const LONGEST_QUESTION = 4096;

/** Answers `channel status` over a unix socket that only its owner can open: one line of JSON asks, one answers. */
export async function serveStatus(path: string, running: ChannelProcess): Promise<Server> {
  // Left behind by a process that was killed; a live one would have kept its listening addresses, too.
  if (existsSync(path)) rmSync(path);
  const server = createServer((socket) => {
    let text = '';
    socket.on('error', () => socket.destroy());
    socket.setTimeout(5000, () => socket.destroy());
    socket.on('data', (bytes) => {
      text += bytes.toString('utf8');
      if (text.length > LONGEST_QUESTION) socket.destroy();
      if (!text.endsWith('\n')) return;
      socket.end(`${JSON.stringify(running.status(readQuestion(text).at))}\n`);
    });
  });
  const mask = process.umask(0o177);
  try {
    await once(server.listen(path), 'listening');
  } finally {
    process.umask(mask);
  }
  return server;
}

function readQuestion(text: string): Question {
  try {
    const { at } = JSON.parse(text) as { at?: unknown };
    return typeof at === 'number' ? { at } : {};
  } catch {
    return {};
  }
}

/** @throws where no process answers */
export async function askStatus(path: string, question: Question): Promise<ChannelStatus[]> {
  const socket = connect(path);
  let text = '';
  socket.on('data', (bytes) => (text += bytes.toString('utf8')));
  await once(socket, 'connect');
  socket.write(`${JSON.stringify(question)}\n`);
  await once(socket, 'end');
  return JSON.parse(text) as ChannelStatus[];
}
