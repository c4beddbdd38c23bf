import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder of its own in which the real openssl makes files. */
export interface Workshop {
  readonly folder: string;
  /** Runs a shell command line in the folder. @throws where it fails. */
  run(command: string): string;
  read(name: string): Uint8Array;
  write(name: string, content: string | Uint8Array): void;
  close(): void;
}

export function openWorkshop(): Workshop {
  const folder = mkdtempSync(join(tmpdir(), 'certgate-files-'));
  return {
    folder,
    run: (command) =>
      execFileSync('bash', ['-c', `set -o pipefail; ${command}`], {
        cwd: folder,
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'pipe'],
      }),
    read: (name) => new Uint8Array(readFileSync(join(folder, name))),
    write: (name, content) => writeFileSync(join(folder, name), content),
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** What the tests share: a lab of root, issuing CA and `sensor.contoso.com`, with its key. The password is `abc123`. */
export function makeLab({ run }: Workshop): void {
  const subject = '/C=US/O=Contoso Inc./OU=Contoso Labs/CN=';
  run(
    [
      `openssl req -x509 -newkey rsa:2048 -nodes -keyout root.key -subj '${subject}Root' -days 300 -out root.crt -addext basicConstraints=critical,CA:TRUE`,
      `openssl req -newkey rsa:2048 -nodes -keyout issuing.key -subj '${subject}Issuing' -out issuing.csr`,
      `printf 'basicConstraints=critical,CA:TRUE\\n' > ca.ext`,
      `openssl x509 -req -in issuing.csr -CA root.crt -CAkey root.key -CAcreateserial -days 200 -extfile ca.ext -out issuing.crt`,
      `openssl req -newkey rsa:2048 -nodes -keyout good.key -subj '${subject}sensor.contoso.com' -out good.csr`,
      `printf 'basicConstraints=CA:FALSE\\nsubjectAltName=DNS:sensor.contoso.com\\n' > leaf.ext`,
      `openssl x509 -req -in good.csr -CA issuing.crt -CAkey issuing.key -CAcreateserial -days 100 -extfile leaf.ext -out good.crt`,
      `openssl x509 -req -in good.csr -CA root.crt -CAkey root.key -CAcreateserial -days 100 -extfile leaf.ext -out other.crt`,
      'cat issuing.crt root.crt > good.pem',
    ].join(' && '),
  );
}
