import { mutateDer } from './der-tree.ts';
import type { Random } from './random.ts';

/** A file of a case, altered: as bytes, as text, or inside one of its PEM blocks by the structure of its DER. */
export function mutate(file: Uint8Array, others: readonly Uint8Array[], random: Random): Uint8Array {
  const blocks = pemBlocks(file);
  if (blocks.length > 0 && !random.once(4)) return mutateBlock(file, random.pick(blocks), random);
  if (file[0] === 0x30 && !random.once(3)) return mutateDer(file, random);
  return random.pick(BYTE_MUTATIONS)(file, others, random);
}

interface Block {
  readonly label: string;
  readonly start: number;
  readonly end: number;
  readonly der: Uint8Array;
}

const PEM = /-----BEGIN ([A-Z0-9 ]+)-----\r?\n([A-Za-z0-9+/=\s]+)-----END [A-Z0-9 ]+-----/g;

function pemBlocks(file: Uint8Array): Block[] {
  const text = Buffer.from(file.buffer, file.byteOffset, file.byteLength).toString('latin1');
  return [...text.matchAll(PEM)].map(([whole, label = '', base64 = ''], _, __, at = 0) => ({
    label,
    start: at,
    end: at + whole.length,
    der: Buffer.from(base64, 'base64'),
  }));
}

const LABELS = ['CERTIFICATE', 'X509 CERTIFICATE', 'TRUSTED CERTIFICATE', 'CERTIFICATE REQUEST', 'X509 CRL', 'PKCS7'];

function mutateBlock(file: Uint8Array, { label, start, end, der }: Block, random: Random): Uint8Array {
  const altered = random.once(5) ? random.pick(BYTE_MUTATIONS)(der, [der], random) : mutateDer(der, random);
  const shown = random.once(30) ? random.pick(LABELS) : label;
  const lines = Buffer.from(altered)
    .toString('base64')
    .replace(/(.{64})(?=.)/g, '$1\n');
  const pem = Buffer.from(`-----BEGIN ${shown}-----\n${lines}\n-----END ${shown}-----`);
  return Buffer.concat([file.subarray(0, start), pem, file.subarray(end)]);
}

type ByteMutation = (file: Uint8Array, others: readonly Uint8Array[], random: Random) => Uint8Array;

const FRAGMENTS = [
  '-----BEGIN CERTIFICATE-----',
  '-----END CERTIFICATE-----',
  '-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n\n',
  '\n',
  '\r\n',
  '\0',
  '=',
  '====',
  '\ufeff',
  '\\n',
  'subject=CN = x\n',
].map((text) => Buffer.from(text));

const spliced = (file: Uint8Array, at: number, remove: number, insert: Uint8Array): Uint8Array =>
  Buffer.concat([file.subarray(0, at), insert, file.subarray(at + remove)]);

const BYTE_MUTATIONS: readonly ByteMutation[] = [
  (file, _, random) => {
    const changed = Uint8Array.from(file);
    for (let flips = 1 + random.below(4); flips > 0; flips--)
      changed[random.below(file.length)]! ^= 1 << random.below(8);
    return changed;
  },
  (file, _, random) => {
    const changed = Uint8Array.from(file);
    changed[random.below(file.length)] = random.next() & 0xff;
    return changed;
  },
  (file, _, random) => file.subarray(0, random.below(file.length + 1)),
  (file, _, random) => file.subarray(random.below(file.length + 1)),
  (file, _, random) => spliced(file, random.below(file.length), random.below(80), new Uint8Array()),
  (file, _, random) => spliced(file, random.below(file.length), 0, random.bytes(1 + random.below(40))),
  (file, _, random) => spliced(file, random.below(file.length), 0, random.pick(FRAGMENTS)),
  (file, _, random) => {
    const at = random.below(file.length);
    return spliced(file, at, 0, file.subarray(at, at + random.below(400)));
  },
  (file, others, random) => {
    const other = random.pick(others);
    return spliced(file, random.below(file.length), 0, other.subarray(random.below(other.length)));
  },
];
