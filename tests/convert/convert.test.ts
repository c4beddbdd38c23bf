import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { certgate, type Ended } from '../cli/program.ts';
import { makeLab, openWorkshop, type Workshop } from '../files/workshop.ts';
import { requires } from '../requires.ts';

let shop: Workshop;
beforeAll(() => {
  shop = openWorkshop();
  makeLab(shop);
  shop.write('pw', 'abc-123\n');
  shop.write('pw2', 'New#Pass:1\n');
  shop.run('openssl x509 -in good.crt -outform DER -out good.der');
});
afterAll(() => shop.close());

const run = (...args: string[]): Ended => certgate(['convert', ...args], { cwd: shop.folder });
const done = (...args: string[]): Ended => {
  const ended = run(...args);
  expect(ended.stderr).toBe('');
  expect(ended.code).toBe(0);
  return ended;
};
const at = (name: string): string => join(shop.folder, name);
const text = (name: string): string => readFileSync(at(name), 'utf8');
const derOf = (name: string): Buffer =>
  Buffer.from(shop.run(`openssl x509 -in ${name} -outform DER | base64`), 'base64');
const keyOf = (name: string, more = ''): string => shop.run(`openssl pkey -in ${name} ${more}`);

/** The three files, whose certificates must be byte for byte those of the lab. */
function expectLab(folder: string, passphrase = '-passin file:pw'): void {
  expect(derOf(`${folder}/s.crt`).equals(Buffer.from(shop.read('good.der')))).toBe(true);
  expect(keyOf(`${folder}/s.key`, passphrase)).toBe(keyOf('good.key'));
  expect(text(`${folder}/s.pem`)).toBe(text('good.pem'));
  expect(statSync(at(`${folder}/s.key`)).mode & 0o777).toBe(0o600);
}

const EXPORT = 'openssl pkcs12 -export -in good.crt -inkey good.key -certfile good.pem -passout file:pw -name sensor';

describe('PKCS#12 → certificate, key and chain', () => {
  test.each([
    ['openssl 3', EXPORT],
    ['openssl -legacy (RC2-40 and triple DES)', `${EXPORT} -legacy`],
    ['openssl -legacy -descert', `${EXPORT} -legacy -descert`],
    ['RC4', `${EXPORT} -legacy -certpbe PBE-SHA1-RC4-128 -keypbe PBE-SHA1-RC4-40`],
    ['a SHA-512 MAC', `${EXPORT} -macalg sha512 -iter 3000`],
    ['no MAC', `${EXPORT} -nomac`],
    ['nothing encrypted', `${EXPORT} -keypbe NONE -certpbe NONE`],
  ])('of %s', (name, command) => {
    const folder = name.replaceAll(/\W/g, '');
    shop.run(`${command} -out ${folder}.p12`);
    done(`${folder}.p12`, '--passphrase-file', 'pw', '--out-dir', folder, '--name', 's');
    expectLab(folder);
  });

  test.skipIf(!requires('keytool')).each([
    ['modern', ''],
    ['old', '-J-Dkeystore.pkcs12.legacy'],
  ])('of keytool, %s', (folder, flag) => {
    shop.run(
      `${EXPORT} -out source-${folder}.p12 && keytool ${flag} -importkeystore -srckeystore source-${folder}.p12 -srcstoretype PKCS12 -srcstorepass abc-123 -destkeystore java-${folder}.p12 -deststoretype PKCS12 -deststorepass abc-123 -noprompt 2>&1`,
    );
    done(`java-${folder}.p12`, '--passphrase-file', 'pw', '--out-dir', `java-${folder}`, '--name', 's');
    expectLab(`java-${folder}`);
  });

  test('without a passphrase, with the wrong one: said, and nothing written', () => {
    shop.run(`${EXPORT} -out m.pfx`);
    expect(run('m.pfx', '--out-dir', 'none')).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/passphrase, and none was given[^]*--passphrase-file secret.txt/),
    });
    expect(run('m.pfx', '--passphrase-file', 'pw2', '--out-dir', 'none')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('The passphrase does not open the PKCS#12 file.'),
    });
    expect(() => statSync(at('none'))).toThrow('ENOENT');
  });
});

