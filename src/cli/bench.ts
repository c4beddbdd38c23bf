import { cpus } from 'node:os';
import type { Command } from 'commander';
import { randomSerialNumber, signCertificate } from '../making/issue/certificate-fields.ts';
import { toPem } from '../making/encode/der.ts';
import { type KeySize, newKey } from '../making/issue/key.ts';
import { encodeName, subjectAttributes } from '../making/encode/name-fields.ts';
import { signingAlgorithm } from '../making/issue/sign.ts';
import { handshakeCost } from '../platform/tls/handshake-cost.ts';
import type { TlsIdentity } from '../platform/tls/server-options.ts';
import { EXIT, UsageError } from './failure.ts';
import type { Finish } from './main.ts';
import { examples, oneOf } from './options.ts';
import { note, print, styleOf } from './output.ts';
import { requireSubcommand } from './subcommands.ts';
import { safeJson } from './render/text.ts';

const FORMATS = ['pretty', 'json'] as const;
const BAR_COLUMNS = 32;

interface Row {
  readonly bits: KeySize;
  readonly mutual: boolean;
  /** CPU of the appliance's side for one new connection. */
  readonly cpuMs: number;
}

export function defineBench(command: Command, finish: Finish): void {
  requireSubcommand(command).addHelpText('after', examples(['certgate bench handshake']));
  command
    .command('handshake')
    .description('What a key of 4096 bits costs on this machine, beside one of 2048: CPU time for each new connection.')
    .helpOption('-h, --help', 'this help')
    .option('--count <number>', 'connections for each row', readCount, 100)
    .option('--format <format>', 'pretty or json', oneOf('--format', FORMATS), 'pretty')
    .addHelpText('after', examples(['certgate bench handshake', 'certgate bench handshake --count 1000 --format json']))
    .action(async ({ count, format }: { count: number; format: (typeof FORMATS)[number] }) => {
      if (format === 'pretty') note('measuring; this takes some seconds');
      const rows = await measure(count);
      const processor = cpus()[0]?.model ?? 'unknown';
      print(format === 'json' ? `${safeJson({ processor, count, rows }, 2)}\n` : render(rows, processor));
      finish(EXIT.ok);
    });
}

function readCount(text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count >= 5 && count <= 100_000) return count;
  throw new UsageError(`--count ${text} is no whole number from 5 to 100000.`);
}

async function measure(handshakes: number): Promise<Row[]> {
  const rows: Row[] = [];
  for (const bits of [2048, 4096] as const) {
    const identity = await throwaway(bits);
    for (const mutual of [false, true]) {
      const { cpuMs } = await handshakeCost(identity, { mutual, handshakes });
      rows.push({ bits, mutual, cpuMs });
    }
  }
  return rows;
}

async function throwaway(bits: KeySize): Promise<TlsIdentity> {
  const { privateKey, spki } = await newKey(bits);
  const name = encodeName(
    subjectAttributes({
      country: 'US',
      organization: 'Certgate',
      organizationalUnit: 'Bench',
      commonName: 'bench.invalid',
    }),
  );
  const now = Date.now();
  const certificate = signCertificate(
    {
      serialNumber: randomSerialNumber(),
      issuer: name,
      subject: name,
      notBefore: new Date(now - 3_600_000),
      notAfter: new Date(now + 86_400_000),
      subjectPublicKeyInfo: spki,
      extensions: [],
    },
    signingAlgorithm(privateKey),
  );
  const key = new Uint8Array(privateKey.export({ format: 'der', type: 'pkcs8' }));
  return { certificates: toPem('CERTIFICATE', certificate), key };
}

function render(rows: readonly Row[], processor: string): string {
  const style = styleOf(process.stdout);
  const most = Math.max(...rows.map(({ cpuMs }) => cpuMs));
  const lines = rows.map(({ bits, mutual, cpuMs }) => {
    const bar = '#'.repeat(Math.max(1, Math.round((cpuMs / most) * BAR_COLUMNS))).padEnd(BAR_COLUMNS);
    const perSecond = Math.floor(1000 / cpuMs);
    const what = `RSA ${bits}, ${mutual ? 'both sides' : 'server only'}`.padEnd(22);
    return `  ${what} ${style.paint(bits === 4096 ? 'yellow' : 'green', bar)} ${cpuMs.toFixed(2).padStart(6)} ms  ${`${perSecond}`.padStart(5)}/s`;
  });
  const ratio = (mutual: boolean): string => {
    const of = (bits: KeySize): number => rows.find((row) => row.bits === bits && row.mutual === mutual)!.cpuMs;
    return (of(4096) / of(2048)).toFixed(1);
  };
  return [
    `CPU time of the listening side for one new connection, TLS 1.3, and how many one core can take in a second`,
    `  ${style.paint('dim', processor)}`,
    '',
    ...lines,
    '',
    `Here a key of 4096 bits costs ${ratio(false)} times as much as one of 2048 (${ratio(true)} times where both sides show a`,
    'certificate). Only new connections cost this; what flows over them afterwards costs the same.',
    '',
  ].join('\n');
}
