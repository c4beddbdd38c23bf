import { createHash } from 'node:crypto';
import { extname } from 'node:path';
import type { Command } from 'commander';
import type { Report } from '../core/base/finding.ts';
import { CheckOptionsError } from '../core/check/options.ts';
import { ProfileError } from '../core/requirements/profile.ts';
import { DerError } from '../core/der/errors.ts';
import type { BlockKind } from '../core/files/content.ts';
import { identify } from '../core/files/identify.ts';
import { parseCertificate } from '../core/x509/certificate.ts';
import { parseCsr } from '../core/x509/csr.ts';
import { toPem } from '../making/encode/der.ts';
import { namesFor } from '../making/issue/issue.ts';
import { spkiOf } from '../making/issue/key.ts';
import { newRequest, requestWith } from '../making/issue/request.ts';
import { checkRequest } from '../making/issue/request-check.ts';
import { nodeCrypto } from '../platform/crypto/node-crypto.ts';
import { EXIT, type ExitCode, UsageError } from './failure.ts';
import { type PassphraseOptions, readOptionFile, readPassphrase } from './inputs.ts';
import { type OpenKey, readKey } from './key-input.ts';
import type { Finish } from './main.ts';
import { examples, oneOf } from './options.ts';
import { note, print, styleOf } from './output.ts';
import { renderRequestReport } from './render/request.ts';
import { safeJson, visible } from './render/text.ts';
import { addSubjectOptions, namesSubject, readSubject, type SubjectFlags } from './subject-options.ts';
import { mustBeNew, writeFile } from './written-files.ts';

const FORMATS = ['pretty', 'json'] as const;

interface NewFlags extends SubjectFlags, PassphraseOptions {
  readonly key?: string;
  readonly like?: string;
  readonly out?: string;
  readonly force?: true;
  readonly allowUnsupported?: true;
  readonly format: (typeof FORMATS)[number];
}

interface CheckFlags extends PassphraseOptions {
  readonly key?: string;
  readonly hostname?: string;
  readonly role?: 'sensor' | 'ha';
  readonly profile?: string;
  readonly format: (typeof FORMATS)[number];
}

const NEW_EXAMPLES = [
  'certgate csr new --key sensor.key --passphrase-file sensor.txt --cn sensor.contoso.com \\',
  "    --country US --organization 'Contoso Inc.' --unit 'OT Security' --san 10.1.2.3",
  'certgate csr --like sensor.crt --key sensor-2.key --passphrase-file sensor.txt',
];
const CHECK_EXAMPLES = [
  'certgate csr check sensor.csr',
  'certgate csr check sensor.csr --key sensor.key --passphrase-file sensor.txt',
];

export function defineCsr(command: Command, finish: Finish): void {
  const make = command
    .command('new', { isDefault: true })
    .description(
      "Makes a certificate request in the vendor's order: C, ST, L, O, OU, CN, emailAddress; with the CN as subjectAltName.",
    )
    .helpOption('-h, --help', 'this help');
  addSubjectOptions(make)
    .option('--key <file>', 'the private key that the certificate is for; certgate key new makes one')
    .option('--like <certificate>', 'renew: the same subject, field by field, and the same names as this certificate')
    .option('--passphrase-file <file>', 'read the passphrase of the key from a file')
    .option('--passphrase-env <name>', 'read the passphrase of the key from an environment variable')
    .option('--out <file>', 'where the request goes (default: beside the key, ending in .csr)')
    .option('--force', 'write over the request that is there')
    .option('--allow-unsupported', 'make the request although the vendor does not support what it asks for')
    .option('--format <format>', 'pretty or json', oneOf('--format', FORMATS), 'pretty')
    .addHelpText('after', ADDRESSES + examples(NEW_EXAMPLES))
    .action(async (flags: NewFlags) => finish(await runNew(flags)));
  command
    .command('check')
    .argument('<FILE>', 'the request, PEM or DER')
    .description('Judges a request by the rules that its certificate will be judged by.')
    .helpOption('-h, --help', 'this help')
    .option('--key <file>', 'the private key: is it the one of the request')
    .option('--passphrase-file <file>', 'read the passphrase of the key from a file')
    .option('--passphrase-env <name>', 'read the passphrase of the key from an environment variable')
    .option('--hostname <name>', 'the name of the appliance, which the request must carry')
    .option('--role <role>', 'what the appliance is: sensor or ha', oneOf('--role', ['sensor', 'ha'] as const))
    .option('--profile <id|file>', 'the rules to judge by (default: defender-iot)')
    .option('--format <format>', 'pretty or json', oneOf('--format', FORMATS), 'pretty')
    .addHelpText('after', examples(CHECK_EXAMPLES))
    .action(async (path: string, flags: CheckFlags) => finish(await runCheck(path, flags)));
  command.addHelpText('after', examples([...NEW_EXAMPLES, ...CHECK_EXAMPLES]));
}

const ADDRESSES = `
Users who open the console by IP address need that address in the certificate, beside the
name: --san 10.1.2.3. The CN stays a domain name; the appliance refuses an address there.
`;

