import { once } from 'node:events';
import { existsSync, rmSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { z } from 'zod';
import { OverrideError } from '../../service/channels/break-glass.ts';
import type { AnsweringProcess } from './channel-host.ts';

const questionSchema = z.discriminatedUnion('ask', [
  z.strictObject({ ask: z.literal('status'), at: z.number().optional() }),
  z.strictObject({
    ask: z.literal('override'),
    channel: z.string(),
    overlooks: z.array(z.enum(['date', 'stale-crl', 'chain'])).readonly(),
    fingerprint: z.string(),
    reason: z.string().max(1000),
    by: z.string().max(200),
    hours: z.number().optional(),
  }),
  z.strictObject({ ask: z.literal('end-override'), id: z.string() }),
  z.strictObject({ ask: z.literal('trust-clock') }),
]);
export type { Overlooked, Override } from '../../service/channels/break-glass.ts';
export type Question = z.infer<typeof questionSchema>;

export type Answer = { readonly answer: unknown } | { readonly problem: string };

const LONGEST_QUESTION = 16_384;
const LONGEST_ANSWER_MS = 10_000;

/** No process answers at the socket. */
export class NobodyThereError extends Error {
  override readonly name = 'NobodyThereError';
}

/**
 * Answers the commands of the host over a unix socket that only its owner can open: one line of JSON asks, one answers.
 * @throws where another process answers there
 */
export async function answerAt(path: string, running: AnsweringProcess): Promise<Server> {
  if (existsSync(path)) {
    if (await answers(path)) throw new Error(`Another channel process runs with the socket ${path}.`);
    // Left behind by a process that was killed.
    rmSync(path);
  }
  const server = createServer((socket) => {
    let text = '';
    socket.on('error', () => socket.destroy());
    socket.setTimeout(5000, () => socket.destroy());
    socket.setEncoding('utf8').on('data', (part: string) => {
      text += part;
      if (text.length > LONGEST_QUESTION) socket.destroy();
      else if (text.endsWith('\n')) socket.end(`${JSON.stringify(answer(running, text))}\n`);
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

function answer(running: AnsweringProcess, text: string): Answer {
  try {
    return { answer: act(running, questionSchema.parse(JSON.parse(text))) };
  } catch (error) {
    if (error instanceof OverrideError) return { problem: error.message };
    return { problem: 'The question could not be understood, or its effect not be kept.' };
  }
}

function act(running: AnsweringProcess, question: Question): unknown {
  switch (question.ask) {
    case 'status':
      return running.status(question.at);
    case 'override': {
      const { ask: _ask, hours, ...request } = question;
      return running.openOverride({ ...request, ...(hours !== undefined && { hours }) });
    }
    case 'end-override':
      return running.closeOverride(question.id) ?? null;
    case 'trust-clock':
      return running.acceptClock() ?? null;
  }
}

async function answers(path: string): Promise<boolean> {
  const socket = connect(path);
  return once(socket, 'connect')
    .then(
      () => true,
      () => false,
    )
    .finally(() => socket.destroy());
}

/** @throws {NobodyThereError} where no process answers */
export async function ask(path: string, question: Question): Promise<Answer> {
  const socket = connect(path);
  socket.setTimeout(LONGEST_ANSWER_MS, () => socket.destroy(new Error('no answer in time')));
  let text = '';
  socket.setEncoding('utf8').on('data', (part: string) => (text += part));
  try {
    await once(socket, 'connect');
    socket.write(`${JSON.stringify(question)}\n`);
    await once(socket, 'end');
    return JSON.parse(text) as Answer;
  } catch (error) {
    throw new NobodyThereError((error as Error).message, { cause: error });
  } finally {
    socket.destroy();
  }
}