describe('certificate, key and chain → PKCS#12', () => {
  test.each([
    ['modern', [], '', 'sha256, Iteration 100000'],
    ['legacy', ['--legacy'], '-legacy', 'sha1, Iteration 2048'],
  ])('%s: openssl and keytool read it, and it comes back as it was', (name, flags, openssl, mac) => {
    const file = `made-${name}.p12`;
    done('good.pem', 'good.key', 'good.crt', '--to', 'pkcs12', ...flags, '--new-passphrase-file', 'pw', '--out', file);
    const info = shop.run(`openssl pkcs12 -in ${file} ${openssl} -passin file:pw -nodes -info 2>&1`);
    expect(info).toContain(`MAC: ${mac}`);
    expect(info.match(/BEGIN CERTIFICATE/g)).toHaveLength(3);
    expect(info).toContain('friendlyName: sensor.contoso.com');
    if (requires('keytool')) {
      expect(shop.run(`keytool -list -keystore ${file} -storepass abc-123 2>/dev/null`)).toContain('PrivateKeyEntry');
    }
    expect(statSync(at(file)).mode & 0o777).toBe(0o600);
    done(file, '--passphrase-file', 'pw', '--out-dir', `made-${name}`, '--name', 's');
    expectLab(`made-${name}`);
  });

  test('needs a key, its certificate and a passphrase', () => {
    expect(run('good.crt', 'good.key', '--to', 'pkcs12').stderr).toContain('--new-passphrase-file secret.txt');
    expect(run('good.crt', '--to', 'pkcs12').stderr).toContain('there is no private key in the files');
    const mismatch = run('good.crt', 'root.key', '--to', 'pkcs12', '--new-passphrase-file', 'pw');
    expect(mismatch.stderr).toContain('The private key (root.key) does not belong to the certificate');
  });
});

describe('PKCS#7 and chains', () => {
  test.each([
    ['DER', '-outform DER'],
    ['PEM', ''],
  ])('%s, in any order, becomes certificate and chain', (name, form) => {
    const flags = '-certfile root.crt -certfile good.crt -certfile issuing.crt';
    shop.run(`openssl crl2pkcs7 -nocrl ${flags} ${form} -out ${name}.p7b`);
    done(`${name}.p7b`, '--out-dir', `p7-${name}`, '--name', 's');
    expect(text(`p7-${name}/s.pem`)).toBe(text('good.pem'));
    expect(derOf(`p7-${name}/s.crt`).equals(Buffer.from(shop.read('good.der')))).toBe(true);
  });

  test('in BER with indefinite lengths, as a stream writes it', () => {
    shop.run(
      'printf hello | openssl cms -sign -signer good.crt -inkey good.key -certfile good.pem -nodetach -stream -outform DER -out stream.p7m',
    );
    // 0x30 0x80: a SEQUENCE of indefinite length.
    expect(Buffer.from(shop.read('stream.p7m').slice(0, 2)).toString('hex')).toBe('3080');
    done('stream.p7m', '--out-dir', 'stream', '--name', 's');
    expect(text('stream/s.pem')).toBe(text('good.pem'));
  });

  test('a keystore of trusted CAs alone becomes a chain', () => {
    shop.run('openssl pkcs12 -export -nokeys -in good.pem -passout file:pw -out trust.p12');
    const { stdout } = done('trust.p12', '--passphrase-file', 'pw');
    expect(stdout.match(/trust\.\w+/g)).toEqual(['trust.pem']);
    expect(text('trust.pem')).toBe(text('good.pem'));
  });

  test('back: openssl prints all certificates', () => {
    done('good.crt', 'good.pem', '--to', 'pkcs7', '--out', 'back.p7b');
    expect(shop.run('openssl pkcs7 -in back.p7b -print_certs').match(/BEGIN/g)).toHaveLength(3);
  });

  test('a chain upside down, doubled and with a stranger is put right, and what was done is said', () => {
    shop.run(
      `openssl req -x509 -newkey rsa:2048 -nodes -keyout x.key -subj '/CN=Stranger' -out stranger.crt -addext basicConstraints=critical,CA:TRUE && cat root.crt stranger.crt issuing.crt root.crt > messy.pem`,
    );
    const { stdout } = done('good.crt', 'messy.pem', '--only', 'chain', '--out', 'tidy.pem');
    expect(text('tidy.pem')).toBe(text('good.pem'));
    expect(stdout).toContain('1 exact duplicate left out.');
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain('do not belong to the chain: "Stranger". --keep-all keeps them.');
    done('good.crt', 'messy.pem', '--only', 'chain', '--keep-all', '--out', 'all.pem');
    expect(text('all.pem')).toBe(text('good.pem') + shop.run('openssl x509 -in stranger.crt'));
  });

  test("several appliances' certificates need the key that says which is meant", () => {
    shop.run('cat good.crt other.crt > two.pem');
    expect(run('two.pem', '--out-dir', 'two').stderr).toContain('the certificates of 2 appliances');
  });
});

