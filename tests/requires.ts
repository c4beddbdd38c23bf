import { existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** `package command what-for`, one a line; the same file that CI installs from. */
const packages = new Map(
  readFileSync(new URL('../tools/debian-packages.txt', import.meta.url), 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('#'))
    .map((line) => line.split(' '))
    .map(([name = '', command = '']) => [command, name]),
);

// A server's programs stand in sbin, which an ordinary user's PATH leaves out.
const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin'];

/**
 * For `test.skipIf(!requires('openssl'))`: whether these commands are there. What is missing is said with the command
 * that installs it; in CI it is a failure, because a skipped test there would be nobody's.
 */
export function requires(...commands: readonly string[]): boolean {
  const missing = commands.filter((command) => !folders.some((folder) => existsSync(join(folder, command))));
  if (missing.length === 0) return true;
  const unlisted = missing.filter((command) => !packages.has(command));
  if (unlisted.length > 0) throw new Error(`Not in tools/debian-packages.txt: ${unlisted.join(', ')}`);
  const message = `${missing.join(', ')} missing: apt-get install ${missing.map((command) => packages.get(command)).join(' ')}`;
  if (process.env['CI']) throw new Error(message);
  console.warn(`Skipped, ${message}`);
  return false;
}
