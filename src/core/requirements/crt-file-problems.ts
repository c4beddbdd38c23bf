import type { CrtFile, FileCertificate } from '../files/bundle.ts';
import { subjectOf } from './certificate-facts.ts';
import { refused, unsupported, warning } from './define.ts';
import * as fixes from './file-fixes.ts';
import type { Outcome } from './rule.ts';

const FILE = { file: 'crt' } as const;

export const inFile = ({ block }: FileCertificate) => ({ file: 'crt', block: block.index });

/** Everything that crt-file has to say about a .crt in which some certificate was found. */
export function* problemsOf(crt: CrtFile, leaf: FileCertificate): Iterable<Outcome> {
  yield* unreadable(crt);
  yield* wrongForm(crt, leaf);
  yield* tooMany(crt, leaf);
  yield* oddities(crt);
}

function* unreadable({ leaf, rest }: CrtFile): Iterable<Outcome> {
  for (const one of [leaf!, ...rest]) {
    const { block, error } = one;
    const damaged = block.faults.some(({ code }) => code !== 'inner-space');
    if (damaged) {
      const message = `The certificate's text is damaged: ${fixes.damageOf(block)}.${error === undefined ? '' : ` What is left of it cannot be read: ${error.message}.`}`;
      const location = { file: 'crt', offset: block.faults[0]!.offset };
      yield refused({ found: fixes.damageOf(block), location, message, fix: fixes.fixForDamage('crt', block) });
    } else if (error !== undefined) {
      const message = `The certificate cannot be read: ${error.message}. Its text is intact, so it was damaged or made wrong before it was written into this file.`;
      const location = { ...inFile(one), offset: error.offset };
      yield refused({
        found: error.message,
        location,
        message,
        fix: 'Copy the file again from where it was made; if it stays so, ask your CA for a new certificate.',
      });
    } else if (block.faults.length > 0) {
      const fix = 'openssl x509 -in sensor.crt -out sensor-new.crt';
      yield warning({
        found: fixes.damageOf(block),
        location: inFile(one),
        message: `There are spaces inside the certificate's text (${fixes.damageOf(block)}). Most programs skip them.`,
        fix: `Write it anew: ${fix}`,
      });
    }
  }
}

function* wrongForm({ content }: CrtFile, leaf: FileCertificate): Iterable<Outcome> {
  const write = 'openssl x509 -in sensor.crt -out sensor-new.crt';
  if (content.trailingBytes > 0) {
    const one = content.trailingBytes === 1;
    const message = `${content.trailingBytes} ${one ? 'byte follows' : 'bytes follow'} the certificate in the .crt file.`;
    yield refused({
      found: `${content.trailingBytes} extra byte${one ? '' : 's'}`,
      location: FILE,
      message,
      fix: 'Write the certificate alone: openssl x509 -inform DER -in sensor.crt -out sensor-new.crt',
    });
  }
  if (content.form === 'base64-without-header')
    yield refused({ ...fixes.bareBase64('crt', 'certificate'), location: FILE });
  if (leaf.block.kind === 'trusted-certificate') {
    const message = "The certificate is in OpenSSL's own TRUSTED CERTIFICATE form, which other programs do not read.";
    yield refused({
      found: 'TRUSTED CERTIFICATE',
      location: inFile(leaf),
      message,
      fix: `Write it as a plain certificate: ${write}`,
    });
  }
  if (content.repairs.utf16) yield unsupported({ ...fixes.utf16('crt'), location: FILE });
  else if (content.repairs.bom) yield warning({ ...fixes.byteOrderMark('crt'), location: FILE });
  if (content.repairs.loneCr) yield unsupported({ ...fixes.loneCr('crt'), location: FILE });
}

function* tooMany({ content, rest, endEntities }: CrtFile, leaf: FileCertificate): Iterable<Outcome> {
  if (content.moreBlocks) {
    const message = `The .crt file holds more than ${content.blocks.length} PEM blocks; what follows was not read.`;
    yield refused({
      found: `more than ${content.blocks.length} blocks`,
      location: FILE,
      message,
      fix: 'Hand in the one certificate of this appliance.',
    });
  }
  if (endEntities > 1) {
    const names = [leaf, ...rest].map(({ certificate }) => certificate && subjectOf(certificate)).slice(0, 4);
    const message = `The .crt file holds ${endEntities} end-entity certificates (${names.join('; ')}); which one is the appliance's?`;
    yield refused({
      found: `${endEntities} end-entity certificates`,
      location: inFile(leaf),
      message,
      fix: `Keep the appliance's own, for example block ${leaf.block.index + 1}: ${fixes.splitCommand('crt', leaf.block.index, 'others.pem')}`,
    });
  } else if (rest.length > 0 && rest.every(({ certificate }) => certificate !== undefined)) {
    const message = `The .crt file holds the certificate and ${rest.length} CA certificate${rest.length === 1 ? '' : 's'}; the form expects the certificate alone, and the CAs as the .pem file.`;
    yield unsupported({
      found: content.description,
      location: inFile(leaf),
      message,
      fix: `Split it: ${fixes.splitCommand('crt', leaf.block.index, 'chain.pem')}`,
    });
  }
}

function* oddities({ content, duplicates }: CrtFile): Iterable<Outcome> {
  const key = content.blocks.find(({ kind }) => kind.endsWith('private-key'));
  if (key !== undefined) {
    const message = `The .crt file also holds ${key.description}; a certificate is public, a key is not, and whoever got this file has it.`;
    yield unsupported({
      found: key.description,
      location: { file: 'crt', block: key.index },
      message,
      fix: 'Write the certificate alone: openssl x509 -in sensor.crt -out sensor-new.crt',
    });
  }
  const foreign = content.blocks.find(({ kind }) => !kind.endsWith('certificate') && !kind.endsWith('private-key'));
  if (foreign !== undefined) {
    const message = `The .crt file also holds ${foreign.description}, which does not belong there.`;
    yield unsupported({
      found: foreign.description,
      location: { file: 'crt', block: foreign.index },
      message,
      fix: 'Write the certificate alone: openssl x509 -in sensor.crt -out sensor-new.crt',
    });
  }
  if (duplicates > 0) {
    const message = `The .crt file holds the same certificate ${duplicates + 1} times.`;
    yield warning({
      found: `${duplicates} exact duplicate${duplicates === 1 ? '' : 's'}`,
      location: FILE,
      message,
      fix: 'Keep one: openssl x509 -in sensor.crt -out sensor-new.crt',
    });
  }
}
