import { CrlServer } from '../../making/issue/crl-server.ts';
import { cannotListen, openCa } from '../ca-input.ts';
import { EXIT, type ExitCode, UsageError } from '../failure.ts';
import { note, print } from '../output.ts';
import { untilEnded } from '../until-ended.ts';
import type { NewCrlFlags } from './new.ts';

export interface ServeFlags extends NewCrlFlags {
  readonly host: string;
  readonly port?: number;
}

/** `certgate crl serve`: the CRLs of a CA of ours over HTTP, always current, until it is ended. */
export async function serveCrl(flags: ServeFlags): Promise<ExitCode> {
  if (flags.ca === undefined) throw new UsageError('--ca is missing: the folder of a CA; certgate ca new makes one.');
  const { ca: folder, host, days } = flags;
  const ca = await openCa(folder, flags);
  const named = ca.crlUrl === undefined ? undefined : Number(new URL(ca.crlUrl).port || 80);
  const port = flags.port ?? named ?? 8580;
  const server = new CrlServer(ca, { host, port, days, log: note });
  try {
    await server.start();
  } catch (error) {
    throw cannotListen(error, host);
  }
  print(
    `Serving http://${host.includes(':') ? `[${host}]` : host}:${server.port}/issuing.crl and /root.crl until you end it (Ctrl-C).\n`,
  );
  if (named !== undefined && named !== server.port) note(`the certificates of this CA name ${ca.crlUrl}.`);
  await untilEnded();
  await server.close();
  return EXIT.ok;
}
