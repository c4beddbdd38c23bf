import type { Block, FileContent } from '../../../src/core/files/content.ts';
import { identify } from '../../../src/core/files/identify.ts';
import { recogniseStructure } from '../../../src/core/files/structure.ts';
import { fixForWrongFile } from '../../../src/core/requirements/file-fixes.ts';
import { Certificate } from '../../../src/core/x509/certificate.ts';
import { basicConstraints } from '../../../src/core/x509/extensions/basic-constraints.ts';
import { subjectAltName } from '../../../src/core/x509/extensions/subject-alt-name.ts';
import { ATTRIBUTE } from '../../../src/core/x509/name.ts';
import { joined, pemOf } from './pem.ts';
import type { BundlePart, NamedFile, Recognised, RecognisedFile } from './request.ts';

/** A certificate among the files. */
interface Held {
  readonly file: Opened;
  readonly block: Block;
  readonly certificate: Certificate | undefined;
  readonly isCa: boolean;
}

interface Opened {
  readonly named: NamedFile;
  readonly content: FileContent;
  readonly certificates: readonly Held[];
  readonly keys: readonly Block[];
  readonly isCrl: boolean;
  readonly usedAs: Set<BundlePart | 'crl'>;
  notes: string[];
  fix: string | undefined;
}

interface Part {
  readonly bytes: Uint8Array;
  readonly name: string;
  readonly rearranged: boolean;
}

const isCertificate = ({ kind }: Block): boolean => kind === 'certificate' || kind === 'trusted-certificate';
const isKey = ({ kind }: Block): boolean => kind.endsWith('private-key');
const belongsToKey = (block: Block): boolean => isKey(block) || block.kind === 'parameters';

/**
 * Says what each file is by its content, in whatever order and under whatever names they came, and makes the three
 * parts of a bundle of them. A file that holds one part only is taken as it is, oddities included: the report says what
 * an appliance would make of them. Only where one file holds several parts, or several files one part, is anything cut.
 */
export function recogniseFiles(files: readonly NamedFile[]): Recognised {
  const opened = files.map(open);
  const free = opened.filter(({ named }) => named.as === undefined);
  const held = free.flatMap(({ certificates }) => certificates);
  const said = (part: BundlePart): Part | undefined => {
    const file = opened.find(({ named }) => named.as === part);
    file?.usedAs.add(part);
    return file && { bytes: file.named.bytes, name: file.named.name, rearranged: false };
  };
  const hasCrt = opened.some(({ named }) => named.as === 'crt');
  const leaf = hasCrt ? undefined : chooseLeaf(held, free.some(isStray));
  const crt = said('crt') ?? (leaf && crtOf(leaf));
  const key = said('key') ?? keyOf(free);
  const chain = said('chain') ?? chainOf(free, held, leaf);
  const foreign = crt === undefined ? strayAsCrt(free) : undefined;
  for (const file of free) explain(file, leaf);
  const parts = { crt: crt ?? foreign, key, chain };
  return {
    files: opened.map(shown),
    bundle: present({ crt: parts.crt?.bytes, key: key?.bytes, chain: chain?.bytes }),
    names: present({ crt: parts.crt?.name, key: key?.name, chain: chain?.name }),
    crls: opened.filter(({ usedAs }) => usedAs.has('crl')).map(({ named }) => named.bytes),
    rearranged: Object.values(parts).some((part) => part?.rearranged === true),
    ...factsOf(opened, leaf),
  };
}

function open(named: NamedFile): Opened {
  const content = identify(named.bytes);
  const file: Opened = {
    named,
    content,
    keys: content.blocks.filter(isKey),
    // A list of a million entries is larger than any other file may be.
    isCrl:
      content.blocks.some(({ kind }) => kind === 'crl') ||
      (content.form === 'too-large' && recogniseStructure(named.bytes).kind === 'crl'),
    certificates: [],
    usedAs: new Set(),
    notes: [],
    fix: undefined,
  };
  const certificates = content.blocks.filter(isCertificate).map((block): Held => {
    const certificate = parsed(block);
    return { file, block, certificate, isCa: certificate !== undefined && isCa(certificate) };
  });
  return Object.assign(file, { certificates });
}

function parsed({ der }: Block): Certificate | undefined {
  try {
    return Certificate.parse(der);
  } catch {
    // The report says what is wrong with it.
    return undefined;
  }
}

function isCa(certificate: Certificate): boolean {
  try {
    return certificate.get(basicConstraints)?.cA ?? (certificate.version === 1 && certificate.isSelfIssued);
  } catch {
    return false;
  }
}

