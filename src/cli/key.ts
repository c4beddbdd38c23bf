import type { Command } from 'commander';
import { shellWord } from '../core/base/shell-word.ts';
import { toHex } from '../core/der/values.ts';
import { PRIVATE } from '../making/issue/durable-files.ts';
import { KEY_SIZES, type KeySize, keyToPem, newKey } from '../making/issue/key.ts';
import { nodeCrypto } from '../platform/crypto/node-crypto.ts';
import { EXIT, type ExitCode, UsageError } from './failure.ts';
import type { Finish } from './main.ts';
import { addNewPassphraseOptions, choosePassphrase, type NewPassphraseFlags, showOnce } from './new-passphrase.ts';
import { examples, oneOf } from './options.ts';
import { requireSubcommand } from './subcommands.ts';
import { print, styleOf } from './output.ts';
import { safeJson, visible } from './render/text.ts';
import { KEYS_STAY, mustBeNew, writeFile } from './written-files.ts';

const FORMATS = ['pretty', 'json'] as const;

interface Flags extends NewPassphraseFlags {
  readonly bits: KeySize;
  readonly format: (typeof FORMATS)[number];
}

/** `--bits`: what the appliance supports, and nothing else. */
export function readBits(text: string): KeySize {
  const bits = KEY_SIZES.find((size) => String(size) === text);
  if (bits === undefined) throw new UsageError(`--bits ${text}: the appliance supports RSA keys of 2048 or 4096 bits.`);
  return bits;
}

export function defineKey(command: Command, finish: Finish): void {
  requireSubcommand(command);
  const make = command
    .command('new')
    .argument('<FILE>', 'where the key goes, e.g. sensor.key; a file that is there is never written over')
    .description('Makes an RSA key (PKCS#8, AES-256), only readable by you.')
    .helpOption('-h, --help', 'this help')
    .option('--bits <bits>', '2048, or 4096, which makes every connection slower', readBits, 2048);
  addNewPassphraseOptions(make)
    .option('--format <format>', 'pretty or json', oneOf('--format', FORMATS), 'pretty')
    .addHelpText('after', examples(EXAMPLES))
    .action(async (path: string, flags: Flags) => finish(await runNew(path, flags)));
  command.addHelpText('after', examples(EXAMPLES));
}

const EXAMPLES = [
  'certgate key new sensor.key --passphrase-file sensor.txt',
  'certgate key new sensor-plain.key --bits 2048 --no-passphrase',
];

async function runNew(path: string, flags: Flags): Promise<ExitCode> {
  mustBeNew([path], { instead: KEYS_STAY });
  const chosen = await choosePassphrase(flags);
  const { privateKey, spki } = await newKey(flags.bits);
  writeFile(path, keyToPem(privateKey, chosen.passphrase), { mode: PRIVATE, instead: KEYS_STAY });
  const fingerprint = toHex(nodeCrypto.digest('sha256', spki));
  if (flags.format === 'json') {
    const encrypted = chosen.passphrase !== undefined;
    print(`${safeJson({ key: path, bits: flags.bits, encrypted, publicKeySha256: fingerprint }, 2)}\n`);
  } else {
    const style = styleOf(process.stdout);
    print(
      `${style.paint('green', style.sign.ok)} ${visible(path)}: RSA ${flags.bits}, ${visible(chosen.kept)}, only you can read it\n` +
        `  public key SHA-256 ${fingerprint}\n` +
        `  next: certgate csr new --key ${shellWord(visible(path))} --help\n`,
    );
  }
  showOnce(chosen);
  return EXIT.ok;
}
