/** The appliance's roles. */
export const ROLES = ['admin', 'analyst', 'reader'] as const;
export type Role = (typeof ROLES)[number];

export const ROLE_NAMES: Readonly<Record<Role, string>> = {
  admin: 'Admin',
  analyst: 'Security analyst',
  reader: 'Read only',
};

/** What a request may be about; every API operation names exactly one. */
export const PERMISSIONS = [
  'check',
  'inventory:read',
  'inventory:write',
  'certificates:upload',
  'certificates:activate',
  'certificates:export',
  'trust:write',
  'crls:fetch',
  'audit:read',
  'users:write',
  'settings:write',
  /** Break-glass; a person's alone, never a token's. */
  'channels:override',
  /** For the token of a host that runs channels: it is given their certificates and keys. */
  'channels:run',
] as const;
export type Permission = (typeof PERMISSIONS)[number];

const READER: readonly Permission[] = ['check', 'inventory:read'];
const ANALYST: readonly Permission[] = [...READER, 'audit:read', 'crls:fetch'];

const GRANTED: Readonly<Record<Role, readonly Permission[]>> = { reader: READER, analyst: ANALYST, admin: PERMISSIONS };

export const mayRole = (role: Role, permission: Permission): boolean => GRANTED[role].includes(permission);
