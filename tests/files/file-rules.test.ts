import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Finding } from '../../src/core/base/finding.ts';
import { createBundleChecker } from '../../src/core/check/check-bundle.ts';
import { nodeCrypto } from '../../src/platform/crypto/node-crypto.ts';
import { makeLab, openWorkshop, type Workshop } from './workshop.ts';

let shop: Workshop;
/** Where `certgate` is, for commands that are pasted. */
const PROGRAMS = fileURLToPath(new URL('../../bin', import.meta.url));

beforeAll(() => {
  shop = openWorkshop();
  makeLab(shop);
  shop.run('openssl pkcs8 -topk8 -in good.key -out locked.key -passout pass:abc123');
  shop.run('openssl pkcs12 -export -in good.crt -inkey good.key -certfile good.pem -out good.pfx -passout pass:abc123');
  shop.write('secret.txt', 'abc123\n');
});
afterAll(() => shop.close());

const RULES = ['crt-file', 'key-file', 'chain-file', 'key-passphrase', 'key-passphrase-characters'];
const NAMES = { crt: 'sensor.crt', key: 'sensor.key', chain: 'chain.pem' } as const;
type Part = keyof typeof NAMES;

/** What the rules of this room find, after `command` made the file `part`; the other files are good ones. */
async function judge(part: Part, command: string, passphrase?: string): Promise<Finding[]> {
  shop.run(
    `rm -f sensor* chain.pem chain-new.pem others* && cp good.crt sensor.crt && cp good.key sensor.key && cp good.pem chain.pem`,
  );
  shop.run(`{ ${command}; } > made && mv made ${NAMES[part]}`);
  return check(['crt', 'key', 'chain'], passphrase);
}

async function check(parts: readonly Part[], passphrase?: string, at = new Date()): Promise<Finding[]> {
  const judgeBundle = createBundleChecker({ at }, nodeCrypto);
  const files = Object.fromEntries(parts.map((part) => [part, shop.read(NAMES[part])]));
  const { findings } = await judgeBundle({
    crt: shop.read(NAMES.crt),
    ...files,
    ...(passphrase !== undefined && { passphrase }),
  });
  return findings.filter(
    ({ rule, status }) => RULES.includes(rule) && status !== 'pass' && status !== 'not-applicable',
  );
}

const said = (findings: readonly Finding[]) => findings.map(({ rule, status }) => `${status} ${rule}`);

describe('what passes', () => {
  test.each([
    ['crt', 'cat good.crt'],
    ['crt', 'openssl x509 -in good.crt -outform DER'],
    ['crt', "sed 's/$/\\r/' good.crt"],
    ['crt', 'openssl x509 -in good.crt -text'],
    ['crt', 'openssl pkcs12 -in good.pfx -passin pass:abc123 -clcerts -nokeys'],
    ['key', 'openssl rsa -in good.key -traditional'],
    ['key', 'openssl pkcs12 -in good.pfx -passin pass:abc123 -nocerts -nodes'],
    ['chain', 'openssl pkcs12 -in good.pfx -passin pass:abc123 -cacerts -nokeys'],
    ['chain', 'openssl x509 -in root.crt -text'],
  ] as const)('%s: %s', async (part, command) => {
    expect(said(await judge(part, command))).toEqual([]);
  });
});

/** part, how it is made, what leads, a word of the message, and whether the first fix mends it when pasted. */
type Row = readonly [part: Part, command: string, leads: string, word: string, mends?: 'mends'];

