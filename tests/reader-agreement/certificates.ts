import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

export interface Sample {
  /** `ca-certificates.crt#12`, `cases/crt-wildcard/fail.case#0`. */
  readonly name: string;
  readonly der: Uint8Array;
}

const PEM = /-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----\r?\n([A-Za-z0-9+/=\s]+)-----END/g;

/** Every PEM certificate of a file, or the file itself where it is DER. */
function samplesOf(name: string, bytes: Buffer): Sample[] {
  const samples = [...bytes.toString('latin1').matchAll(PEM)].map((match, i) => ({
    name: `${name}#${i}`,
    der: new Uint8Array(Buffer.from(match[1]!, 'base64')),
  }));
  if (samples.length === 0 && bytes[0] === 0x30) return [{ name: `${name}#0`, der: new Uint8Array(bytes) }];
  return samples;
}

/** Every certificate of a file or, recursively, of a folder; nothing where it does not exist. */
export function certificatesOf(path: string, name: string): Sample[] {
  if (!existsSync(path)) return [];
  if (!statSync(path).isDirectory()) return samplesOf(name, readFileSync(path));
  return readdirSync(path)
    .toSorted()
    .flatMap((entry) => certificatesOf(join(path, entry), `${name}/${entry}`));
}