describe('PEM ↔ DER', () => {
  test('the bytes of a certificate stay the same both ways', () => {
    done('good.crt', '--to', 'der', '--out', 'there.der');
    expect(Buffer.from(shop.read('there.der')).equals(Buffer.from(shop.read('good.der')))).toBe(true);
    shop.run('cp there.der back.cer');
    done('back.cer');
    expect(text('back.crt')).toBe(text('good.crt'));
  });

  test('requests, CRLs and keys', () => {
    done('good.csr', '--to', 'der', '--out', 'r.der');
    expect(shop.run('openssl req -inform DER -in r.der')).toBe(text('good.csr'));
    done('r.der', '--out', 'r.csr');
    expect(text('r.csr')).toBe(text('good.csr'));
    done('good.key', '--to', 'der', '--out', 'k.der');
    done('k.der', '--out', 'k.key');
    expect(keyOf('k.key')).toBe(keyOf('good.key'));
  });

  test('what is only written oddly is put right: BOM, CRLF, UTF-16, Base64 without BEGIN and END', () => {
    const pem = text('good.crt');
    shop.write('odd.crt', Buffer.from(`\ufeff${pem.replaceAll('\n', '\r\n')}`, 'utf16le'));
    shop.write('bare.crt', pem.replaceAll(/-----.*-----\n/g, ''));
    for (const name of ['odd', 'bare']) {
      done(`${name}.crt`, '--out', `${name}-new.crt`);
      expect(text(`${name}-new.crt`)).toBe(pem);
    }
  });
});

describe('passphrases', () => {
  test('are added, changed and taken away', () => {
    done('good.key', '--new-passphrase-file', 'pw2', '--out', 'locked.key');
    expect(text('locked.key')).toMatch(/^-----BEGIN ENCRYPTED PRIVATE KEY-----/);
    expect(keyOf('locked.key', '-passin file:pw2')).toBe(keyOf('good.key'));
    done('locked.key', '--passphrase-file', 'pw2', '--new-passphrase-file', 'pw', '--force', '--out', 'locked.key');
    expect(keyOf('locked.key', '-passin file:pw')).toBe(keyOf('good.key'));
    done('locked.key', '--passphrase-file', 'pw', '--no-passphrase', '--out', 'open.key');
    expect(text('open.key')).toBe(keyOf('good.key'));
    expect(statSync(at('open.key')).mode & 0o777).toBe(0o600);
  });

  test('stay where nothing is said', () => {
    done('good.key', '--new-passphrase-file', 'pw2', '--out', 'stay.key');
    done('stay.key', '--passphrase-file', 'pw2', '--out', 'stayed.key');
    expect(keyOf('stayed.key', '-passin file:pw2')).toBe(keyOf('good.key'));
  });

  test('that the appliance does not support are said', () => {
    shop.write('bad', 'two words\n');
    const { stdout } = done('good.key', '--new-passphrase-file', 'bad', '--out', 'bad.key');
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain(
      'The passphrase holds the space, which the appliance does not support.',
    );
  });

  test('beyond ASCII open what openssl locked, and the other way round', () => {
    shop.write('umlaut', 'Zürich€𝄞');
    for (const flag of ['', '-legacy']) {
      shop.run(`${EXPORT.replace('file:pw', 'file:umlaut')} ${flag} -out umlaut${flag}.p12`);
      expect(run(`umlaut${flag}.p12`, '--passphrase-file', 'umlaut', '--out-dir', `opened${flag}`).code).toBe(0);
    }
    run('good.crt', 'good.key', '--to', 'pkcs12', '--new-passphrase-file', 'umlaut', '--out', 'made-umlaut.p12');
    expect(shop.run('openssl pkcs12 -in made-umlaut.p12 -passin file:umlaut -nodes')).toContain('BEGIN PRIVATE KEY');
  });

  test('come from the environment, too', () => {
    const env = { OLD: 'abc-123' };
    shop.run(`${EXPORT} -out env.p12`);
    const ended = certgate(['convert', 'env.p12', '--passphrase-env', 'OLD', '--only', 'crt', '--out', 'env.crt'], {
      cwd: shop.folder,
      env,
    });
    expect(ended.code).toBe(0);
  });
});

