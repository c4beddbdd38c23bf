import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ChannelConfig } from '../../app/channels/channel-config.ts';
import type { Question } from '../../app/channels/channel-socket.ts';
import { UsageError } from '../failure.ts';
import { type ConfigFlags, configOf, explained } from '../server/config-options.ts';

/** @throws {UsageError} naming every mistake of the file */
export async function loadChannels(path: string): Promise<ChannelConfig> {
  const { loadChannelConfig } = await import('../../app/channels/channel-config.ts');
  try {
    return loadChannelConfig(path);
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

/** The sockets of the processes that may answer: that of the file, else all of the data folder. */
async function socketsOf(path: string | undefined, flags: ConfigFlags): Promise<readonly string[]> {
  if (path !== undefined) return [(await loadChannels(path)).socket];
  const { dataFolder } = explained(() => configOf(flags));
  const folder = join(dataFolder, 'channels');
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .toSorted()
    .map((group) => join(folder, group, 'channel.sock'))
    .filter((socket) => existsSync(socket));
}

/**
 * Asks every process that may be meant.
 * @param path of the YAML file; undefined: the processes that the inventory on this host feeds
 * @returns the answers of those that gave one
 * @throws {UsageError} where none answers, or all of them say no
 */
export async function tell(path: string | undefined, question: Question, flags: ConfigFlags = {}): Promise<unknown[]> {
  const { ask, NobodyThereError } = await import('../../app/channels/channel-socket.ts');
  const sockets = await socketsOf(path, flags);
  const answers: unknown[] = [];
  let problem: string | undefined;
  for (const socket of sockets) {
    try {
      const answered = await ask(socket, question);
      if ('problem' in answered) problem = answered.problem;
      else answers.push(answered.answer);
    } catch (error) {
      if (!(error instanceof NobodyThereError)) throw error;
    }
  }
  if (answers.length > 0) return answers;
  if (problem !== undefined) throw new UsageError(problem);
  if (path !== undefined) {
    throw new UsageError(`No channel process answers at ${sockets[0]}. Start it with: certgate channel run ${path}`);
  }
  throw new UsageError(
    'No process on this host runs channels of the inventory. certgate serve starts them; the server knows more: certgate channel list',
  );
}
