import { randomInt } from 'node:crypto';

/**
 * The characters that the appliance supports in keys and passphrases ("Supported characters for keys and
 * passphrases"): letters, digits and these.
 */
const SUPPORTED_SPECIALS = '!#%()+,-./:=?@[\\]^_{}~';
const LETTERS_AND_DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

// Read over the telephone and typed at night: no characters that look alike, nothing a shell or YAML would interpret.
const GENERATED = [...LETTERS_AND_DIGITS].filter((c) => !'0O1lI'.includes(c));

/** 24 characters of 57: 139 bits. In groups, since people read and type it. */
export function newPassphrase(): string {
  const group = (): string => Array.from({ length: 6 }, () => GENERATED[randomInt(GENERATED.length)]!).join('');
  return Array.from({ length: 4 }, group).join('-');
}

const NAMES: Readonly<Record<string, string>> = {
  ' ': 'the space',
  '\t': 'the tab',
  '\n': 'the line break',
  '\r': 'the carriage return',
  '\u00a0': 'the no-break space (U+00A0)',
};

/**
 * The characters of `passphrase` that the appliance does not support, named, each once and in the order of Unicode:
 * neither their place nor the length of the passphrase is anybody's business.
 */
export function unsupportedCharacters(passphrase: string): string[] {
  const supported = LETTERS_AND_DIGITS + SUPPORTED_SPECIALS;
  const others = [...new Set(passphrase)].filter((character) => !supported.includes(character));
  return others.toSorted().map((character) => NAMES[character] ?? nameOf(character));
}

function nameOf(character: string): string {
  const codePoint = `U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}`;
  if (/[\p{C}\p{Z}\p{M}]/u.test(character)) return `the character ${codePoint}`;
  return character > '\u007f' ? `${character} (${codePoint})` : character;
}