const ROWS: readonly Row[] = [
  ['crt', 'cat good.key', 'refused crt-file', 'a private key (PKCS#8)'],
  ['crt', 'cat good.csr', 'refused crt-file', 'a certificate signing request (CSR)'],
  ['crt', 'cat good.pfx', 'refused crt-file', 'PKCS#12', 'mends'],
  ['crt', 'openssl crl2pkcs7 -nocrl -certfile good.crt', 'refused crt-file', 'PKCS#7', 'mends'],
  ['crt', 'openssl crl2pkcs7 -nocrl -certfile good.crt -outform DER', 'refused crt-file', 'PKCS#7', 'mends'],
  ['crt', 'echo "<html><title>Sign in</title></html>"', 'refused crt-file', 'an HTML page'],
  ['crt', 'true', 'refused crt-file', 'an empty file'],
  ['crt', 'openssl pkey -in good.key -pubout', 'refused crt-file', 'a public key'],
  [
    'crt',
    'openssl x509 -in good.crt -trustout -addtrust serverAuth',
    'refused crt-file',
    'TRUSTED CERTIFICATE',
    'mends',
  ],
  ['crt', 'openssl x509 -in good.crt -outform DER; echo hello', 'refused crt-file', '6 bytes', 'mends'],
  ['crt', "sed '/-----/d' good.crt", 'refused crt-file', 'BEGIN and END lines are missing', 'mends'],
  ['crt', "sed '$d' good.crt", 'refused crt-file', 'END CERTIFICATE', 'mends'],
  ['crt', "sed 's/^/  /' good.crt", 'refused crt-file', 'line 1, column 3', 'mends'],
  ['crt', "tr -d '\\n' < good.crt", 'refused crt-file', 'line 1, column 1', 'mends'],
  ['crt', 'awk \'{printf "%s\\\\n", $0}\' good.crt', 'refused crt-file', 'backslash', 'mends'],
  ['crt', "sed '3s/^...../&|/' good.crt", 'refused crt-file', 'line 3, column 6: "|"'],
  ['crt', 'cat good.crt other.crt', 'refused crt-file', '2 end-entity certificates', 'mends'],
  ['crt', 'cat good.crt good.pem', 'unsupported crt-file', '2 CA certificates', 'mends'],
  ['crt', 'cat good.pem good.crt', 'unsupported crt-file', '2 CA certificates', 'mends'],
  ['crt', 'cat good.key good.crt', 'unsupported crt-file', 'also holds a private key', 'mends'],
  ['crt', 'iconv -f ASCII -t UTF-16 good.crt', 'unsupported crt-file', 'UTF-16', 'mends'],
  ['crt', "tr '\\n' '\\r' < good.crt", 'unsupported crt-file', 'carriage return', 'mends'],
  ['crt', "printf '\\xEF\\xBB\\xBF'; cat good.crt", 'warning crt-file', 'byte order mark', 'mends'],
  ['crt', 'cat good.crt good.crt', 'warning crt-file', '2 times', 'mends'],
  ['crt', "sed '3s/^...../& /' good.crt", 'warning crt-file', 'line 3, column 6', 'mends'],
  ['key', 'cat good.crt', 'refused key-file', 'a certificate'],
  ['key', 'cat good.pfx', 'refused key-file', 'PKCS#12', 'mends'],
  ['key', 'openssl pkey -in good.key -pubout', 'refused key-file', 'a public key'],
  ['key', 'openssl pkey -in good.key -outform DER', 'refused key-file', 'in DER', 'mends'],
  [
    'key',
    'openssl pkey -in good.key -outform DER | base64',
    'refused key-file',
    'BEGIN and END lines are missing',
    'mends',
  ],
  ['key', 'cat good.key root.key', 'refused key-file', '2 private keys', 'mends'],
  ['key', "sed '3s/^...../&|/' good.key", 'refused key-file', 'line 3, column 6: "|"'],
  ['key', 'cat good.key good.crt', 'unsupported key-file', 'a certificate', 'mends'],
  ['key', "sed 's/ PRIVATE/ RSA PRIVATE/' good.key", 'unsupported key-file', 'the label says RSA PRIVATE KEY', 'mends'],
  ['key', 'cat locked.key', 'refused key-passphrase', 'no passphrase was given'],
  ['chain', 'true', 'refused chain-file', 'an empty file'],
  ['chain', 'openssl x509 -in root.crt -outform DER', 'refused chain-file', 'in DER', 'mends'],
  ['chain', 'openssl crl2pkcs7 -nocrl -certfile good.pem', 'refused chain-file', 'PKCS#7', 'mends'],
  ['chain', 'cat good.pem root.key', 'refused chain-file', 'a private key', 'mends'],
  ['chain', 'cat other.crt good.pem', 'unsupported chain-file', 'no CA', 'mends'],
  ['chain', 'cat good.pem good.csr', 'unsupported chain-file', 'csr', 'mends'],
  ['chain', 'cat good.crt good.pem', 'warning chain-file', "appliance's own certificate", 'mends'],
];

