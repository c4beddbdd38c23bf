import type { Command } from 'commander';
import type { Location } from '../core/base/finding.ts';
import { formatTime } from '../core/der/time.ts';
import { toHex } from '../core/der/values.ts';
import { identify } from '../core/files/identify.ts';
import type { Attempt } from '../core/path/build.ts';
import { parseIpAddress } from '../core/path/names/ip-address.ts';
import type { ParsedCertificate } from '../core/path/parsed-certificate.ts';
import type { PeerName, Purpose, RevocationMode } from '../core/path/question.ts';
import { PATH_SETTINGS, type PathProfile } from '../core/path/settings.ts';
import { type ExploredPath, PathValidator } from '../core/path/validate.ts';
import { parseCertificate } from '../core/x509/certificate.ts';
import { nodeCrypto } from '../platform/crypto/node-crypto.ts';
import { publicSuffixOf } from '../platform/names/public-suffix.ts';
import { EXIT, type ExitCode, UsageError } from './failure.ts';
import { readOptionFile, readTime, trustFiles } from './inputs.ts';
import type { Finish } from './main.ts';
import { examples, oneOf } from './options.ts';
import { print, styleOf } from './output.ts';
import { renderPath, type PathView, type Rung } from './render/path.ts';
import { safeJson } from './render/text.ts';

const PROFILES = Object.keys(PATH_SETTINGS) as PathProfile[];
const PURPOSES = ['server', 'client', 'any'] as const;
const MODES = ['off', 'if-available', 'required'] as const;
const FORMATS = ['pretty', 'json'] as const;

interface Flags {
  readonly chain?: readonly string[];
  readonly untrusted?: readonly string[];
  readonly trust?: readonly string[];
  readonly crlFile?: readonly string[];
  readonly purpose: Purpose;
  readonly hostname?: readonly string[];
  readonly email?: readonly string[];
  readonly at?: Date;
  readonly profile: PathProfile;
  readonly revocation?: RevocationMode;
  readonly json?: true;
  readonly format: (typeof FORMATS)[number];
}

const collect = (value: string, previous: readonly string[] = []): readonly string[] => [...previous, value];

export function defineVerify(command: Command, finish: Finish): void {
  command
    .argument('<CERTIFICATE>', 'the certificate to verify; CA certificates in the same file are taken as its chain')
    .option('--chain <file>', 'certificates of CAs, in any order (repeat for more)', collect)
    .option('--untrusted <file>', 'the same, as openssl calls it', collect)
    .option('--trust <file|folder>', "trust anchors; without them the chain's own root is the reference", collect)
    .option('--crl-file <file>', 'a CRL to check every certificate of the path against (repeat for more)', collect)
    .option('--revocation <mode>', `${MODES.join(', ')}; with CRLs required, else off`, oneOf('--revocation', MODES))
    .option('--purpose <purpose>', 'server, client or any', oneOf('--purpose', PURPOSES), 'server')
    .option('--hostname <name>', 'a host name or IP address that the certificate must carry', collect)
    .option('--email <address>', 'an e-mail address that the certificate must carry', collect)
    .option('--at <time>', 'judge for this time instead of now: 2027-01-31, 2027-01-31T08:00:00Z', readTime)
    .option('--profile <profile>', 'appliance, rfc5280 or webpki', oneOf('--profile', PROFILES), 'appliance')
    .option('--json', 'the same as --format json')
    .option('--format <format>', 'pretty or json', oneOf('--format', FORMATS), 'pretty')
    .addHelpText(
      'after',
      examples([
        'certgate verify sensor.crt --chain chain.pem --trust root-ca.crt',
        'certgate verify sensor.crt --chain chain.pem --hostname sensor.contoso.com',
        'certgate verify sensor.crt --chain chain.pem --trust root-ca.crt --crl-file issuing.crl --crl-file root.crl',
        'certgate verify partner.pem --trust anchors/ --purpose server --json',
      ]),
    )
    .action(async (path: string, flags: Flags) => finish(await runVerify(path, flags)));
}

interface Held {
  readonly der: Uint8Array;
  readonly place: Location;
}

async function runVerify(path: string, flags: Flags): Promise<ExitCode> {
  const [leaf, ...beside] = certificatesOf(path, await readOptionFile('CERTIFICATE', path));
  if (leaf === undefined)
    throw new UsageError(`${path} holds no certificate; certgate inspect ${path} says what it is.`);
  const files = [...(flags.chain ?? []), ...(flags.untrusted ?? [])];
  const chains = await Promise.all(
    files.map(async (file) => certificatesOf(file, await readOptionFile('--chain', file))),
  );
  const intermediates = [...beside, ...chains.flat()];
  const anchors = flags.trust === undefined ? intermediates.filter(isRoot) : await readAnchors(flags.trust);
  const crls = flags.crlFile === undefined ? undefined : await readCrls(flags.crlFile);
  const validator = new PathValidator(
    { trustAnchors: anchors.map(({ der }) => der), profile: flags.profile, ...(crls && { crls }) },
    { crypto: nodeCrypto, publicSuffixOf },
  );
  const at = flags.at ?? new Date();
  const explored = validator.explore({
    leaf: leaf.der,
    intermediates: intermediates.map(({ der }) => der),
    at,
    purpose: flags.purpose,
    peerNames: peerNamesOf(flags),
    ...(flags.revocation && { revocation: flags.revocation }),
  });
  const view = viewOf(explored, { leaf, intermediates, anchors }, flags, at);
  const json = flags.json === true || flags.format === 'json';
  print(json ? `${safeJson(view, 2)}\n` : renderPath(styleOf(process.stdout), view));
  return explored.valid ? EXIT.ok : EXIT.refused;
}

