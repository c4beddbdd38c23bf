import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

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

/** The built console; undefined where it was not built. Found from the sources, the modules and the bundle alike. */
export function webFolder(): string | undefined {
  const folders = ['../web', '../../dist/web'].map((up) => fileURLToPath(new URL(up, import.meta.url)));
  return folders.find((folder) => existsSync(`${folder}/index.html`));
}
