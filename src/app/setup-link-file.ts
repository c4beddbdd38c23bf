import { mkdirSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { PRIVATE, replaceFile } from '../making/issue/durable-files.ts';

/** The link and the fingerprint to compare, for the owner's eyes only. */
export function writeSetupLink(file: string, link: string, fingerprint: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  replaceFile(file, `${link}\nSHA-256 of the console's certificate: ${fingerprint}\n`, PRIVATE);
}

export const removeSetupLink = (file: string): void => rmSync(file, { force: true });