function peerNamesOf({ hostname = [], email = [] }: Flags): PeerName[] {
  const hosts = hostname.map((value) => ({ kind: parseIpAddress(value) ? 'ip' : 'dns', value }) as const);
  return [...hosts, ...email.map((value) => ({ kind: 'email', value }) as const)];
}

function certificatesOf(file: string, bytes: Uint8Array): Held[] {
  return identify(bytes)
    .blocks.filter(({ kind }) => kind === 'certificate' || kind === 'trusted-certificate')
    .map(({ der, index }) => ({ der, place: { file, block: index } }));
}

async function readAnchors(paths: readonly string[]): Promise<Held[]> {
  const files = (await Promise.all(paths.map(trustFiles))).flat();
  const anchors = files.flatMap(({ path, bytes }) => certificatesOf(path, bytes));
  if (anchors.length === 0) throw new UsageError(`--trust ${paths.join(', ')} holds no certificate.`);
  return anchors;
}

async function readCrls(paths: readonly string[]): Promise<Uint8Array[]> {
  const crls = await Promise.all(
    paths.map(async (path) => {
      const bytes = await readOptionFile('--crl-file', path);
      const content = identify(bytes);
      // Larger than anything else that people hand in, and nothing but DER.
      if (content.form === 'too-large') return [bytes];
      const blocks = content.blocks.filter(({ kind }) => kind === 'crl');
      if (blocks.length === 0)
        throw new UsageError(`--crl-file ${path} holds no CRL; certgate inspect ${path} says what it is.`);
      return blocks.map(({ der }) => der);
    }),
  );
  return crls.flat();
}

function isRoot({ der }: Held): boolean {
  try {
    return parseCertificate(der).isSelfIssued;
  } catch {
    // What cannot be read is no root; the validator says why it cannot.
    return false;
  }
}

interface Handed {
  readonly leaf: Held;
  readonly intermediates: readonly Held[];
  readonly anchors: readonly Held[];
}

function viewOf(explored: ExploredPath, handed: Handed, flags: Flags, at: Date): PathView {
  const { valid, verified, attempts, policies, origins } = explored;
  const placeOf = (node: ParsedCertificate): Location => {
    const { list, index } = origins.get(node) ?? { list: 'leaf', index: 0 };
    return (list === 'leaf' ? handed.leaf : handed[list === 'trustAnchors' ? 'anchors' : 'intermediates'][index]!)
      .place;
  };
  const revocation = flags.revocation ?? (flags.crlFile === undefined ? 'off' : 'required');
  const shown = verified === undefined ? attempts[0] : { ...verified, complete: true, problems: [] };
  return {
    valid,
    profile: flags.profile,
    at: formatTime(Math.floor(at.getTime() / 1000)),
    trust: flags.trust === undefined ? (handed.anchors.length > 0 ? 'own-chain' : 'none') : 'anchors',
    revocation,
    path: shown === undefined ? [] : rungsOf(shown, placeOf),
    policies: policies ?? [],
    findings: explored.findings.map((finding) => relocate(finding, handed)),
    otherAttempts: attempts.slice(verified === undefined ? 1 : 0).map(({ certificates, problems }) => ({
      path: certificates.map(({ title }) => title),
      reasons: problems.map(({ message }) => message),
    })),
  };
}

/** The library's lists are files here. */
function relocate(finding: PathView['findings'][number], handed: Handed): PathView['findings'][number] {
  const { location } = finding;
  if (location === undefined) return finding;
  const list = { leaf: [handed.leaf], intermediates: handed.intermediates, trustAnchors: handed.anchors }[
    location.file
  ];
  const held = list?.[location.block ?? 0];
  return held === undefined ? finding : { ...finding, location: { ...location, ...held.place } };
}

function rungsOf(
  { certificates, problems, complete }: Attempt,
  placeOf: (node: ParsedCertificate) => Location,
): Rung[] {
  return certificates
    .map((node, index) => {
      const { certificate } = node;
      const role = index === 0 ? 'leaf' : complete && index === certificates.length - 1 ? 'anchor' : 'intermediate';
      return {
        subject: node.title,
        role,
        serialNumber: toHex(certificate.serialNumber.content()),
        sha256: toHex(nodeCrypto.digest('sha256', certificate.der)),
        notBefore: formatTime(certificate.notBefore.seconds),
        notAfter: formatTime(certificate.notAfter.seconds),
        signedBy: index + 1 < certificates.length ? certificates[index + 1]!.title : undefined,
        location: placeOf(node),
        problems: problems
          .filter((problem) => problem.certificate === node)
          .map(({ message, found, required }) => ({ message, found, required })),
      } as const;
    })
    .toReversed();
}
