import { inFile, problemsOf } from '../../crt-file-problems.ts';
import { fixForWrongFile } from '../../file-fixes.ts';
import { defineRule, pass, refused, vendor } from '../../define.ts';
import { legibleOutcome } from '../../legible.ts';
import type { Outcome } from '../../rule.ts';

const FILE = { file: 'crt' } as const;

export const crtFile = defineRule({
  id: 'crt-file',
  origin: 'defender-iot',
  title: 'The .crt file holds exactly one certificate',
  source: vendor('Supported file types'),
  quote:
    '.crt – certificate container file: A .pem, or .der file, with a different extension for support in Windows Explorer.',
  reading:
    'Exactly one certificate, in PEM or DER. CAs in the same file are judged as the chain if no .pem came: the form has a field of its own for them.',
  required: 'exactly one certificate, PEM or DER',
  explanation:
    'Passes: one certificate in PEM or DER; Windows line ends, bag attributes and other text around it do no harm.\n\nRefused: anything else (a key, a request, PKCS#7, PKCS#12, a web page, an empty file …), damaged text, bytes after the certificate, several end-entity certificates.\n\nUnsupported: UTF-16, CAs or a private key in the same file.\n\nWarning: a byte order mark, the same certificate twice.',
  applianceSays: 6,
  needs: 'files',
  gives: ['pass', 'warning', 'unsupported', 'refused'],
  check({ bundle: { crt }, circumstances }) {
    const { content, leaf } = crt;
    if (leaf === undefined) {
      const message = `The .crt file holds no certificate: it is ${content.description}.`;
      return refused({
        found: content.description,
        location: FILE,
        message,
        fix: fixForWrongFile('crt', content),
      });
    }
    const problems: Outcome[] = [...problemsOf(crt, leaf)];
    const legible = leaf.salvaged && legibleOutcome(leaf.salvaged, inFile(leaf), circumstances.at);
    // Nobody should repair what would be refused afterwards.
    if (legible?.status === 'refused') problems[0] = { ...problems[0]!, fix: legible.fix! };
    if (legible !== undefined) problems.push(legible);
    return problems.length > 0 ? problems : pass({ found: content.description, location: inFile(leaf) });
  },
});
