import { isIP } from 'node:net';

/** Whom CRLs may be fetched from. A URL in a certificate is somebody's wish; without this it would poke any device. */
export interface FetchPolicy {
  /** The command line may: whoever types there can reach its own machine anyway. */
  readonly loopback: boolean;
  /** Only for certificates that lead to a configured anchor, or from `hosts`. */
  readonly anchoredOnly: boolean;
  /** Host names and addresses that are asked whatever stands above and wherever their names lead. */
  readonly hosts: readonly string[];
}

/** For commands: what the user names is asked, save the places that no CRL server has. */
export const COMMAND_POLICY: FetchPolicy = { loopback: true, anchoredOnly: false, hosts: [] };
/** For services: private addresses are fine, the CRL server of a plant *is* private. */
export const SERVICE_POLICY: FetchPolicy = { loopback: false, anchoredOnly: true, hosts: [] };

/** Host names are compared without case, final dot and brackets. */
export const plainHost = (host: string): string =>
  host
    .toLowerCase()
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '');

export const isListed = (host: string, policy: FetchPolicy): boolean =>
  policy.hosts.some((listed) => plainHost(listed) === plainHost(host));

type Range = readonly [prefix: readonly number[], bits: number, what: string];

// IANA special-purpose address registries; RFC 6890.
const IPV4: readonly Range[] = [
  [[0, 0, 0, 0], 8, 'this host (0.0.0.0/8)'],
  [[127, 0, 0, 0], 8, 'loopback'],
  [[169, 254, 0, 0], 16, 'link-local, where clouds keep their metadata'],
  [[168, 63, 129, 16], 32, 'a cloud metadata address'],
  [[100, 100, 100, 200], 32, 'a cloud metadata address'],
  [[192, 0, 0, 192], 32, 'a cloud metadata address'],
  [[224, 0, 0, 0], 4, 'multicast'],
  [[240, 0, 0, 0], 4, 'reserved or broadcast'],
];
const IPV6: readonly Range[] = [
  [[], 128, 'the unspecified address'],
  [[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1], 128, 'loopback'],
  [[0xfe, 0x80], 10, 'link-local'],
  [[0xff], 8, 'multicast'],
  [[0xfd, 0x00, 0x0e, 0xc2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x02, 0x54], 128, 'a cloud metadata address'],
];
/** IPv6 prefixes that carry an IPv4 address, and where in it. */
const CARRIERS: readonly (readonly [prefix: readonly number[], bits: number, at: number])[] = [
  // IPv4-mapped ::ffff:0:0/96, IPv4-translated ::ffff:0:0:0/96, IPv4-compatible ::/96
  [[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff], 96, 12],
  [[0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0], 96, 12],
  [[], 96, 12],
  // NAT64 64:ff9b::/96 and 64:ff9b:1::/48, 6to4 2002::/16
  [[0x00, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0], 96, 12],
  [[0x00, 0x64, 0xff, 0x9b, 0x00, 0x01], 48, 12],
  [[0x20, 0x02], 16, 2],
];

/** What kind of place `address` is that no CRL is fetched from; undefined where it may be asked. */
export function forbiddenKind(address: string, policy: FetchPolicy): string | undefined {
  const octets = addressOctets(plainHost(address));
  if (octets === undefined) return 'no IP address';
  const kind = kindOf(octets);
  return kind === 'loopback' && policy.loopback ? undefined : kind;
}

function kindOf(octets: readonly number[]): string | undefined {
  if (octets.length === 4) return IPV4.find(([prefix, bits]) => startsWith(octets, prefix, bits))?.[2];
  const own = IPV6.find(([prefix, bits]) => startsWith(octets, prefix, bits))?.[2];
  if (own !== undefined) return own;
  for (const [prefix, bits, at] of CARRIERS) {
    if (startsWith(octets, prefix, bits)) return kindOf(octets.slice(at, at + 4));
  }
  return undefined;
}

function startsWith(octets: readonly number[], prefix: readonly number[], bits: number): boolean {
  for (let bit = 0; bit < bits; bit += 8) {
    const mask = bits - bit >= 8 ? 0xff : (0xff << (8 - (bits - bit))) & 0xff;
    if ((octets[bit / 8]! & mask) !== ((prefix[bit / 8] ?? 0) & mask)) return false;
  }
  return true;
}

/** 4 or 16 octets; undefined for anything that is no IP address in its usual text form. */
export function addressOctets(address: string): number[] | undefined {
  const text = address.replace(/%.*$/, '');
  if (isIP(text) === 4) return text.split('.').map(Number);
  if (isIP(text) !== 6) return undefined;
  const dotted = /(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(text);
  const hex = (high: number, low: number): string => ((high << 8) | low).toString(16);
  const plain = dotted
    ? text.slice(0, dotted.index) +
      `${hex(Number(dotted[1]), Number(dotted[2]))}:${hex(Number(dotted[3]), Number(dotted[4]))}`
    : text;
  const [head = '', tail] = plain.split('::');
  const groups = (part: string): string[] => (part === '' ? [] : part.split(':'));
  const front = groups(head);
  const back = tail === undefined ? [] : groups(tail);
  const middle = Array.from({ length: 8 - front.length - back.length }, () => '0');
  return [...front, ...middle, ...back].flatMap((group) => {
    const value = Number.parseInt(group, 16);
    return [value >> 8, value & 0xff];
  });
}

// Names that mean the machine itself or its cloud, for requests that a proxy resolves.
const FORBIDDEN_NAMES: readonly (readonly [RegExp, string])[] = [
  [/^(?:.+\.)?localhost$|^ip6-localhost$|^localhost\.localdomain$/, 'loopback'],
  [/^metadata(?:\.google\.internal|\.goog)?$|^instance-data(?:\.ec2\.internal)?$/, 'a cloud metadata address'],
];

/** As `forbiddenKind`, by the name alone. */
export function forbiddenName(host: string, policy: FetchPolicy): string | undefined {
  const name = plainHost(host);
  if (isIP(name) !== 0) return forbiddenKind(name, policy);
  const kind = FORBIDDEN_NAMES.find(([pattern]) => pattern.test(name))?.[1];
  return kind === 'loopback' && policy.loopback ? undefined : kind;
}
