import type { Command } from 'commander';
import { type Api, openHostApi } from '../app/host-api.ts';
import { EXIT, type ExitCode } from './failure.ts';
import { readOptionFile } from './inputs.ts';
import type { Finish } from './main.ts';
import { examples } from './options.ts';
import { print } from './output.ts';
import { visible } from './render/text.ts';
import { expectOk } from './server/answers.ts';
import { addConfigOptions, type ConfigFlags, configOf, explained } from './server/config-options.ts';
import { requireSubcommand } from './subcommands.ts';

interface Anchor {
  readonly id: string;
  readonly name: string;
  readonly fingerprint: string;
  readonly notAfter: string;
}
interface Candidate extends Omit<Anchor, 'id'> {
  readonly problem?: string;
  readonly warnings: readonly string[];
}

const EXAMPLES = [
  'certgate anchor add root.crt',
  "certgate anchor add root.crt --fingerprint 'FA:58:A5:…' --name 'Plant Root CA'",
  'certgate anchor list',
];

export function defineAnchor(command: Command, finish: Finish): void {
  requireSubcommand(command);
  addConfigOptions(command.command('add'))
    .argument('<FILE>', "the CA's certificate, or a chain that holds it")
    .description('Trusts a CA. Without --fingerprint it shows what the file holds, and trusts nothing.')
    .option('--fingerprint <sha256>', 'the SHA-256 of the certificate, compared with what the CA publishes')
    .option('--name <name>', 'what it is called (default: its common name)')
    .helpOption('-h, --help', 'this help')
    .addHelpText('after', examples(EXAMPLES.slice(0, 2)))
    .action(async (file: string, flags: AddFlags) => finish(await withApi(flags, (api) => add(api, file, flags))));
  addConfigOptions(command.command('list'))
    .description('Shows whom Certgate trusts.')
    .helpOption('-h, --help', 'this help')
    .addHelpText('after', examples(EXAMPLES.slice(2)))
    .action(async (flags: ConfigFlags) => finish(await withApi(flags, list)));
  addConfigOptions(command.command('remove'))
    .argument('<FINGERPRINT>', 'its SHA-256, as certgate anchor list shows it')
    .description('No longer trusts a CA: nothing below it is let in any more.')
    .helpOption('-h, --help', 'this help')
    .addHelpText('after', examples(["certgate anchor remove 'FA:58:A5:…'"]))
    .action(async (mark: string, flags: ConfigFlags) => finish(await withApi(flags, (api) => remove(api, mark))));
  command.addHelpText('after', examples(EXAMPLES));
}

interface AddFlags extends ConfigFlags {
  readonly fingerprint?: string;
  readonly name?: string;
}

async function withApi(flags: ConfigFlags, work: (api: Api) => Promise<ExitCode>): Promise<ExitCode> {
  const config = explained(() => configOf(flags));
  const api = await explained(() => openHostApi(config));
  try {
    return await work(api);
  } finally {
    await api.close();
  }
}

async function add(api: Api, file: string, { fingerprint, name }: AddFlags): Promise<ExitCode> {
  const certificate = Buffer.from(await readOptionFile('FILE', file)).toString('base64');
  if (fingerprint === undefined) {
    const found = expectOk<Candidate[]>(await api.send('POST', '/api/v1/anchors/inspect', { certificate }));
    print(`${found.map(describe).join('\n')}\n\nNothing is trusted yet. Compare with what your CA publishes, then:\n`);
    const usable = found.find(({ problem }) => problem === undefined);
    if (usable !== undefined) print(`  certgate anchor add ${file} --fingerprint ${usable.fingerprint}\n`);
    return EXIT.refused;
  }
  const anchor = expectOk<Anchor>(await api.send('POST', '/api/v1/anchors', { certificate, fingerprint, name }));
  print(`"${visible(anchor.name)}" is a trust anchor now, until ${anchor.notAfter.slice(0, 10)}.\n`);
  return EXIT.ok;
}

function describe({ name, fingerprint, notAfter, problem, warnings }: Candidate): string {
  const remarks = [...(problem === undefined ? [] : [problem]), ...warnings].map((text) => `\n  ${visible(text)}`);
  return `${visible(name)}, until ${notAfter.slice(0, 10)}\n  SHA-256 ${fingerprint}${remarks.join('')}`;
}

async function list(api: Api): Promise<ExitCode> {
  const anchors = expectOk<Anchor[]>(await api.send('GET', '/api/v1/anchors'));
  const lines = anchors.map((anchor) => describe({ ...anchor, warnings: [] }));
  print(lines.length === 0 ? 'There is no trust anchor yet: certgate anchor add FILE\n' : `${lines.join('\n')}\n`);
  return EXIT.ok;
}

async function remove(api: Api, mark: string): Promise<ExitCode> {
  const plain = (text: string): string => text.replaceAll(/[\s:]/g, '').toLowerCase();
  const anchors = expectOk<Anchor[]>(await api.send('GET', '/api/v1/anchors'));
  const id = anchors.find(({ fingerprint }) => plain(fingerprint) === plain(mark))?.id ?? 'unknown';
  const { name } = expectOk<Anchor>(await api.send('DELETE', `/api/v1/anchors/${id}`));
  print(`"${visible(name)}" is no trust anchor any more.\n`);
  return EXIT.ok;
}
