// `npm start`: the server on an embedded database in `.certgate/` of this folder, ready to be tried. Where CERTGATE_DATA
// or CERTGATE_CONFIG says otherwise, there. Ctrl-C stops it.
import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const env = { ...process.env };
if (env.CERTGATE_DATA === undefined && env.CERTGATE_CONFIG === undefined) {
  env.CERTGATE_DATA = join(root, '.certgate/data');
  // Never inside the data folder: whoever copies that must not get the key with it.
  if (env.CERTGATE_MASTER_KEY === undefined) env.CERTGATE_MASTER_KEY_FILE ??= join(root, '.certgate/master.key');
  env.CERTGATE_HOSTNAME ??= 'localhost';
}

console.log(`Certgate starts its console; open the address below in a browser. On the command line, without a server:
  bin/certgate check cases/samples/good    a bundle that the appliance takes
  bin/certgate check cases/samples/bad     one that it refuses, and why
  bin/certgate --help
`);
const server = spawn(process.execPath, [join(root, 'bin/certgate'), 'serve', ...process.argv.slice(2)], {
  cwd: root,
  env,
  stdio: 'inherit',
});
// Ctrl-C reaches both; the server decides when it is done.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => server.kill('SIGTERM'));
server.on('exit', (code, signal) => {
  process.exitCode = code ?? (signal === null ? 0 : 1);
});
