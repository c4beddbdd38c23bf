import { isStringTag, readString } from '../../der/strings.ts';
import type { GeneralName } from '../general-name.ts';
import { type Field, field, hex } from './field.ts';
import { printable } from './name.ts';

const LABELS: Readonly<Record<GeneralName['kind'], string>> = {
  otherName: 'Other name',
  rfc822Name: 'E-mail address',
  dNSName: 'DNS name',
  x400Address: 'X.400 address',
  directoryName: 'Directory name',
  ediPartyName: 'EDI party name',
  uniformResourceIdentifier: 'URL',
  iPAddress: 'IP address',
  registeredID: 'Registered id',
};

export function generalNameField(path: string, name: GeneralName): Field {
  return field(LABELS[name.kind], `${path}.${name.kind}`, name.element, generalNameText(name));
}

// szOID_NT_PRINCIPAL_NAME: the log-on name in certificates of Active Directory.
const USER_PRINCIPAL_NAME = '1.3.6.1.4.1.311.20.2.3';

/** One name for a screen, control characters spelled out. Throws DerError where a directory name is malformed. */
export function generalNameText(name: GeneralName): string {
  switch (name.kind) {
    case 'rfc822Name':
    case 'dNSName':
    case 'uniformResourceIdentifier':
      return printable(name.value);
    case 'iPAddress':
      return formatIpAddress(name.octets);
    case 'directoryName':
      return printable(name.name.toString());
    case 'registeredID':
      return name.oid;
    case 'otherName': {
      const type = name.typeId === USER_PRINCIPAL_NAME ? 'user principal name' : name.typeId;
      const { value } = name;
      return `${type} ${isStringTag(value.tag) ? printable(readString(value, type)) : hex(value.der(), 32)}`;
    }
    case 'x400Address':
    case 'ediPartyName':
      return hex(name.element.content(), 32);
  }
}

/** `192.0.2.1`, `2001:db8::1` (RFC 5952), or address and mask with a slash between for 8 and 32 octets. */
export function formatIpAddress(octets: Uint8Array): string {
  if (octets.length === 8 || octets.length === 32) {
    const half = octets.length / 2;
    return `${formatIpAddress(octets.subarray(0, half))}/${formatIpAddress(octets.subarray(half))}`;
  }
  if (octets.length !== 16) return octets.join('.');
  const groups = Array.from({ length: 8 }, (_, i) => (octets[2 * i]! * 256 + octets[2 * i + 1]!).toString(16));
  // §4.2: the longest run of zero groups, the first of equals, at least two, becomes `::`.
  let from = -1;
  let longest = 1;
  for (let start = 0; start < 8; start++) {
    let end = start;
    while (end < 8 && groups[end] === '0') end += 1;
    if (end - start > longest) [from, longest] = [start, end - start];
  }
  if (from === -1) return groups.join(':');
  return `${groups.slice(0, from).join(':')}::${groups.slice(from + longest).join(':')}`;
}
