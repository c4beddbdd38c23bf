import { defineRule, notApplicable, pass, unsupported, vendor } from '../../define.ts';

// The vendor's list: letters, digits and ! # % ( ) + , - . / : = ? @ [ \ ] ^ _ { } ~
const SUPPORTED = /^[A-Za-z0-9!#%()+,\-./:=?@[\\\]^_{}~]$/u;

const NAMES: Readonly<Record<string, string>> = {
  ' ': 'the space',
  '\t': 'the tab',
  '\n': 'the line break',
  '\r': 'the carriage return',
  '\u00a0': 'the no-break space (U+00A0)',
};

export const keyPassphraseCharacters = defineRule({
  id: 'key-passphrase-characters',
  origin: 'defender-iot',
  title: 'The passphrase uses supported characters only',
  source: vendor('Supported characters for keys and passphrases'),
  quote:
    'ASCII characters, including a-z, A-Z, 0-9. The following special characters: ! # % ( ) + , - . / : = ? @ [ \\ ] ^ _ { } ~',
  reading: 'Of ASCII only what is listed: so no space and none of " $ & \' * ; < > ` |',
  required: 'only a-z A-Z 0-9 and ! # % ( ) + , - . / : = ? @ [ \\ ] ^ _ { } ~',
  explanation:
    'Passes: nothing but the listed characters.\n\nUnsupported: any other one. The finding names the character, never where it stands or how long the passphrase is.\n\nNot applicable: no passphrase.',
  fix: 'Encrypt the key with another passphrase (openssl asks for the old one and the new one): openssl pkcs8 -topk8 -v2 aes-256-cbc -in sensor.key -out sensor-new.key',
  applianceSays: 6,
  needs: 'files',
  gives: ['pass', 'unsupported', 'not-applicable'],
  check({ bundle: { passphrase } }) {
    if (passphrase === undefined) return notApplicable('There is no passphrase.');
    const location = { file: 'passphrase' } as const;
    const others = unsupportedCharacters(passphrase);
    if (others === undefined) {
      return unsupported({
        found: 'bytes that are no UTF-8 text',
        location,
        message: 'The passphrase is no UTF-8 text, so it cannot be typed into the upload form.',
      });
    }
    if (others.length === 0) return pass({ location });
    const found = others.join(', ');
    return unsupported({
      found,
      location,
      message: `The passphrase holds ${found}; the appliance does not support that in passphrases.`,
    });
  },
});

/** Each once, in the order of Unicode: the order of the passphrase is nobody's business. */
function unsupportedCharacters(passphrase: Uint8Array): string[] | undefined {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(passphrase);
  } catch {
    return undefined;
  }
  const characters = new Set([...text].filter((character) => !SUPPORTED.test(character)));
  return [...characters].toSorted().map(nameOf);
}

function nameOf(character: string): string {
  const name = NAMES[character];
  if (name !== undefined) return name;
  const point = character.codePointAt(0)!;
  const hex = `U+${point.toString(16).toUpperCase().padStart(4, '0')}`;
  if (point > 0x20 && point < 0x7f) return `the character ${character}`;
  return /^[\p{L}\p{N}\p{S}]$/u.test(character) ? `the character ${character} (${hex})` : `the character ${hex}`;
}
