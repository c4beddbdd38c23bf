import { once } from 'node:events';
import { formatTime } from '../../core/der/time.ts';
import { readBigInteger } from '../../core/der/values.ts';
import { baseNumberOf, numberOf } from '../../core/revocation/crl-facts.ts';
import type { OpenCrl } from '../../core/revocation/open-crl.ts';
import type { RevokedCertificate } from '../../core/x509/crl.ts';
import { reasonCode } from '../../core/x509/extensions/reason-code.ts';
import { EXIT, type ExitCode } from '../failure.ts';
import { styleOf } from '../output.ts';
import { safeJson, visible } from '../render/text.ts';
import { readCrl } from './crl-file.ts';

export interface ShowFlags {
  /** Hexadecimal digits. */
  readonly serial?: string;
  readonly reason?: string;
  readonly since?: Date;
  readonly until?: Date;
  readonly skip: number;
  readonly limit: number;
  readonly format: 'pretty' | 'json';
}

interface Row {
  readonly serial: string;
  readonly revokedAt: string;
  readonly reason?: string;
  /** Where it is not the CRL's own. */
  readonly certificateIssuer?: string;
}

/** Prints the head of a CRL and a page of its entries, line by line: a million of them take no more memory than ten. */
export async function showCrl(file: string, flags: ShowFlags): Promise<ExitCode> {
  const crl = await readCrl(file);
  await (flags.format === 'json' ? showJson(crl, flags) : showPretty(crl, file, flags));
  return EXIT.ok;
}

/** As openssl prints it: capitals, whole octets. */
export function serialText(entry: RevokedCertificate): string {
  const number = readBigInteger(entry.userCertificate, 'userCertificate');
  const digits = (number < 0n ? -number : number).toString(16).toUpperCase();
  return (number < 0n ? '-' : '') + (digits.length % 2 === 0 ? digits : `0${digits}`);
}

function* matching(crl: OpenCrl, flags: ShowFlags): Generator<Row> {
  let left = flags.skip;
  let room = flags.limit;
  const wanted = flags.serial?.replace(/^0+(?=.)/, '');
  for (const entry of crl.entries.entries()) {
    if (room <= 0) return;
    const date = entry.revocationDate.seconds;
    if (flags.since !== undefined && date < flags.since.getTime() / 1000) continue;
    if (flags.until !== undefined && date >= flags.until.getTime() / 1000) continue;
    const reason = entry.crlEntryExtensions.get(reasonCode)?.reason;
    if (flags.reason !== undefined && (reason ?? 'unspecified').toLowerCase() !== flags.reason.toLowerCase()) continue;
    const serial = serialText(entry);
    if (wanted !== undefined && !serial.replace(/^0/, '').startsWith(wanted)) continue;
    if (left-- > 0) continue;
    room--;
    const [issuer] = crl.certificateIssuers(entry);
    yield {
      serial,
      revokedAt: formatTime(date),
      ...(reason !== undefined && { reason }),
      ...(issuer !== undefined && !issuer.equals(crl.issuer) && { certificateIssuer: issuer.toString() }),
    };
  }
}

/** What stands above the entries; shared by both forms. */
const headOf = (crl: OpenCrl) => ({
  issuer: crl.issuer.toString(),
  thisUpdate: formatTime(crl.list.thisUpdate.seconds),
  nextUpdate: crl.list.nextUpdate === undefined ? null : formatTime(crl.list.nextUpdate.seconds),
  crlNumber: numberOf(crl)?.toString() ?? null,
  baseCrlNumber: baseNumberOf(crl)?.toString() ?? null,
  size: crl.list.der.length,
  entries: crl.entries.count,
});

async function showJson(crl: OpenCrl, flags: ShowFlags): Promise<void> {
  await write(`${safeJson(headOf(crl)).slice(0, -1)},"revoked":[`);
  let first = true;
  for (const row of matching(crl, flags)) {
    await write(`${first ? '' : ','}\n${safeJson(row)}`);
    first = false;
  }
  await write(']}\n');
}

async function showPretty(crl: OpenCrl, file: string, flags: ShowFlags): Promise<void> {
  const style = styleOf(process.stdout);
  const head = headOf(crl);
  const line = (name: string, value: string): Promise<void> => write(`  ${name.padEnd(12)} ${visible(value)}\n`);
  await write(`${style.paint('bold', `CRL  ${visible(file)}`)}\n`);
  await line('issuer', head.issuer);
  await line('this update', head.thisUpdate);
  await line('next update', head.nextUpdate ?? 'not said');
  await line('number', head.crlNumber ?? 'none');
  if (head.baseCrlNumber !== null) await line('delta from', `number ${head.baseCrlNumber}`);
  await line('entries', `${head.entries} in ${head.size} bytes`);
  await write('\n');
  let shown = 0;
  for (const { serial, revokedAt, reason, certificateIssuer } of matching(crl, flags)) {
    shown++;
    const whose = certificateIssuer === undefined ? '' : `  of ${visible(certificateIssuer)}`;
    await write(`  ${serial.padEnd(40)}  ${revokedAt}  ${reason ?? ''}${whose}`.trimEnd());
    await write('\n');
  }
  const filtered = [flags.serial, flags.reason, flags.since, flags.until].some((value) => value !== undefined);
  if (shown === 0) await write(filtered || flags.skip > 0 ? '  No entry matches.\n' : '  Nothing is revoked.\n');
  else if (shown === flags.limit && (filtered || shown + flags.skip < head.entries)) {
    await write(`\n  ${style.paint('dim', `The next ones: --skip ${flags.skip + shown}; all of them: --limit all`)}\n`);
  }
}

/** Waits while nobody reads, so that a million lines do not pile up in memory. */
async function write(text: string): Promise<void> {
  if (!process.stdout.write(text)) await once(process.stdout, 'drain');
}
