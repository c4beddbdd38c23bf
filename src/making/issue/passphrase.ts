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

/** The distinct characters of `passphrase` that the appliance does not support, in the order of their first use. */
export function unsupportedCharacters(passphrase: string): string[] {
  const supported = LETTERS_AND_DIGITS + SUPPORTED_SPECIALS;
  return [...new Set(passphrase)].filter((character) => !supported.includes(character));
}
