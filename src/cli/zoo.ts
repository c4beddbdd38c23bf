import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { writeZoo } from '../making/issue/zoo/write-zoo.ts';
import { makeZoo } from '../making/issue/zoo/zoo.ts';
import { EXIT, type ExitCode, UsageError } from './failure.ts';
import { readTime } from './inputs.ts';
import type { Finish } from './main.ts';
import { examples, oneOf } from './options.ts';
import { print, styleOf } from './output.ts';
import { plural, safeJson, visible } from './render/text.ts';
import { cannotWrite } from './written-files.ts';

const FORMATS = ['pretty', 'json'] as const;
const MOST_ENTRIES = 2_000_000;

interface Flags {
  readonly at?: Date;
  readonly hugeCrl: number;
  readonly force?: true;
  readonly format: (typeof FORMATS)[number];
}

export function defineZoo(command: Command, finish: Finish): void {
  command
    .argument('[DIR]', 'where it goes', 'zoo')
    .option('--at <time>', 'make the dates for this time instead of now', readTime)
    .option('--huge-crl <entries>', 'how many entries the huge CRL has', readEntries, 100_000)
    .option('--force', 'write into a folder that is not empty; files of the same names are written over')
    .option('--format <format>', 'pretty or json', oneOf('--format', FORMATS), 'pretty')
    .addHelpText(
      'after',
      '\nFor every rule at least one bundle that is wrong in exactly that way; index.html says what each is for, what the\n' +
        'verdict must be, and which command shows it. Dates are relative to the day on which the zoo was made.\n' +
        examples([
          'certgate zoo',
          'certgate zoo /tmp/zoo --huge-crl 1000000',
          'cd zoo && certgate check crt-valid-to --crl off',
        ]),
    )
    .action(async (folder: string, flags: Flags) => finish(await runZoo(folder, flags)));
}

function readEntries(text: string): number {
  const count = Number(text);
  if (/^\d+$/.test(text) && count >= 1 && count <= MOST_ENTRIES) return count;
  throw new UsageError(`--huge-crl ${text}: give a number from 1 to ${MOST_ENTRIES}.`);
}

async function runZoo(folder: string, flags: Flags): Promise<ExitCode> {
  mustBeEmpty(folder, flags.force === true);
  const now = flags.at ?? new Date();
  const animals = await makeZoo({ now, hugeEntries: flags.hugeCrl });
  let index;
  try {
    mkdirSync(folder, { recursive: true });
    index = writeZoo(folder, animals, now);
  } catch (error) {
    throw cannotWrite(folder, error);
  }
  if (flags.format === 'json') print(`${safeJson(index, 2)}\n`);
  else {
    const style = styleOf(process.stdout);
    const rules = new Set(animals.flatMap(({ rule }) => rule ?? [])).size;
    print(
      `${style.paint('green', style.sign.ok)} ${visible(folder)}: ${plural(animals.length, 'bundle')} for ${plural(rules, 'rule')}\n` +
        `  what each is for: ${visible(join(folder, 'index.html'))}\n` +
        `  try one: cd ${visible(folder)} && ${index.animals.find(({ name }) => name === 'crt-valid-to')!.command}\n`,
    );
  }
  return EXIT.ok;
}

function mustBeEmpty(folder: string, force: boolean): void {
  try {
    if (force || !existsSync(folder) || readdirSync(folder).length === 0) return;
  } catch (error) {
    throw cannotWrite(folder, error);
  }
  throw new UsageError(
    `${folder} is not empty. Name another folder, or add --force to write over the files of a zoo that is there.`,
  );
}
