import { didYouMean, UsageError } from './failure.ts';

/** A parser for an option that takes one of a few words. */
export function oneOf<T extends string>(option: string, valid: readonly T[]): (value: string) => T {
  return (value) => {
    if ((valid as readonly string[]).includes(value)) return value as T;
    throw new UsageError(`${option} ${value} is not known.${didYouMean(value, valid)} It takes ${list(valid)}.`);
  };
}

function list(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}

/** The examples of a help text; each line works when pasted. */
export const examples = (lines: readonly string[]): string =>
  `\nExamples:\n${lines.map((line) => `  ${line}\n`).join('')}`;
