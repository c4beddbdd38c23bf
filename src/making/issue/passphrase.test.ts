import { describe, expect, test } from 'vitest';
import { newPassphrase, unsupportedCharacters } from './passphrase.ts';

describe('unsupportedCharacters', () => {
  test.each([
    ['abc DEF', ['the space']],
    ['a"b', ['"']],
    ['pa$$&word', ['$', '&'].toSorted()],
    ['schön', ['ö (U+00F6)']],
    ['a\u00a0b', ['the no-break space (U+00A0)']],
    ['line\nbreak', ['the line break']],
    ['bell\u0007', ['the character U+0007']],
    ['"$&\'*;<>`|', ['"', '$', '&', "'", '*', ';', '<', '>', '`', '|']],
    ['abcxyzABCXYZ0189!#%()+,-./:=?@[\\]^_{}~', []],
  ])('%j', (passphrase, named) => {
    expect(unsupportedCharacters(passphrase)).toEqual(named);
  });
});

test('a new passphrase is supported, 24 characters in groups, and another each time', () => {
  const many = Array.from({ length: 200 }, newPassphrase);
  expect(new Set(many).size).toBe(200);
  for (const one of many) {
    expect(one).toMatch(/^[A-Za-z2-9]{6}(?:-[A-Za-z2-9]{6}){3}$/);
    expect(one).not.toMatch(/[0O1lI]/);
  }
});