const RESULTS = { crt: 'sensor-new.crt', key: 'sensor-new.key', chain: 'chain-new.pem' } as const;
/** The command at the end of a fix, as people paste it. */
const COMMAND = /(?:^|: |\()((?:openssl|certgate|awk|sed|tr|iconv|base64|printf|\(cat|cat) .*?)(?: \(add -aes256.*)?$/;

for (const [part, command, leads, word, mends] of ROWS) {
  test(`${part} made by ${command}: ${leads}, and says ${word}`, async () => {
    const findings = await judge(part, command);
    expect(said(findings)[0]).toBe(leads);
    const { message, fix, found, required } = findings[0]!;
    expect(message).toContain(word);
    for (const text of [fix, found, required]) expect(text).toMatch(/\S/);
    if (mends === undefined) return;
    const pasted = COMMAND.exec(fix!)?.[1];
    expect(pasted, fix).toBeDefined();
    shop.run(`PATH=${PROGRAMS}:$PATH; ${pasted!}`);
    shop.run(`mv ${RESULTS[part]} ${NAMES[part]}`);
    // A key out of a container stays encrypted, with the container's passphrase.
    const passphrase = part === 'key' && command === 'cat good.pfx' ? 'abc123' : undefined;
    expect(said(await check(['crt', 'key', 'chain'], passphrase))).toEqual([]);
  });
}

describe('passphrases', () => {
  test('a wrong one, and one for a key that needs none', async () => {
    expect(said(await judge('key', 'cat locked.key', 'abc124'))).toEqual(['refused key-passphrase']);
    expect(said(await judge('key', 'cat locked.key', 'abc123'))).toEqual([]);
    expect(said(await judge('key', 'cat good.key', 'abc123'))).toEqual(['warning key-passphrase']);
  });

  test('every supported character passes, every other of ASCII is named alone', async () => {
    const supported = 'abzABZ059!#%()+,-./:=?@[\\]^_{}~';
    expect(said(await judge('key', 'cat good.key', supported))).toEqual(['warning key-passphrase']);
    for (const character of ' "$&\'*;<>`|') {
      const [first] = await judge('key', 'cat good.key', `abc${character}def`);
      expect(first).toMatchObject({ rule: 'key-passphrase-characters', status: 'unsupported' });
      expect(first!.found).toContain(character === ' ' ? 'space' : character);
    }
  });

  test('nothing tells of a passphrase but which unsupported characters are in it', async () => {
    const one = await judge('key', 'cat locked.key', 'hunter2|Zürich');
    const other = await judge('key', 'cat locked.key', 'ü|');
    expect(one).toEqual(other);
  });
});

test('a damaged certificate that expired long ago: get a new one, do not repair it', async () => {
  await judge('crt', "sed '10s/^...../|/' good.crt");
  const findings = await check(['crt', 'key', 'chain'], undefined, new Date('2040-01-01T00:00:00Z'));
  expect(said(findings).slice(0, 2)).toEqual(['refused crt-file', 'refused crt-file']);
  expect(findings[1]!.message).toContain('it expired on');
  expect(findings[0]!.fix).toContain('ask your CA for a new one');
});
