import { readFileSync } from 'node:fs';

/** Of the package; found from the sources and from the bundle alike. */
export function packageVersion(): string {
  for (const up of ['../../package.json', '../package.json']) {
    try {
      const { name, version } = JSON.parse(readFileSync(new URL(up, import.meta.url), 'utf8')) as Record<
        string,
        string
      >;
      if (name === 'certgate' && version !== undefined) return version;
    } catch {
      // The other place then.
    }
  }
  return '0.0.0';
}
