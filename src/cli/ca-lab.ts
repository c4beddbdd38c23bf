import { join } from 'node:path';
import { shellWord } from '../core/base/shell-word.ts';
import { openLab } from '../making/issue/lab.ts';
import { nodeCrypto } from '../platform/crypto/node-crypto.ts';
import { cannotListen, ours } from './ca-input.ts';
import { EXIT, type ExitCode, UsageError } from './failure.ts';
import { note, print, styleOf } from './output.ts';
import { visible } from './render/text.ts';
import { untilEnded } from './until-ended.ts';

export interface LabFlags {
  readonly host: string;
  readonly port: number;
  readonly serve: boolean;
  readonly format: 'pretty' | 'json';
}

export async function runLab(folder: string, { host, port, serve, format }: LabFlags): Promise<ExitCode> {
  if (['0.0.0.0', '::'].includes(host)) {
    throw new UsageError(
      `--host ${host} stands for all addresses; give the one under which others reach this machine.`,
    );
  }
  const log = (line: string): void => note(line);
  const lab = await ours(folder, () => openLab(folder, { host, port, crypto: nodeCrypto, log })).catch(
    (error: unknown) => {
      throw cannotListen(error, host);
    },
  );
  const { passphraseFile, root, bundles, crlUrl } = lab;
  if (format === 'json') print(`${JSON.stringify({ folder, passphraseFile, root, crlUrl, bundles })}\n`);
  else {
    const style = styleOf(process.stdout);
    const word = (path: string): string => shellWord(visible(path));
    print(
      [
        `${style.paint('green', style.sign.ok)} ${visible(folder)}: a CA and three bundles`,
        ...bundles.map(({ name, hostname, crt }) => `  ${name.padEnd(12)}${visible(crt)}  (${hostname}, localhost)`),
        `  trust       ${visible(root)}`,
        `  passphrase  ${visible(passphraseFile)}, of every key here`,
        `  CRL         ${crlUrl}${serve ? '' : ' (not served now)'}`,
        '',
        `  certgate check ${word(join(folder, 'sensor'))} --passphrase-file ${word(passphraseFile)} --trust ${word(root)}`,
        ...(serve ? ['', '  The CRL server runs until you end it (Ctrl-C).'] : []),
        '',
      ].join('\n'),
    );
  }
  if (serve) await untilEnded();
  await lab.server.close();
  return EXIT.ok;
}