/** The end-entity certificate; where there are only CAs and nothing else that could be meant, one of them. */
function chooseLeaf(held: readonly Held[], hasStray: boolean): Held | undefined {
  const readable = held.filter(({ certificate }) => certificate !== undefined);
  // `sensor.crt` beside `fullchain.pem`: the file that holds it alone.
  const endEntities = readable.filter(({ isCa }) => !isCa).toSorted((a, b) => aloneness(a) - aloneness(b));
  if (endEntities.length > 0) return endEntities[0];
  const damaged = held.filter(({ certificate }) => certificate === undefined);
  return damaged[0] ?? (hasStray ? undefined : loneCa(readable));
}

/** A CA that stands where the certificate belongs: alone in its file, and issuer of none of the others. */
function loneCa(cas: readonly Held[]): Held | undefined {
  return cas.find((one) => aloneness(one) === 1 && !cas.some((other) => other !== one && isIssuer(one, other)));
}

const aloneness = ({ file }: Held): number => file.certificates.length;

function isIssuer(issuer: Held, child: Held): boolean {
  try {
    return child.certificate!.issuer.equals(issuer.certificate!.subject) && !same(issuer.block.der, child.block.der);
  } catch {
    return false;
  }
}

const same = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && a.every((octet, i) => octet === b[i]);

function crtOf({ file, block }: Held): Part {
  file.usedAs.add('crt');
  const alone = file.content.blocks.every((other) => other === block || same(other.der, block.der));
  // Whose certificate is meant, if there are two? That is not ours to guess.
  const several = file.certificates.some((other) => !other.isCa && !same(other.block.der, block.der));
  if (alone || several || file.content.form !== 'pem' || file.content.repairs.utf16) return whole(file);
  return { ...cut(file, [block]), rearranged: true };
}

function keyOf(files: readonly Opened[]): Part | undefined {
  const [file, ...more] = files.filter(({ keys }) => keys.length > 0);
  if (file === undefined) return undefined;
  file.usedAs.add('key');
  for (const other of more) other.notes.push(`It is not used: ${file.named.name} holds a private key already.`);
  const alone = file.content.blocks.every(belongsToKey);
  if (alone || file.content.form !== 'pem' || file.content.repairs.utf16) return whole(file);
  return { ...cut(file, file.content.blocks.filter(belongsToKey)), rearranged: true };
}

/** The CAs: one file that holds nothing else as it is, else all of them put together from the issuer up. */
function chainOf(files: readonly Opened[], held: readonly Held[], leaf: Held | undefined): Part | undefined {
  const isOther = (one: Held): boolean => leaf === undefined || !same(one.block.der, leaf.block.der);
  const cas = held.filter((one) => isOther(one) && (one.isCa || (leaf !== undefined && one.certificate === undefined)));
  const different = cas.filter((one, i) => cas.findIndex(({ block }) => same(block.der, one.block.der)) === i);
  if (different.length === 0) return undefined;
  const holdsAll = (file: Opened): boolean =>
    different.every(({ block }) => file.certificates.some((other) => same(other.block.der, block.der)));
  const complete = files.filter((file) => holdsAll(file));
  const exact = complete.find(({ content }) => content.blocks.every((block) => cas.some((one) => one.block === block)));
  if (exact !== undefined) {
    exact.usedAs.add('chain');
    return whole(exact);
  }
  const [source] = complete;
  if (source !== undefined) {
    source.usedAs.add('chain');
    const blocks = source.certificates.filter((one) => isOther(one) && one.isCa).map(({ block }) => block);
    return source.content.form === 'pem' && !source.content.repairs.utf16
      ? { ...cut(source, blocks), rearranged: true }
      : { bytes: joined(blocks.map(pemOf)), name: source.named.name, rearranged: true };
  }
  const ordered = fromIssuerUp(different, leaf);
  const sources = [...new Set(ordered.map(({ file }) => file))];
  for (const file of sources) file.usedAs.add('chain');
  return {
    bytes: joined(ordered.map(({ block }) => pemOf(block))),
    name: sources.map(({ named }) => named.name).join(' + '),
    rearranged: true,
  };
}

function fromIssuerUp(cas: readonly Held[], leaf: Held | undefined): Held[] {
  const left = [...cas];
  const ordered: Held[] = [];
  for (let child = leaf; child?.certificate !== undefined;) {
    const below = child;
    const at = left.findIndex((one) => one.certificate !== undefined && isIssuer(one, below));
    if (at < 0) break;
    child = left.splice(at, 1)[0];
    ordered.push(child!);
  }
  return [...ordered, ...left];
}

const whole = ({ named }: Opened): Part => ({ bytes: named.bytes, name: named.name, rearranged: false });

const cut = ({ named }: Opened, blocks: readonly Block[]): Pick<Part, 'bytes' | 'name'> => ({
  bytes: joined(blocks.map(({ offset, length }) => named.bytes.slice(offset, offset + length))),
  name: named.name,
});

