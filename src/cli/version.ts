import { readFileSync } from 'node:fs';

/** The version of Certgate. The manifest lies two folders up from the source and from the bundle alike. */
export function version(): string {
  const manifest = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}
