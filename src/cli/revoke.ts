import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { existsSync } from 'node:fs';
import { toHex } from '../core/der/values.ts';
import { identify } from '../core/files/identify.ts';
import { parseCertificate } from '../core/x509/certificate.ts';
import { CRL_REASONS } from '../core/x509/extensions/reason-code.ts';
import { addCaPassphraseOptions, type CaFlags, openCa, ours } from './ca-input.ts';
import { EXIT, type ExitCode, UsageError } from './failure.ts';
import type { Finish } from './main.ts';
import { examples, oneOf } from './options.ts';
import { print, styleOf } from './output.ts';
import { visible } from './render/text.ts';

/** RFC 5280 §5.3.1, without those that only CAs, delta CRLs and attribute authorities have a use for. */
const REASONS = [
  'unspecified',
  'keyCompromise',
  'affiliationChanged',
  'superseded',
  'cessationOfOperation',
  'certificateHold',
  'privilegeWithdrawn',
] as const;

interface Flags extends CaFlags {
  readonly ca?: string;
  readonly reason: (typeof REASONS)[number];
}

export function defineRevoke(command: Command, finish: Finish): void {
  command
    .argument('<CERTIFICATE|SERIAL>', 'what to revoke: the file, or the serial number as certgate ca list shows it')
    .option('--ca <dir>', 'the folder of the CA that issued it');
  addCaPassphraseOptions(command)
    .option('--reason <reason>', REASONS.join(', '), oneOf('--reason', REASONS), 'unspecified')
    .addHelpText(
      'after',
      examples(['certgate revoke --ca my-ca --ca-passphrase-file ca.txt sensor.crt --reason superseded']),
    )
    .action(async (what: string, flags: Flags) => finish(await runRevoke(what, flags)));
}

async function runRevoke(what: string, flags: Flags): Promise<ExitCode> {
  if (flags.ca === undefined)
    throw new UsageError('--ca is missing: the folder of the CA that issued the certificate.');
  const serial = serialOf(what);
  const ca = await openCa(flags.ca, flags);
  const crls = ours(flags.ca, () => {
    const now = new Date();
    ca.revoke(serial, CRL_REASONS.indexOf(flags.reason), now);
    return ca.newCrls(now);
  });
  const style = styleOf(process.stdout);
  print(
    `${style.paint('green', style.sign.ok)} ${serial} is revoked (${flags.reason}).\n` +
      `  new CRL: ${visible(crls[0]!)}; certgate crl serve serves it at once, else put it where the certificates say\n`,
  );
  return EXIT.ok;
}

function serialOf(what: string): string {
  if (!existsSync(what) && /^[0-9a-f:]+$/i.test(what)) return what.replaceAll(':', '').toLowerCase();
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(what);
  } catch {
    throw new UsageError(`${what} is neither a file nor a serial number (hexadecimal, as certgate ca list shows it).`);
  }
  const content = identify(bytes);
  const block = content.blocks.find(({ kind }) => kind === 'certificate');
  if (block === undefined) throw new UsageError(`${what} is ${content.description}; a certificate is needed.`);
  return toHex(parseCertificate(block.der).serialNumber.content());
}