async function runNew(flags: NewFlags): Promise<ExitCode> {
  if (flags.key === undefined) {
    throw new UsageError('--key is missing: certgate key new sensor.key makes a key, --key sensor.key uses it.');
  }
  const out = flags.out ?? `${withoutExtension(flags.key)}.csr`;
  mustBeNew([out], { force: flags.force === true });
  const key = await readKey('--key', flags.key, flags);
  const csr = await makeRequest(key, flags);
  const at = new Date();
  const files = { csr, key: key.bytes, passphrase: key.passphrase };
  const report = await checkRequest(out, files, { at }, nodeCrypto);
  const good = report.verdict === 'accepted' || (report.verdict === 'unsupported' && flags.allowUnsupported === true);
  if (good) writeFile(out, toPem('CERTIFICATE REQUEST', csr), { force: flags.force === true });
  if (flags.format === 'json') print(`${safeJson(dataOf(csr, good ? out : undefined, report), 2)}\n`);
  else print(good ? written(csr, out, report) : renderRequestReport(styleOf(process.stdout), report));
  if (!good)
    note(`${out} was not written.${report.verdict === 'unsupported' ? ' --allow-unsupported writes it.' : ''}`);
  return good ? EXIT.ok : EXIT.refused;
}

const withoutExtension = (path: string): string => path.slice(0, path.length - extname(path).length);

async function makeRequest(key: OpenKey, flags: NewFlags): Promise<Uint8Array> {
  if (flags.like === undefined) return newRequest(readSubject(flags), key.privateKey);
  if (namesSubject(flags)) {
    throw new UsageError(
      '--like takes the whole subject from the certificate; --cn, --country and so on do not go with it.',
    );
  }
  const der = await readBlock('--like', flags.like, ['certificate', 'trusted-certificate']);
  try {
    const old = parseCertificate(der);
    if (sameBytes(old.subjectPublicKeyInfo.element.der(), spkiOf(key.privateKey))) {
      note('the key is the one of the old certificate; a renewal is the occasion for a new one (certgate key new).');
    }
    const names = [...new Set([...namesFor(old), ...(flags.san ?? [])])];
    return requestWith(old.subject.element.der(), names, key.privateKey);
  } catch (error) {
    if (error instanceof DerError) throw new UsageError(`--like ${flags.like} is damaged: ${error.message}.`);
    throw error;
  }
}

const sameBytes = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;

/** The first block of one of these kinds. @throws {UsageError} that says what the file is instead */
export async function readBlock(option: string, path: string, kinds: readonly BlockKind[]): Promise<Uint8Array> {
  const content = identify(await readOptionFile(option, path));
  const block = content.blocks.find(({ kind }) => kinds.includes(kind));
  if (block !== undefined) return block.der;
  const wanted = kinds.includes('csr') ? 'a certificate request' : 'a certificate';
  throw new UsageError(`${option} ${path} is ${content.description}; ${wanted} is needed, PEM or DER.`);
}

async function runCheck(path: string, flags: CheckFlags): Promise<ExitCode> {
  const csr = await readBlock('FILE', path, ['csr']).catch((error: unknown) => {
    throw error instanceof UsageError ? new UsageError(error.message.replace(/^FILE /, '')) : error;
  });
  const { profile, hostname, role } = flags;
  const key = flags.key === undefined ? undefined : await readOptionFile('--key', flags.key);
  const passphrase = await readPassphrase(flags);
  const options = {
    at: new Date(),
    ...(profile !== undefined && { profile: await (await import('./profile-file.ts')).findProfile(profile) }),
    ...(hostname !== undefined && { hostname }),
    ...(role !== undefined && { role }),
  };
  const report = await checkRequest(path, { csr, key, passphrase }, options, nodeCrypto).catch((error: unknown) => {
    throw error instanceof CheckOptionsError || error instanceof ProfileError ? new UsageError(error.message) : error;
  });
  if (flags.format === 'json') print(`${safeJson(report, 2)}\n`);
  else
    print(
      renderRequestReport(styleOf(process.stdout), report, {
        'sensor.csr': path,
        ...(flags.key && { 'sensor.key': flags.key }),
      }),
    );
  return report.verdict === 'accepted' ? EXIT.ok : EXIT.refused;
}

function dataOf(csr: Uint8Array, path: string | undefined, report: Report) {
  const request = parseCsr(csr);
  return {
    csr: path ?? null,
    subject: request.subject.toString(),
    names: namesFor(request),
    publicKeySha256: createHash('sha256').update(request.subjectPublicKeyInfo.element.der()).digest('hex'),
    report,
  };
}

function written(csr: Uint8Array, out: string, report: Report): string {
  const style = styleOf(process.stdout);
  const { subject, names, publicKeySha256 } = dataOf(csr, out, report);
  const problems = report.findings.filter(({ status }) => status === 'warning' || status === 'unsupported');
  return [
    `${style.paint('green', style.sign.ok)} ${visible(out)}`,
    `  subject     ${visible(subject)}`,
    `  names       ${visible(names.join(', '))}`,
    `  public key  SHA-256 ${publicKeySha256}`,
    ...problems.map(({ message }) => `  ${style.sign.warning} ${visible(message)}`),
    '  next: send it to your CA; public CAs leave O and OU out, so take a private one',
    '',
  ].join('\n');
}
