import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { PRIVATE } from '../making/issue/durable-files.ts';
import { newPassphrase, unsupportedCharacters } from '../making/issue/passphrase.ts';
import { EXIT, type ExitCode, UsageError } from './failure.ts';
import { readPassphrase } from './inputs.ts';
import type { Finish } from './main.ts';
import { examples, oneOf } from './options.ts';
import { requireSubcommand } from './subcommands.ts';
import { print, styleOf } from './output.ts';
import { safeJson, visible, wrap } from './render/text.ts';
import { writeFile } from './written-files.ts';

const FORMATS = ['pretty', 'json'] as const;
type Format = (typeof FORMATS)[number];

interface CheckFlags {
  readonly passphraseEnv?: string;
  readonly format: Format;
}

export function definePassphrase(command: Command, finish: Finish): void {
  requireSubcommand(command);
  command
    .command('new')
    .argument('[FILE]', 'write it there, readable only by you; without it, it is printed')
    .description('Makes a passphrase of characters that the appliance supports, easy to type and to read aloud.')
    .helpOption('-h, --help', 'this help')
    .addHelpText('after', examples(['certgate passphrase new sensor-passphrase.txt', 'certgate passphrase new']))
    .action((path: string | undefined) => finish(runNew(path)));
  command
    .command('check')
    .argument('[FILE]', 'the file with the passphrase (one final newline is dropped); - for standard input')
    .description('Says which characters of a passphrase the appliance does not support. The passphrase is not shown.')
    .helpOption('-h, --help', 'this help')
    .option('--passphrase-env <name>', 'take it from an environment variable')
    .option('--format <format>', 'pretty or json', oneOf('--format', FORMATS), 'pretty')
    .addHelpText('after', examples(['certgate passphrase check passphrase.txt']))
    .action(async (path: string | undefined, flags: CheckFlags) => finish(await runCheck(path, flags)));
  command.addHelpText(
    'after',
    examples(['certgate passphrase new sensor-passphrase.txt', 'certgate passphrase check passphrase.txt']),
  );
}

function runNew(path: string | undefined): ExitCode {
  const passphrase = newPassphrase();
  if (path === undefined) print(`${passphrase}\n`);
  else {
    writeFile(path, `${passphrase}\n`, { mode: PRIVATE, instead: 'Name another file.' });
    print(`A new passphrase is in ${visible(path)}; only you can read it.\n`);
  }
  return EXIT.ok;
}

async function runCheck(path: string | undefined, { passphraseEnv, format }: CheckFlags): Promise<ExitCode> {
  const bytes = await readGiven(path, passphraseEnv);
  const problem = problemOf(bytes);
  if (format === 'json') {
    print(`${safeJson({ supported: problem === undefined, unsupported: problem?.characters ?? [] }, 2)}\n`);
  } else {
    const style = styleOf(process.stdout);
    const lines =
      problem === undefined
        ? [`${style.paint('green', style.sign.ok)} The appliance supports every character of the passphrase.`]
        : [
            ...wrap(`${style.sign.bad} ${problem.message}`, style.columns),
            '  Supported are a-z A-Z 0-9 and ! # % ( ) + , - . / : = ? @ [ \\ ] ^ _ { } ~',
            '  Make another: certgate passphrase new',
          ];
    print(`${lines.join('\n')}\n`);
  }
  return problem === undefined ? EXIT.ok : EXIT.refused;
}

async function readGiven(path: string | undefined, passphraseEnv: string | undefined): Promise<Uint8Array> {
  if ((path === undefined) === (passphraseEnv === undefined)) {
    throw new UsageError(
      'give the file with the passphrase, or --passphrase-env NAME, e.g. certgate passphrase check -',
    );
  }
  if (path !== '-') {
    return (await readPassphrase({
      ...(path !== undefined && { passphraseFile: path }),
      ...(passphraseEnv !== undefined && { passphraseEnv }),
    }))!;
  }
  const text = readFileSync(0);
  return text.at(-1) === 0x0a ? text.subarray(0, text.at(-2) === 0x0d ? -2 : -1) : text;
}

function problemOf(bytes: Uint8Array): { message: string; characters: string[] } | undefined {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return { message: 'The passphrase is no UTF-8 text, so it cannot be typed into the upload form.', characters: [] };
  }
  if (text === '') return { message: 'There is no passphrase: nothing was given.', characters: [] };
  const characters = unsupportedCharacters(text);
  if (characters.length === 0) return undefined;
  return { message: `The appliance does not support ${characters.join(', ')} in passphrases.`, characters };
}
