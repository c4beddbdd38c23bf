/** The octets of an IP address in text form: 4, or 16 for IPv6 (RFC 4291 §2.2); undefined for anything else. */
export function parseIpAddress(text: string): Uint8Array | undefined {
  return text.includes(':') ? parseIpv6(text) : parseIpv4(text);
}

// Decimal without leading zeros: some readers take these for octal.
function parseIpv4(text: string): Uint8Array | undefined {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255)) {
    return undefined;
  }
  return Uint8Array.from(parts, Number);
}

function parseIpv6(text: string): Uint8Array | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const head = parseGroups(halves[0]!, halves.length === 1);
  const tail = halves.length === 2 ? parseGroups(halves[1]!, true) : [];
  if (head === undefined || tail === undefined) return undefined;
  const zeros = 16 - head.length - tail.length;
  if (halves.length === 1 ? zeros !== 0 : zeros < 2) return undefined;
  return Uint8Array.from([...head, ...Array.from({ length: zeros }, () => 0), ...tail]);
}

function parseGroups(text: string, last: boolean): number[] | undefined {
  if (text === '') return [];
  const octets: number[] = [];
  const groups = text.split(':');
  for (const [index, group] of groups.entries()) {
    if (last && index === groups.length - 1 && group.includes('.')) {
      const ipv4 = parseIpv4(group);
      if (ipv4 === undefined) return undefined;
      octets.push(...ipv4);
      continue;
    }
    if (!/^[0-9A-Fa-f]{1,4}$/.test(group)) return undefined;
    const value = Number.parseInt(group, 16);
    octets.push(value >> 8, value & 0xff);
  }
  return octets;
}

/** `192.0.2.1`, or IPv6 as RFC 5952 writes it. */
export function formatIpAddress(octets: Uint8Array): string {
  if (octets.length === 4) return octets.join('.');
  const groups = Array.from({ length: octets.length >> 1 }, (_, i) => (octets[2 * i]! << 8) | octets[2 * i + 1]!);
  let best = { start: -1, length: 1 };
  for (let start = 0; start < groups.length; start++) {
    let length = 0;
    while (groups[start + length] === 0) length++;
    if (length > best.length) best = { start, length };
  }
  const hex = (part: number[]): string => part.map((group) => group.toString(16)).join(':');
  if (best.start < 0) return hex(groups);
  return `${hex(groups.slice(0, best.start))}::${hex(groups.slice(best.start + best.length))}`;
}

/** Whether an address lies in a network of address and mask (RFC 5280 §4.2.1.10), both of the same IP version. */
export function isInNetwork(address: Uint8Array, network: Uint8Array): boolean {
  const { length } = address;
  if (network.length !== length * 2) return false;
  for (let i = 0; i < length; i++) {
    const mask = network[length + i]!;
    if ((address[i]! & mask) !== (network[i]! & mask)) return false;
  }
  return true;
}

/** The IPv4 address inside an IPv4-mapped one (RFC 4291 §2.5.5.2); undefined for any other. */
export function mappedIpv4(octets: Uint8Array): Uint8Array | undefined {
  if (octets.length !== 16) return undefined;
  const isMapped = octets.subarray(0, 12).every((octet, i) => octet === (i < 10 ? 0 : 0xff));
  return isMapped ? octets.subarray(12) : undefined;
}

/** RFC 4632: the mask is ones, then zeros. */
export function hasContiguousMask(network: Uint8Array): boolean {
  let ended = false;
  for (let i = network.length >> 1; i < network.length; i++) {
    const octet = network[i]!;
    if (ended ? octet !== 0 : !/^1*0*$/.test(octet.toString(2).padStart(8, '0'))) return false;
    ended ||= octet !== 0xff;
  }
  return true;
}
