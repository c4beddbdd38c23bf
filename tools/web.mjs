import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { build } from 'vite';
import { offlinePage } from './offline-page.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const COMPRESSIBLE = /\.(?:js|css|svg|json|html)$/;

/** The console of the browser into `outDir`, with what the server sends compressed beside each file. */
export async function buildWeb(outDir) {
  // Built from within a test run it would be React's larger build for development.
  process.env.NODE_ENV = 'production';
  await build({ configFile: join(root, 'web/vite.config.ts'), build: { outDir, emptyOutDir: true }, logLevel: 'warn' });
  writeFileSync(join(outDir, 'preflight.html'), await offlinePage());
  const assets = readdirSync(join(outDir, 'assets')).map((name) => join('assets', name));
  for (const name of [...assets, 'preflight.html']) if (COMPRESSIBLE.test(name)) compress(join(outDir, name));
}

function compress(path) {
  const content = readFileSync(path);
  writeFileSync(`${path}.gz`, gzipSync(content, { level: 9 }));
  writeFileSync(`${path}.br`, brotliCompressSync(content, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }));
}
