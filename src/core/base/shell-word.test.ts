import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { shellWord } from './shell-word.ts';

test.each(['sensor.crt', '/a/b-c_d.key', 'my pack', "it's here/a.key", '$(id)', 'a;b', '*', '', 'Söhne'])(
  'the shell reads %j back as it was',
  (path) => {
    expect(execFileSync('sh', ['-c', `printf %s ${shellWord(path)}`], { encoding: 'utf8' })).toBe(path);
  },
);

test('what needs no quotes has none, and what looks like an option does not', () => {
  expect(['sensor.crt', '-x', '-x y'].map(shellWord)).toEqual(['sensor.crt', './-x', "'./-x y'"]);
});
