// `npm run generate [-- --check]`: texts that are made from code, so that they cannot drift from it.
// Every tools/generate/*.ts exports `outputs(): Promise<ReadonlyMap<path, text>>`, paths relative to the root, and where
// it owns a whole folder, `folders: readonly string[]`: what lies there and was not generated goes.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { register } from 'tsx/esm/api';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const check = process.argv.includes('--check');
register();

const read = (path) => {
  try {
    return readFileSync(join(root, path), 'utf8');
  } catch {
    return undefined;
  }
};

function listFolder(folder) {
  try {
    return readdirSync(join(root, folder)).map((name) => `${folder}/${name}`);
  } catch {
    return [];
  }
}

const stale = [];
let count = 0;
for (const name of listFolder('tools/generate').filter((path) => path.endsWith('.ts'))) {
  const { outputs, folders = [] } = await import(pathToFileURL(join(root, name)).href);
  const texts = await outputs();
  count += texts.size;
  for (const [path, text] of texts) {
    if (read(path) === text) continue;
    stale.push(path);
    if (check) continue;
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  for (const path of folders.flatMap(listFolder).filter((file) => !texts.has(file))) {
    stale.push(path);
    if (!check) rmSync(join(root, path));
  }
}
if (stale.length > 0) console.log(`${check ? 'Out of date' : 'Written'}: ${stale.join(', ')}`);
else console.log(`${count} generated files are current.`);
if (check && stale.length > 0) {
  console.log('Run `npm run generate` and commit the result.');
  process.exitCode = 1;
}
