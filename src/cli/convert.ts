import { mkdirSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import type { Command } from 'commander';
import { ConversionError } from '../making/convert/conversion-error.ts';
import {
  type Conversion,
  convert,
  FORMATS,
  type Part,
  PARTS,
  type Result,
  type Wish,
} from '../making/convert/conversion.ts';
import { type Material, readMaterial, type Source, wipeMaterial } from '../making/convert/material.ts';
import { PRIVATE, PUBLIC } from '../making/issue/durable-files.ts';
import { unsupportedCharacters } from '../making/issue/passphrase.ts';
import { EXIT, type ExitCode, systemReason, UsageError } from './failure.ts';
import { readPassphrase } from './inputs.ts';
import type { Finish } from './main.ts';
import { examples, oneOf } from './options.ts';
import { print, styleOf } from './output.ts';
import { readUpTo } from './read.ts';
import { safeJson, visible, wrap } from './render/text.ts';
import { cannotWrite, mustBeNew, writeFile } from './written-files.ts';

const OUTPUTS = ['pretty', 'json'] as const;

interface Flags {
  readonly to: Wish['format'];
  readonly only?: Part;
  readonly out?: string;
  readonly outDir?: string;
  readonly name?: string;
  readonly force?: true;
  readonly passphraseFile?: string;
  readonly passphraseEnv?: string;
  readonly newPassphraseFile?: string;
  readonly newPassphraseEnv?: string;
  /** False after `--no-passphrase`. */
  readonly passphrase?: boolean;
  readonly legacy?: true;
  readonly bagAttributes?: true;
  readonly keepAll?: true;
  readonly format: (typeof OUTPUTS)[number];
}

const EXAMPLES = [
  'certgate convert sensor.pfx --passphrase-file secret.txt    # sensor.crt, sensor.key, sensor.pem',
  'certgate convert sensor.cer                                 # DER or PEM → sensor.crt in PEM',
  'certgate convert reply.p7b --only chain --out chain.pem     # PKCS#7 → the chain in the right order',
  'certgate convert sensor.crt --to der                        # sensor.der',
  'certgate convert sensor.crt sensor.key chain.pem --to pkcs12 --new-passphrase-file secret.txt',
  'certgate convert sensor.key --no-passphrase --passphrase-file secret.txt --out sensor-open.key',
];

const WHAT_IT_DOES = `
The files are known by their content, whatever they are called. Without --to they become what the appliance
takes: NAME.crt (the certificate), NAME.key (the private key) and NAME.pem (the chain, the issuer of the
certificate first, then up to the root), all in PEM. A certificate's bytes are never changed.
A private key stays encrypted with the passphrase that it had. --new-passphrase-file gives it another,
--no-passphrase takes it away. Passphrases come from files or variables, never from the command line.
`;

export function defineConvert(command: Command, finish: Finish): void {
  command
    .argument('<FILE...>', 'certificates, keys, requests, CRLs, .pfx, .p12, .p7b: in any form, in any order')
    .option(
      '--to <format>',
      'pem (three files, as the appliance wants them), der, pkcs12 or pkcs7',
      oneOf('--to', FORMATS),
      'pem',
    )
    .option('--only <part>', 'of all that the files hold only crt, key, chain, csr or crl', oneOf('--only', PARTS))
    .option('-o, --out <file>', 'write the one file that comes of it here; - is standard output')
    .option('-d, --out-dir <dir>', 'write into this folder (default: the present one)')
    .option('--name <name>', 'what the files are called, before the dot (default: as the first file)')
    .option('--force', 'write over files that are there')
    .option('--passphrase-file <file>', 'open keys and .pfx files with the passphrase in this file')
    .option('--passphrase-env <name>', 'open them with the passphrase in this environment variable')
    .option('--new-passphrase-file <file>', 'encrypt what is written with the passphrase in this file')
    .option('--new-passphrase-env <name>', 'encrypt it with the passphrase in this environment variable')
    .option('--no-passphrase', 'write the private key unencrypted: whoever has the file has the key')
    .option('--legacy', 'encrypt with triple DES and SHA-1, for readers that know nothing newer')
    .option('--bag-attributes', 'write friendlyName and localKeyID above each block, as openssl pkcs12 does')
    .option('--keep-all', 'keep certificates that do not belong to the chain, at its end')
    .option('--format <format>', 'pretty or json', oneOf('--format', OUTPUTS), 'pretty')
    .addHelpText('after', WHAT_IT_DOES + examples(EXAMPLES))
    .action(async (paths: string[], flags: Flags) => finish(await runConvert(paths, flags)));
}

async function runConvert(paths: readonly string[], flags: Flags): Promise<ExitCode> {
  if (flags.out !== undefined && flags.outDir !== undefined) {
    throw new UsageError('--out and --out-dir exclude each other; give one of them.');
  }
  refuseWrongPart(flags);
  const passphrase = await readPassphrase(flags);
  const fresh = await newPassphrase(flags);
  const sources = await readSources(paths);
  let material: Material | undefined;
  try {
    material = await readMaterial(sources, passphrase);
    const conversion = await convert(material, wishOf(flags, { material, passphrase, fresh }));
    const written = write(conversion.results, flags, paths[0]!);
    if (flags.out !== '-') report(conversion, written, flags.format);
    return EXIT.ok;
  } catch (error) {
    if (!(error instanceof ConversionError)) throw error;
    complainAbout(error, flags.format);
    return EXIT.refused;
  } finally {
    if (material !== undefined) wipeMaterial(material);
    passphrase?.fill(0);
    fresh?.fill(0);
  }
}

/** What a format cannot hold is a mistake on the command line. */
function refuseWrongPart({ to, only }: Flags): void {
  if (only === undefined) return;
  if (to === 'pkcs12') {
    throw new UsageError('--to pkcs12 takes key, certificate and chain together; leave --only away.');
  }
  if (to === 'pkcs7' && only !== 'crt' && only !== 'chain') {
    throw new UsageError(`--to pkcs7 holds certificates; --only ${only} has none. It takes crt or chain.`);
  }
}

async function newPassphrase(flags: Flags): Promise<Uint8Array | undefined> {
  const { newPassphraseFile, newPassphraseEnv } = flags;
  const wanted = newPassphraseFile !== undefined || newPassphraseEnv !== undefined;
  if (wanted && flags.passphrase === false) {
    throw new UsageError('--no-passphrase and a new passphrase contradict each other; give one of them.');
  }
  if (newPassphraseFile !== undefined && newPassphraseEnv !== undefined) {
    throw new UsageError('--new-passphrase-file and --new-passphrase-env exclude each other; give one of them.');
  }
  const bytes = await readPassphrase({
    ...(newPassphraseFile !== undefined && { passphraseFile: newPassphraseFile }),
    ...(newPassphraseEnv !== undefined && { passphraseEnv: newPassphraseEnv }),
  });
  if (bytes?.length === 0)
    throw new UsageError('the new passphrase is empty. To write the key unencrypted, say --no-passphrase.');
  return bytes;
}

async function readSources(paths: readonly string[]): Promise<Source[]> {
  const sources: Source[] = [];
  for (const path of paths) {
    try {
      sources.push({ path, bytes: await readUpTo(path) });
    } catch (error) {
      throw new UsageError(`${path} cannot be opened: ${systemReason(error)}.`);
    }
  }
  return sources;
}

interface Passphrases {
  readonly material: Material;
  readonly passphrase: Uint8Array | undefined;
  readonly fresh: Uint8Array | undefined;
}

function wishOf(flags: Flags, { material, passphrase, fresh }: Passphrases): Wish {
  const kept = material.keys.some(({ wasEncrypted }) => wasEncrypted) || flags.to === 'pkcs12' ? passphrase : undefined;
  const chosen = flags.passphrase === false ? undefined : (fresh ?? kept);
  if (chosen !== undefined && material.keys.length > 0) warnOfCharacters(chosen, material);
  return {
    format: flags.to,
    only: flags.only,
    passphrase: chosen,
    protection: flags.legacy === true ? 'legacy' : 'modern',
    bagAttributes: flags.bagAttributes === true,
    keepAll: flags.keepAll === true,
  };
}

function warnOfCharacters(passphrase: Uint8Array, { remarks }: Material): void {
  const others = unsupportedCharacters(new TextDecoder().decode(passphrase));
  if (others.length === 0) return;
  remarks.push(
    `The passphrase holds ${others.join(', ')}, which the appliance does not support. Make another (certgate passphrase new) and name it with --new-passphrase-file.`,
  );
}

interface Written {
  readonly path: string;
  readonly result: Result;
}

function write(results: readonly Result[], flags: Flags, first: string): Written[] {
  const { out, outDir = '', force = false } = flags;
  if (out !== undefined && results.length > 1) {
    const parts = results.map(({ part }) => `--only ${part}`).join(', ');
    throw new UsageError(
      `${results.length} files come of this; --out takes one. Choose one with ${parts}, or name a folder: --out-dir DIR.`,
    );
  }
  if (out === '-') {
    process.stdout.write(results[0]!.bytes);
    return [];
  }
  const base = flags.name ?? basename(first, extname(first));
  const written = results.map((result) => ({ result, path: out ?? join(outDir, `${base}${result.extension}`) }));
  const instead = `Choose another place (${out === undefined ? '--out-dir DIR or --name NAME' : '--out FILE'}), or add --force to write over it.`;
  mustBeNew(
    written.map(({ path }) => path),
    { force, instead },
  );
  for (const { path, result } of written) {
    makeFolder(dirname(path));
    writeFile(path, result.bytes, { mode: result.secret ? PRIVATE : PUBLIC, force, instead });
  }
  return written;
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw cannotWrite(folder, error);
  }
}

function report({ remarks }: Conversion, written: readonly Written[], format: Flags['format']): void {
  if (format === 'json') {
    const files = written.map(({ path, result: { part, description } }) => ({ path, part, description }));
    print(`${safeJson({ written: files, remarks }, 2)}\n`);
    return;
  }
  const style = styleOf(process.stdout);
  for (const { path, result } of written) {
    print(`${style.paint('green', style.sign.ok)} ${visible(path)}: ${visible(result.description)}\n`);
  }
  for (const remark of remarks) {
    const [head = '', ...rest] = wrap(visible(remark), style.columns - 2);
    print(`${style.paint('yellow', style.sign.warning)} ${[head, ...rest].join('\n  ')}\n`);
  }
}

function complainAbout({ message, fix }: ConversionError, format: Flags['format']): void {
  if (format === 'json') {
    print(`${safeJson({ error: message, ...(fix !== undefined && { fix }) }, 2)}\n`);
    return;
  }
  const style = styleOf(process.stderr);
  process.stderr.write(`${style.paint('red', 'certgate:')} ${visible(message)}\n`);
  if (fix !== undefined) process.stderr.write(`What to do: ${visible(fix)}\n`);
}
