import type { KeyFile, KeyProblem } from '../../../files/bundle.ts';
import * as fixes from '../../file-fixes.ts';
import { defineRule, notChecked, pass, refused, unsupported, vendor, warning } from '../../define.ts';
import { fixForFormat, fixForProblem, OLD_CIPHER, opensWithLegacyOnly } from '../../key-fixes.ts';
import type { Outcome } from '../../rule.ts';

const FILE = { file: 'key' } as const;

export const keyFile = defineRule({
  id: 'key-file',
  origin: 'defender-iot',
  title: 'The .key file holds exactly one private key',
  source: vendor('Supported file types'),
  quote:
    '.key – Private key file: A key file is in the same format as a .pem file, with a different extension for support in Windows Explorer.',
  reading: 'One private key in PEM, in any of the forms that OpenSSL writes: PKCS#1, PKCS#8 or SEC1, encrypted or not.',
  required: 'exactly one private key, in PEM',
  explanation:
    'Passes: one private key in PEM (`PRIVATE KEY`, `ENCRYPTED PRIVATE KEY`, `RSA PRIVATE KEY`, `EC PRIVATE KEY`).\n\nRefused: no private key, several, damaged text, DER, PKCS#12, OpenSSH, an encryption that takes unreasonably long.\n\nUnsupported: a certificate in the same file, UTF-16, a cipher nobody can open today.\n\nNot checked: no .key file came (at an upload that is refused, unless Certgate made the key and keeps it); or, in a browser, a cipher that only the server opens.',
  applianceSays: 6,
  needs: 'files',
  gives: ['pass', 'warning', 'unsupported', 'refused', 'not-checked'],
  check({ bundle: { key }, circumstances }) {
    if (key === undefined) return circumstances.upload === true ? MISSING : NOT_GIVEN;
    const { content, keys } = key;
    const [first] = keys;
    if (first === undefined) {
      const message = `The .key file holds no private key: it is ${content.description}.`;
      return refused({
        found: content.description,
        location: FILE,
        message,
        fix: fixes.fixForWrongFile('key', content),
      });
    }
    const problems = [...unusable(key), ...oddities(key)];
    return problems.length > 0 ? problems : pass({ found: content.description, location: FILE });
  },
});

const NOT_GIVEN = notChecked('No .key file was given.', { fix: 'Give it with --key sensor.key' });
const MISSING = refused({
  found: 'no .key file',
  location: FILE,
  message: 'No private key came with the certificate, and none that Certgate made for this appliance belongs to it.',
  fix: 'Upload the .key file with the certificate. To have Certgate make the key, ask for a CSR of this appliance, have your CA sign it, and upload the certificate that comes back.',
});

function* unusable({ content, keys, problem, encryption }: KeyFile): Iterable<Outcome> {
  const block = keys[0]!;
  const location = { file: 'key', block: block.index };
  const wordsOf = ({ code, message }: KeyProblem) => {
    return { found: encryption ?? message, location, message, fix: fixForProblem(code) };
  };
  if (block.kind === 'openssh-private-key') {
    const message = 'The private key is in OpenSSH format, which TLS servers do not read.';
    yield refused({ found: block.description, location, message, fix: fixForFormat('openssh') });
  } else if (content.form === 'der') {
    const message = `The .key file is ${content.description}; the form takes PEM (text) only.`;
    yield refused({
      found: content.description,
      location: FILE,
      message,
      fix: fixForFormat(block.kind === 'private-key' ? 'der' : 'der-encrypted'),
    });
  } else if (content.form === 'base64-without-header') {
    yield refused({ ...fixes.bareBase64('key', block.kind), location: FILE });
  }
  const faults = block.faults.filter(({ code }) => code !== 'inner-space');
  if (faults.some(({ code }) => code !== 'label-mismatch')) {
    const found = fixes.damageOf(block);
    yield refused({
      found,
      location,
      message: `The private key's text is damaged: ${found}.`,
      fix: fixes.fixForDamage('key', block),
    });
  } else if (faults.length > 0) {
    const message = `The key's BEGIN line is wrong: ${faults[0]!.message}. Some programs go by the label and refuse it.`;
    yield unsupported({ found: faults[0]!.message, location, message, fix: fixForFormat('relabel') });
  } else if (problem?.code === 'malformed' || problem?.code === 'derivation-over-budget') {
    yield refused(wordsOf(problem));
  }
  if (problem?.code === 'cipher-unsupported') yield unsupported(wordsOf(problem));
  else if (problem?.code === 'cipher-not-here') yield notChecked(problem.message, wordsOf(problem));
  else if (opensWithLegacyOnly(encryption)) {
    yield warning({
      found: encryption,
      location,
      message: OLD_CIPHER(encryption!),
      fix: fixForProblem('cipher-unsupported'),
    });
  }
}

function* oddities({ content, keys }: KeyFile): Iterable<Outcome> {
  if (keys.length > 1) {
    const message = `The .key file holds ${keys.length} private keys; which one is the certificate's?`;
    yield refused({
      found: `${keys.length} private keys`,
      location: FILE,
      message,
      fix: `Keep the certificate's own, for example block ${keys[0]!.index + 1}: ${fixes.splitCommand('key', keys[0]!.index, 'others.key')}`,
    });
  }
  const others = content.blocks.filter(({ kind }) => !kind.endsWith('private-key') && kind !== 'parameters');
  if (others.length > 0) {
    const message = `Beside the private key the .key file holds ${others[0]!.description}; key and certificate belong into files of their own.`;
    yield unsupported({
      found: content.description,
      location: { file: 'key', block: others[0]!.index },
      message,
      fix: fixForFormat('alone'),
    });
  }
  if (content.repairs.utf16) yield unsupported({ ...fixes.utf16('key'), location: FILE });
  else if (content.repairs.bom) yield warning({ ...fixes.byteOrderMark('key'), location: FILE });
  if (content.repairs.loneCr) yield unsupported({ ...fixes.loneCr('key'), location: FILE });
}
