import type { Command } from 'commander';
import type { Report } from '../core/base/finding.ts';
import { toPem } from '../making/encode/der.ts';
import { probe, type Probed, ProbeError, type ProbeTarget } from '../platform/tls/probe.ts';
import { STARTTLS, type StartTls, StartTlsError } from '../platform/tls/starttls.ts';
import { EXIT, type ExitCode, UsageError } from './failure.ts';
import { readTime, trustFiles } from './inputs.ts';
import { createJudge } from './judge.ts';
import type { Finish } from './main.ts';
import { examples, oneOf } from './options.ts';
import { print, styleOf } from './output.ts';
import { renderReport } from './render/report.ts';
import { summarise } from './render/summary.ts';
import { safeJson, visible } from './render/text.ts';

const FORMATS = ['pretty', 'json'] as const;

interface Flags {
  readonly starttls?: StartTls;
  readonly hostname?: string;
  readonly trust?: readonly string[];
  readonly crl?: 'on' | 'off';
  readonly crlProxy?: string;
  readonly profile?: string;
  readonly at?: Date;
  readonly timeout: number;
  readonly allowUnsupported?: true;
  readonly format: (typeof FORMATS)[number];
}

const collect = (value: string, previous: readonly string[] = []): readonly string[] => [...previous, value];

export function defineProbe(command: Command, finish: Finish): void {
  command
    .argument('<HOST:PORT>', 'the server; without a port 443, an IPv6 address in brackets')
    .option('--starttls <protocol>', `first speak ${STARTTLS.join(', ')}`, oneOf('--starttls', STARTTLS))
    .option('--hostname <name>', 'the name to ask for (SNI), which the certificate must carry; default: the host')
    .option('--trust <file|folder>', "your own root certificates; without them the chain's root is trusted", collect)
    .option('--crl <on|off>', 'fetch CRLs and check against them', oneOf('--crl', ['on', 'off'] as const))
    .option('--crl-proxy <url>', 'fetch CRLs through this HTTP proxy')
    .option('--profile <id|file>', 'the rules to judge by (default: defender-iot)')
    .option('--at <time>', 'judge for this time instead of now: 2027-01-31, 2027-01-31T08:00:00Z', readTime)
    .option('--timeout <seconds>', 'give up after so many seconds', readSeconds, 10)
    .option('--allow-unsupported', 'exit with 0 for an unsupported certificate, too')
    .option('--format <format>', 'pretty or json', oneOf('--format', FORMATS), 'pretty')
    .addHelpText(
      'after',
      examples([
        'certgate probe sensor.contoso.com',
        'certgate probe 10.0.0.5:443 --hostname sensor.contoso.com --trust root-ca.crt',
        'certgate probe mail.contoso.com:25 --starttls smtp',
        'certgate probe db.contoso.com:5432 --starttls postgres --format json',
      ]),
    )
    .action(async (address: string, flags: Flags) => finish(await runProbe(address, flags)));
}

function readSeconds(text: string): number {
  const seconds = Number(text);
  if (seconds > 0 && seconds <= 600) return seconds;
  throw new UsageError(`--timeout ${text} is no number of seconds between 0 and 600.`);
}

async function runProbe(address: string, flags: Flags): Promise<ExitCode> {
  const { host, port } = readAddress(address);
  const hostname = flags.hostname ?? host;
  const probed = await ask({
    host,
    port,
    serverName: hostname,
    timeoutMs: flags.timeout * 1000,
    ...(flags.starttls !== undefined && { startTls: flags.starttls }),
  });
  const name = `${host}:${port}`;
  const report = await judgeProbed(name, probed, { ...flags, hostname });
  if (flags.format === 'json') {
    const { chain: _chain, ...tls } = probed;
    print(`${safeJson({ target: name, tls, reports: [report], summary: summarise([report]) }, 2)}\n`);
  } else {
    const view = { report, handed: { crt: name, key: undefined, chain: undefined }, everything: false };
    print(
      `${connectionLine(probed)}\n\n${renderReport(styleOf(process.stdout), { ...view, allowed: flags.allowUnsupported === true })}`,
    );
  }
  const fine = report.verdict === 'accepted' || (report.verdict === 'unsupported' && flags.allowUnsupported === true);
  return fine ? EXIT.ok : EXIT.refused;
}

/** `host`, `host:port`, `[address]:port`. */
function readAddress(address: string): { host: string; port: number } {
  const match = /^(?:\[([^\]]+)\]|([^:\s]+))(?::(\d{1,5}))?$/.exec(address);
  const port = Number(match?.[3] ?? 443);
  if (match === null || port < 1 || port > 65_535) {
    throw new UsageError(`${address} is no address. Give it as sensor.contoso.com:443 or [2001:db8::5]:443.`);
  }
  return { host: match[1] ?? match[2]!, port };
}

/** A server that cannot be reached is no verdict on a certificate: exit 2. */
async function ask(target: ProbeTarget): Promise<Probed> {
  try {
    return await probe(target);
  } catch (error) {
    if (error instanceof ProbeError || error instanceof StartTlsError) throw new UsageError(error.message);
    throw error;
  }
}

async function judgeProbed(name: string, { chain }: Probed, flags: Flags): Promise<Report> {
  const [leaf, ...rest] = chain.map((der) => Buffer.from(toPem('CERTIFICATE', der)));
  if (leaf === undefined) throw new UsageError(`${name} presented no certificate.`);
  const trust = flags.trust === undefined ? undefined : (await Promise.all(flags.trust.map(trustFiles))).flat();
  const { profile, hostname, crl, crlProxy } = flags;
  const judge = await createJudge({
    at: flags.at ?? new Date(),
    ...(profile !== undefined && { profile }),
    ...(hostname !== undefined && isHostName(hostname) && { hostname }),
    ...(trust !== undefined && { trust }),
    ...(crl !== undefined && { crl }),
    ...(crlProxy !== undefined && { crlProxy }),
  });
  return judge.one({ name, crt: leaf, key: undefined, chain: rest.length === 0 ? undefined : Buffer.concat(rest) });
}

/** An appliance that is dialled by address still has a name of its own, which nobody told us. */
const isHostName = (name: string): boolean => !/^[\d.]+$|:/.test(name);

function connectionLine({ protocol, cipher, keyExchange, chain, handshakeMs }: Probed): string {
  const parts = [
    visible(protocol),
    visible(cipher),
    ...(keyExchange === undefined ? [] : [`key exchange ${visible(keyExchange)}`]),
    `${chain.length} certificate${chain.length === 1 ? '' : 's'} sent`,
    `handshake ${Math.round(handshakeMs)} ms`,
  ];
  return parts.join(' · ');
}