/** No certificate came: what did come goes where one should be, so that the report says what it is. */
function strayAsCrt(files: readonly Opened[]): Part | undefined {
  const stray = files.find(isStray);
  stray?.usedAs.add('crt');
  return stray && whole(stray);
}

const isStray = ({ keys, certificates, isCrl }: Opened): boolean =>
  keys.length === 0 && certificates.length === 0 && !isCrl;

const PART_WORDS: Readonly<Record<BundlePart, string>> = { crt: 'certificate', key: 'private key', chain: 'chain' };

function explain(file: Opened, leaf: Held | undefined): void {
  const { content, usedAs, certificates, notes } = file;
  if (file.isCrl && usedAs.size === 0) usedAs.add('crl');
  const parts = [...usedAs].filter((part) => part !== 'crl').map((part) => PART_WORDS[part]);
  if (parts.length > 1)
    notes.push(`It holds ${listing(parts)} together; we took them apart, as the appliance wants them.`);
  if (parts.length > 1 && usedAs.has('key')) notes.push('Whoever got this file has the key.');
  const otherwise = misnamed(file);
  if (otherwise !== undefined) notes.push(otherwise);
  // What is wrong with a file that is used, the report says.
  if (usedAs.size > 0 || notes.length > 0) return;
  const others = certificates.filter(({ isCa }) => !isCa);
  if (certificates.length > 0 && leaf !== undefined) {
    const isAgain = certificates.every(({ block, isCa }) => isCa || same(block.der, leaf.block.der));
    notes.push(
      isAgain
        ? 'It is not used: the other files hold the same already.'
        : `It is not used: ${others.length > 1 ? 'these certificates are' : 'this certificate is'} no CA, and ${leaf.file.named.name} holds the one to check. Take one of the two away.`,
    );
    return;
  }
  notes.push('It is none of the three files that an appliance takes.');
  file.fix = fixForWrongFile('crt', content);
}

/** The fields of a form go by what they are for, and so do people by the ending. */
function misnamed({ named, usedAs }: Opened): string | undefined {
  const [part] = usedAs;
  const ending = /\.(crt|cer|key)$/i.exec(named.name)?.[1]?.toLowerCase();
  if (ending === undefined || usedAs.size !== 1 || named.as !== undefined) return undefined;
  const says = ending === 'key' ? 'key' : 'crt';
  if (part === says || part === 'crl' || (part === 'chain' && says === 'crt')) return undefined;
  const place =
    part === 'key' ? 'private key (KEY file)' : part === 'crt' ? 'certificate (CRT file)' : 'chain (PEM file)';
  return `Its name ends in .${ending}, but what is in it belongs into the form's field for the ${place}.`;
}

const listing = (words: readonly string[]): string =>
  words.length === 1 ? words[0]! : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;

const shown = ({ named, content, usedAs, notes, fix }: Opened): RecognisedFile => ({
  name: named.name,
  size: named.bytes.length,
  description:
    content.form === 'too-large' && usedAs.has('crl')
      ? 'a certificate revocation list (CRL) in DER'
      : content.description,
  usedAs: [...usedAs],
  ...(notes.length > 0 && { note: notes.join(' ') }),
  ...(fix !== undefined && { fix }),
});

function factsOf(
  opened: readonly Opened[],
  leaf: Held | undefined,
): Pick<Recognised, 'certificates' | 'hostname' | 'encrypted'> {
  const all = opened.flatMap(({ certificates }) => certificates);
  const first = leaf ?? opened.find(({ named }) => named.as === 'crt')?.certificates[0];
  const rest = all.filter((one) => one !== first);
  const ders = [first, ...rest].flatMap((one) => (one?.certificate === undefined ? [] : [one.certificate.der]));
  const hostname = first?.certificate && hostnameOf(first.certificate);
  return {
    certificates: ders.filter((der, i) => ders.findIndex((other) => same(other, der)) === i),
    ...(hostname !== undefined && { hostname }),
    encrypted: opened.some(({ keys }) => keys[0]?.kind === 'encrypted-private-key'),
  };
}

function hostnameOf(certificate: Certificate): string | undefined {
  try {
    const names = certificate.get(subjectAltName)?.names ?? [];
    const dns = names.find(({ kind }) => kind === 'dNSName');
    if (dns !== undefined && 'value' in dns && typeof dns.value === 'string') return dns.value;
    return certificate.subject.all(ATTRIBUTE.CN)[0]?.text;
  } catch {
    return undefined;
  }
}

/** Without the parts that are not there. */
function present<T>(parts: { readonly [Part in BundlePart]: T | undefined }): { readonly [Part in BundlePart]?: T } {
  return Object.fromEntries(Object.entries(parts).filter(([, part]) => part !== undefined)) as { crt?: T };
}
