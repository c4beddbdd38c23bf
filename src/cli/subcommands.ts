import type { Command } from 'commander';
import { didYouMean, UsageError } from './failure.ts';

/** For a command that is nothing without one of its own commands: says which there are. */
export function requireSubcommand(command: Command): Command {
  return command.argument('[ACTION]').action((action?: string) => {
    const names = command.commands.map((sub) => sub.name());
    const meant = action === undefined ? '' : didYouMean(action, names);
    const own = `certgate ${command.name()}`;
    throw new UsageError(`say what to do: ${own} ${names.join(', ')}.${meant} See ${own} --help.`);
  });
}
