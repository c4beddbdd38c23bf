import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { certgate } from './program.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const untimed = (text: string): string => text.replace(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC/, 'NOW').trim();

test('the refusal in the README is what the program prints', () => {
  const readme = readFileSync(`${root}/README.md`, 'utf8');
  const shown = /^\$ bin\/certgate (check cases\/samples\/bad)\n([^]*?)^```$/m.exec(readme)!;
  const { stdout } = certgate(shown[1]!.split(' '), { cwd: root });
  expect(untimed(stdout)).toBe(untimed(shown[2]!));
});
