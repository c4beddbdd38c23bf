import { type CaFlags, openCa, ours } from '../ca-input.ts';
import { EXIT, type ExitCode, UsageError } from '../failure.ts';
import { print, styleOf } from '../output.ts';
import { visible } from '../render/text.ts';

export interface NewCrlFlags extends CaFlags {
  readonly ca?: string;
  readonly days: number;
}

/** `certgate crl new`: new CRLs of a CA of ours. */
export async function newCrl(flags: NewCrlFlags): Promise<ExitCode> {
  if (flags.ca === undefined) throw new UsageError('--ca is missing: the folder of a CA; certgate ca new makes one.');
  const folder = flags.ca;
  const ca = await openCa(folder, flags);
  const paths = ours(folder, () => ca.newCrls(new Date(), flags.days));
  const style = styleOf(process.stdout);
  print(`${style.paint('green', style.sign.ok)} ${paths.map(visible).join(', ')}: valid for ${flags.days} days\n`);
  return EXIT.ok;
}
