import type { Command } from 'commander';
import { toHex } from '../core/der/values.ts';
import type { Field } from '../core/x509/describe/field.ts';
import { nodeCrypto } from '../platform/crypto/node-crypto.ts';
import { EXIT, type ExitCode, systemReason } from './failure.ts';
import { type InspectedBlock, type InspectedFile, inspectFile } from './inspection.ts';
import { readPassphrase } from './inputs.ts';
import type { Finish } from './main.ts';
import { examples, oneOf } from './options.ts';
import { note, print, styleOf } from './output.ts';
import { readUpTo } from './read.ts';
import { relationsOf } from './relations.ts';
import { renderFile, renderRelations } from './render/inspect.ts';
import { safeJson } from './render/text.ts';

const FORMATS = ['pretty', 'json'] as const;

interface InspectFlags {
  readonly bytes?: true;
  readonly compare?: string;
  readonly passphraseFile?: string;
  readonly passphraseEnv?: string;
  readonly format: (typeof FORMATS)[number];
}

export function defineInspect(command: Command, finish: Finish): void {
  command
    .argument('<FILE...>', 'certificates, keys, requests, CRLs, in any form; several are compared with each other')
    .option('--bytes', 'show where each field stands in the DER, and its first bytes')
    .option('--passphrase-file <file>', 'open encrypted keys with the passphrase in this file')
    .option('--passphrase-env <name>', 'open encrypted keys with the passphrase in this environment variable')
    .option('--compare <sample>', 'the same fields in the same order as in this sample? Side by side')
    .option('--format <format>', 'pretty or json', oneOf('--format', FORMATS), 'pretty')
    .addHelpText(
      'after',
      examples([
        'certgate inspect sensor.crt',
        'certgate inspect sensor.crt sensor.key chain.pem',
        'certgate inspect --bytes --format json sensor.crt',
        'certgate inspect sensor.crt --compare sample.crt',
      ]),
    )
    .action(async (paths: string[], flags: InspectFlags) => finish(await runInspect(paths, flags)));
}

async function runInspect(paths: readonly string[], flags: InspectFlags): Promise<ExitCode> {
  if (flags.compare !== undefined) {
    return (await import('./compare/inspect-compare.ts')).compareWithSample(paths, flags.compare, flags.format);
  }
  const passphrase = await readPassphrase(flags);
  const files: InspectedFile[] = [];
  for (const path of paths) {
    let bytes: Uint8Array;
    try {
      bytes = await readUpTo(path);
    } catch (error) {
      note(`${path} cannot be opened: ${systemReason(error)}.`);
      continue;
    }
    files.push(await inspectFile(path, bytes, { crypto: nodeCrypto, passphrase }));
  }
  const relations = relationsOf(files, nodeCrypto);
  if (flags.format === 'json') {
    print(`${safeJson({ files: files.map((file) => fileData(file, flags.bytes === true)), relations }, 2)}\n`);
  } else {
    const style = styleOf(process.stdout);
    const view = { bytes: flags.bytes === true, now: Date.now() / 1000 };
    const texts = files.map((file) => renderFile(style, file, view));
    if (relations.length > 0) texts.push(renderRelations(style, relations));
    print(texts.join('\n'));
  }
  return files.length < paths.length ? EXIT.usage : EXIT.ok;
}

function fileData({ path, form, description, size, remarks, blocks }: InspectedFile, bytes: boolean) {
  return { path, form, description, size, remarks, blocks: blocks.map((block) => blockData(block, bytes)) };
}

function blockData({ index, kind, title, remarks, fields, facts, der }: InspectedBlock, bytes: boolean) {
  return { index, kind, title, remarks, facts, fields: bytes ? fields.map((field) => withHex(field, der)) : fields };
}

interface FieldWithHex extends Field {
  readonly hex: string;
}

function withHex(field: Field, der: Uint8Array): FieldWithHex {
  const hex = toHex(der.subarray(field.offset, field.offset + field.length));
  return { ...field, hex, children: field.children.map((child) => withHex(child, der)) };
}
