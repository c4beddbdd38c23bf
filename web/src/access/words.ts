import type { Role } from '../api/session.ts';

/** What each role may, in words. */
export const ROLE_OPTIONS: readonly { readonly value: Role; readonly label: string; readonly about: string }[] = [
  {
    value: 'reader',
    label: 'Read only',
    about: 'Sees appliances and their certificates, checks files. Changes nothing.',
  },
  {
    value: 'analyst',
    label: 'Security analyst',
    about: 'Sees the same and the audit log, and can have revocation lists fetched. Changes nothing else.',
  },
  { value: 'admin', label: 'Admin', about: 'May do everything: certificates, trust, channels, settings, users.' },
];

/** What a token may be allowed, from the harmless to the powerful. */
export const SCOPES: Readonly<Record<string, string>> = {
  check: 'Check files, keep nothing',
  'inventory:read': 'See appliances, certificates, trust anchors and settings',
  'audit:read': 'Read the audit log',
  'crls:fetch': 'Have revocation lists fetched',
  'certificates:upload': 'Upload certificates with their keys',
  'certificates:activate': 'Put certificates into use, take them back',
  'inventory:write': 'Add and change appliances, partners and channels',
  'trust:write': 'Add and remove trust anchors and revocation lists',
  'settings:write': 'Change the settings',
  'certificates:export': 'Take private keys out of the server',
  'users:write': 'Manage users and their passwords',
  'channels:run': 'Run channels on another host: is given their certificates and keys',
};
/** A person's alone. */
export const NEVER = new Set(['channels:override']);

export const scopeWords = (scope: string): string => SCOPES[scope] ?? scope;

/** What of it somebody with these permissions may give to a token. */
export function scopesFor(permissions: readonly string[]): string[] {
  const known = Object.keys(SCOPES);
  const rank = (scope: string): number => (known.includes(scope) ? known.indexOf(scope) : known.length);
  return permissions.filter((scope) => !NEVER.has(scope)).toSorted((a, b) => rank(a) - rank(b));
}
