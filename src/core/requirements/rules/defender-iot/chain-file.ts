import type { ChainFile, FileCertificate, OpenedBundle } from '../../../files/bundle.ts';
import { isCaCertificate, isSameCertificate, issuerOf, nameDamage, subjectOf } from '../../certificate-facts.ts';
import * as fixes from '../../file-fixes.ts';
import { defineRule, notApplicable, pass, refused, unsupported, vendor, warning } from '../../define.ts';
import type { Outcome } from '../../rule.ts';

const FILE = { file: 'chain' } as const;
const at = ({ block }: FileCertificate) => ({ file: 'chain', block: block.index });
/** Writes the certificates of a file and nothing else, in its order. */
const ALONE = 'openssl crl2pkcs7 -nocrl -certfile chain.pem | openssl pkcs7 -print_certs -out chain-new.pem';

export const chainFile = defineRule({
  id: 'chain-file',
  origin: 'defender-iot',
  title: 'The .pem file holds the CA certificates',
  source: vendor('Supported file types'),
  quote:
    '.pem – certificate container file (optional): A text file with a Base64-encoding of the certificate text, and a plain-text header and footer to mark the beginning and end of the certificate.',
  reading: "From the upload form: the chain, so the CA certificates above the appliance's; bag attributes are fine.",
  required: 'CA certificates in PEM',
  explanation:
    "Passes: CA certificates in PEM, bag attributes and other text around them allowed.\n\nRefused: no readable certificate, damaged text, DER, PKCS#7, a private key in it.\n\nUnsupported: certificates of other end entities, UTF-16.\n\nWarning: the appliance's own certificate is in it too.\n\nNot applicable: no .pem file came.",
  applianceSays: 6,
  needs: 'files',
  gives: ['pass', 'warning', 'unsupported', 'refused', 'not-applicable'],
  check({ bundle }) {
    const { chain, chainFromCrt } = bundle;
    if (chainFromCrt)
      return notApplicable('No .pem file was given; the CAs in the .crt file stand in for it (see crt-file).');
    if (chain === undefined) return notApplicable('No .pem file was given.');
    const problems = [...unreadable(chain), ...foreign(chain, bundle), ...oddities(chain)];
    return problems.length > 0 ? problems : pass({ found: chain.content.description, location: FILE });
  },
});

function* unreadable({ content, certificates }: ChainFile): Iterable<Outcome> {
  const { form, description } = content;
  const key = content.blocks.find(({ kind }) => kind.endsWith('private-key'));
  if (key !== undefined && certificates.length > 0) {
    const message = `The .pem file holds ${key.description} beside the CA certificates. A chain is public: remove the key, and if the file went around, make a new one.`;
    yield refused({
      found: key.description,
      location: { file: 'chain', block: key.index },
      message,
      fix: `Write the certificates alone: ${ALONE}`,
    });
  }
  if (certificates.length === 0) {
    const message = `The .pem file holds no CA certificate in PEM: it is ${description}.`;
    yield refused({ found: description, location: FILE, message, fix: fixes.fixForWrongFile('chain', content) });
  } else if (form === 'der') {
    const message = `The .pem file is ${description}; it must be PEM (text).`;
    const fix = 'Convert it: openssl x509 -inform DER -in chain.pem -out chain-new.pem';
    yield refused({ found: description, location: FILE, message, fix });
  } else if (form === 'base64-without-header') {
    yield refused({ ...fixes.bareBase64('chain', 'certificate'), location: FILE });
  }
  for (const { block, error, certificate } of certificates) {
    const unread = error ?? (certificate && nameDamage(certificate));
    const damage = block.faults.some(({ code }) => code !== 'inner-space') ? fixes.damageOf(block) : unread?.message;
    if (damage === undefined) continue;
    const message = `Certificate ${block.index + 1} of the .pem file cannot be read: ${damage}.`;
    const fix = block.faults.length > 0 ? fixes.fixForDamage('chain', block) : "Fetch the CA's certificate again.";
    yield refused({ found: damage, location: { file: 'chain', block: block.index }, message, fix });
  }
}

function* foreign({ certificates, foreign: kinds }: ChainFile, { crt }: OpenedBundle): Iterable<Outcome> {
  const leaf = crt.leaf?.certificate;
  // Who issued the certificate and may not is the business of trust-path.
  const nameOfIssuer = leaf && issuerOf(leaf);
  for (const one of certificates) {
    const { certificate } = one;
    if (certificate === undefined) continue;
    const subject = subjectOf(certificate);
    const fix = `Keep the CAs: ${fixes.withoutBlock('chain', one.block.index, 'chain-new.pem')}`;
    if (leaf !== undefined && isSameCertificate(certificate, leaf)) {
      const message = `The .pem file also holds the appliance's own certificate (${subject}); only the CAs belong there.`;
      yield warning({
        found: subject,
        location: at(one),
        message,
        fix,
      });
    } else if (!isCaCertificate(certificate) && nameOfIssuer !== subject) {
      const message = `The .pem file holds a certificate that is no CA (${subject}): it does not belong to this chain.`;
      yield unsupported({
        found: subject,
        location: at(one),
        message,
        fix,
      });
    }
  }
  const others = kinds.filter((kind) => !kind.endsWith('private-key'));
  if (others.length > 0 && certificates.length > 0) {
    const message = `The .pem file also holds ${others.length} block${others.length === 1 ? '' : 's'} that ${others.length === 1 ? 'is' : 'are'} no certificate (${[...new Set(others)].join(', ')}).`;
    yield unsupported({
      found: others.join(', '),
      location: FILE,
      message,
      fix: `Write the certificates alone: ${ALONE}`,
    });
  }
}

function* oddities({ content }: ChainFile): Iterable<Outcome> {
  if (content.moreBlocks) {
    const message = `The .pem file holds more than ${content.blocks.length} PEM blocks; what follows was not read.`;
    yield refused({
      found: `more than ${content.blocks.length} blocks`,
      location: FILE,
      message,
      fix: 'Hand in the CAs of this one certificate.',
    });
  }
  if (content.repairs.utf16) yield unsupported({ ...fixes.utf16('chain'), location: FILE });
  else if (content.repairs.bom) yield warning({ ...fixes.byteOrderMark('chain'), location: FILE });
  if (content.repairs.loneCr) yield unsupported({ ...fixes.loneCr('chain'), location: FILE });
}