describe('bag attributes', () => {
  test('are stripped unless asked for', () => {
    shop.run(`${EXPORT} -out bags.p12`);
    done('bags.p12', '--passphrase-file', 'pw', '--out-dir', 'stripped', '--name', 's');
    expect(text('stripped/s.crt')).toMatch(/^-----BEGIN/);
    done('bags.p12', '--passphrase-file', 'pw', '--bag-attributes', '--out-dir', 'kept', '--name', 's');
    expect(text('kept/s.crt')).toMatch(
      /^Bag Attributes\n {4}localKeyID: [0-9A-F ]+\n {4}friendlyName: sensor\nsubject=/,
    );
    expectLab('stripped');
  });

  test('are read back from PEM', () => {
    done('kept/s.crt', 'kept/s.key', '--passphrase-file', 'pw', '--to', 'pkcs12', '--out', 'again.p12');
    expect(shop.run('openssl pkcs12 -in again.p12 -passin file:pw -nokeys')).toContain('friendlyName: sensor');
  });
});

describe('nothing is lost', () => {
  test('a file that is there stays, and the others are not written either', () => {
    shop.run('mkdir there && echo precious > there/s.pem');
    const ended = run('good.crt', 'good.key', 'good.pem', '--out-dir', 'there', '--name', 's');
    expect(ended.code).toBe(2);
    expect(ended.stderr).toContain('there/s.pem is there already.');
    expect(shop.run('ls there; cat there/s.pem')).toBe('s.pem\nprecious\n');
    done('good.crt', 'good.key', 'good.pem', '--out-dir', 'there', '--name', 's', '--force');
    expect(text('there/s.pem')).toBe(text('good.pem'));
  });

  test.each([
    ['a web page', '<!DOCTYPE html><html></html>', 'download the file itself'],
    ['nothing', '', 'an empty file'],
    ['a Java keystore', Buffer.from('feedfeed00000002', 'hex'), 'keytool -importkeystore'],
    ['a damaged certificate', '-----BEGIN CERTIFICATE-----\nMII|\n-----END CERTIFICATE-----\n', 'line 2, column 4'],
  ])('%s is named, with what to do', (_, content, said) => {
    shop.write('input', content);
    const ended = run('input', '--out', 'output');
    expect(ended.code).toBe(1);
    expect(ended.stderr).toContain(said);
  });

  test.each([
    [['good.crt', '--to', 'pkcs7', '--only', 'key'], '--to pkcs7 holds certificates'],
    [['good.crt', 'good.key', '--to', 'pkcs12', '--only', 'crt'], 'leave --only away'],
    [['good.crt', 'good.key', '--out', 'one'], '2 files come of this; --out takes one'],
    [['good.key', '--no-passphrase', '--new-passphrase-file', 'pw'], 'contradict each other'],
    [['gone.crt'], 'gone.crt cannot be opened: there is no such file'],
  ])('%j contradicts itself, and that is said', (args, said) => {
    const ended = run(...args);
    expect(ended.code).toBe(2);
    expect(ended.stderr).toContain(said);
  });

  test('--format json says the same to programs', () => {
    const { stdout } = done('good.crt', '--out', 'j.crt', '--format', 'json');
    expect(JSON.parse(stdout)).toEqual({
      written: [{ path: 'j.crt', part: 'crt', description: 'the certificate for sensor.contoso.com' }],
      remarks: [],
    });
  });
});
