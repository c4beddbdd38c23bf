import type { Random } from './random.ts';

/** A TLV that can be taken apart, altered and written again, right or wrong. */
export interface Node {
  tag: number;
  /** Children, or the content octets. */
  content: Node[] | Uint8Array;
  /** Octets before the children: the unused-bits octet of a BIT STRING that holds DER. */
  prefix: Uint8Array;
  /** Written instead of the right length. */
  lengthOctets?: Uint8Array;
}

const NOTHING = new Uint8Array();
const DEEPEST = 24;

/** Undefined where `bytes` are not exactly one or several TLVs. */
export function readNodes(bytes: Uint8Array, depth = 0): Node[] | undefined {
  const nodes: Node[] = [];
  for (let at = 0; at < bytes.length;) {
    const tag = bytes[at]!;
    let length = bytes[at + 1];
    if (length === undefined || (tag & 0x1f) === 0x1f) return undefined;
    let start = at + 2;
    if (length >= 0x80) {
      const octets = length & 0x7f;
      if (octets === 0 || octets > 3) return undefined;
      length = 0;
      for (let i = 0; i < octets; i++) length = length * 256 + (bytes[start + i] ?? 0);
      start += octets;
    }
    if (start + length > bytes.length) return undefined;
    nodes.push(readNode(tag, bytes.subarray(start, start + length), depth));
    at = start + length;
  }
  return nodes;
}

function readNode(tag: number, content: Uint8Array, depth: number): Node {
  if (depth < DEEPEST && content.length > 0) {
    const isBits = tag === 0x03 && content[0] === 0;
    const mayHold = (tag & 0x20) !== 0 || tag === 0x04 || isBits;
    const children = mayHold ? readNodes(isBits ? content.subarray(1) : content, depth + 1) : undefined;
    if (children !== undefined) return { tag, content: children, prefix: isBits ? content.subarray(0, 1) : NOTHING };
  }
  return { tag, content, prefix: NOTHING };
}

export function writeNodes(nodes: readonly Node[]): Uint8Array {
  return Buffer.concat(nodes.map(writeNode));
}

function writeNode({ tag, content, prefix, lengthOctets }: Node): Uint8Array {
  const inside = content instanceof Uint8Array ? content : writeNodes(content);
  const length = prefix.length + inside.length;
  return Buffer.concat([Uint8Array.of(tag), lengthOctets ?? lengthOf(length), prefix, inside]);
}

export function lengthOf(length: number): Uint8Array {
  if (length < 0x80) return Uint8Array.of(length);
  const octets: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) octets.unshift(rest % 256);
  return Uint8Array.of(0x80 | octets.length, ...octets);
}

/** Every node with the list that it stands in. */
function places(nodes: Node[], into: { list: Node[]; index: number }[] = []): { list: Node[]; index: number }[] {
  nodes.forEach((node, index) => {
    into.push({ list: nodes, index });
    if (!(node.content instanceof Uint8Array)) places(node.content, into);
  });
  return into;
}

const STRING_TAGS = [0x0c, 0x12, 0x13, 0x14, 0x16, 0x1a, 0x1c, 0x1e];
const TEXTS = ['', ' ', '*', '*.example.com', 'a'.repeat(300), '\0', '\u202e', 'xn--', '1.2.3.4', '::1', 'US\n', 'ä'];
const DATES = [
  '491231235959Z',
  '500101000000Z',
  '260101000000Z',
  '99991231235959Z',
  '20260101000000Z',
  '0',
  '260230000000Z',
];
const text = (value: string) => new TextEncoder().encode(value);

type Mutation = (list: Node[], index: number, random: Random) => void;

const MUTATIONS: readonly Mutation[] = [
  (list, index) => void list.splice(index, 1),
  (list, index) => void list.splice(index, 0, structuredClone(list[index]!)),
  (list, index, random) => {
    const other = random.below(list.length);
    [list[index], list[other]] = [list[other]!, list[index]!];
  },
  (list, index, random) => void (list[index]!.tag = random.next() & 0xff),
  (list, index, random) => void (list[index]!.tag = random.pick(STRING_TAGS)),
  (list, index, random) => {
    list[index]!.content = text(random.pick(TEXTS));
    if (random.once(2)) list[index]!.tag = random.pick(STRING_TAGS);
  },
  (list, index, random) => {
    list[index]!.content = text(random.pick(DATES));
    list[index]!.tag = random.pick([0x17, 0x18]);
  },
  (list, index, random) => void (list[index]!.content = random.bytes(random.below(random.once(8) ? 2000 : 40))),
  (list, index) => void (list[index]!.content = NOTHING),
  // Lengths: too long, too short, huge, not minimal, indefinite.
  (list, index, random) =>
    void (list[index]!.lengthOctets = random.pick([
      Uint8Array.of(0x84, 0xff, 0xff, 0xff, 0xff),
      Uint8Array.of(0x84, 0x7f, 0xff, 0xff, 0xff),
      Uint8Array.of(0x88, 0, 0, 0, 0, 0, 0, 0, 1),
      Uint8Array.of(0x80),
      Uint8Array.of(0xff),
      Uint8Array.of(0x81, random.below(0x80)),
      Uint8Array.of(random.below(0x80)),
      Uint8Array.of(0x82, random.below(256), random.below(256)),
    ])),
  (list, index, random) => {
    let node = list[index]!;
    const tag = random.pick([0x30, 0x31, 0xa0, 0x24]);
    for (let depth = random.pick([2, 30, 500]); depth > 0; depth--) node = { tag, content: [node], prefix: NOTHING };
    list[index] = node;
  },
  (list, index, random) => {
    const copies = random.pick([3, 20, 300]);
    for (let i = 0; i < copies; i++) list.splice(index, 0, structuredClone(list[index]!));
  },
  (list, index, random) => {
    const { content } = list[index]!;
    if (!(content instanceof Uint8Array) || content.length === 0) return;
    const changed = content.slice();
    changed[random.below(changed.length)] = random.next() & 0xff;
    list[index]!.content = changed;
  },
  // A INTEGER, OBJECT IDENTIFIER or BIT STRING of many octets.
  (list, index, random) =>
    void (list[index]!.content = new Uint8Array(random.pick([129, 1000, 9000])).fill(random.next() & 0xff)),
];

/** One to three changes to the tree of `der`; `der` itself where it is no DER. */
export function mutateDer(der: Uint8Array, random: Random): Uint8Array {
  const nodes = readNodes(der);
  if (nodes === undefined) return der;
  for (let changes = 1 + random.below(3); changes > 0; changes--) {
    const all = places(nodes);
    if (all.length === 0) break;
    const { list, index } = random.pick(all);
    random.pick(MUTATIONS)(list, index, random);
  }
  return writeNodes(nodes);
}
