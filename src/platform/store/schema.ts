import type { ColumnType } from 'kysely';

/**
 * The tables as queries see them, the same on SQLite and PostgreSQL. Times are milliseconds since 1970, booleans are
 * avoided in favour of the time at which something happened, JSON is text, identifiers are UUIDs as text.
 */
export interface Schema {
  sites: Named;
  zones: Named & { site_id: string };
  appliances: Appliances;
  partners: Partners;
  channels: Channels;
  channel_overrides: ChannelOverrides;
  anchors: Anchors;
  crls: Crls;
  uploads: Uploads;
  identities: Identities;
  pending_keys: PendingKeys;
  /** Who may use a CN now; released when its holder is replaced under that name or retired. */
  common_name_claims: Claim & { cn_key: string };
  /** Who used a certificate first: for ever. */
  certificate_claims: Claim & { fingerprint: string };
  /** Who used a public key first: for ever. */
  key_claims: Claim & { spki_fingerprint: string };
  users: Users;
  sessions: Sessions;
  tokens: Tokens;
  setup_links: SetupLinks;
  settings: { key: string; value: string; updated_at: number };
  audit: AuditEntries;
  idempotency_keys: IdempotencyKeys;
}

/** The row of `settings` that names the master key, as `MasterKeyNote` in JSON. */
export const MASTER_KEY_SETTING = 'master-key';

export interface MasterKeyNote {
  /** Of the key that everything is sealed with; of the one before while a rotation is under way. */
  readonly fingerprint: string;
  /** A rotation to this one was begun and has not ended. */
  readonly rotatingTo?: string;
}

interface Named {
  id: string;
  name: string;
  /** Lower case, for uniqueness. */
  name_key: string;
}

interface Claim {
  appliance_id: string;
  claimed_at: number;
}

interface Appliances extends Named {
  hostname: string;
  role: 'sensor' | 'ha';
  /** The sensor that an HA server stands in for. */
  sensor_id: string | null;
  site_id: string | null;
  zone_id: string | null;
  validation: 'mandatory' | 'none';
  crl: 'on' | 'off';
  profile: string;
  created_at: number;
  updated_at: number;
  /** Grows with every change; the ETag. */
  version: number;
  retired_at: number | null;
}

interface Partners extends Named {
  host: string;
  port: number;
  /** Everything else about the partner, JSON. */
  settings: string;
  created_at: number;
  updated_at: number;
  version: number;
}

interface Channels extends Named {
  kind: 'console' | 'ha-listener' | 'ha-connector' | 'partner';
  /** Whose identity is shown; null for a partner channel. */
  appliance_id: string | null;
  partner_id: string | null;
  /** The name of the token of the host where it runs; null: the server itself. */
  node: string | null;
  /** Everything else about it, JSON. */
  settings: string;
  created_at: number;
  updated_at: number;
  disabled_at: number | null;
  version: number;
}

interface ChannelOverrides {
  id: string;
  channel_id: string;
  /** `host`: opened at the channel's own process, by whoever may open its socket. */
  origin: 'server' | 'host';
  /** JSON list. */
  overlooks: string;
  /** SHA-256, lower-case hex. */
  fingerprint: string;
  reason: string;
  opened_by: string;
  opened_at: number;
  ends_at: number;
  closed_at: number | null;
  closed_by: string | null;
}

interface Anchors {
  id: string;
  name: string;
  der: Uint8Array;
  fingerprint: string;
  subject: string;
  not_after: number;
  added_by: string;
  added_at: number;
  removed_at: number | null;
}

interface Crls {
  id: string;
  /** SHA-256 of the canonical issuer name, the issuing distribution point, and whether it is a delta. */
  scope_key: string;
  /** SHA-256 of the canonical issuer name. */
  issuer_key: string;
  issuer: string;
  url: string | null;
  der: Uint8Array;
  fingerprint: string;
  /** Decimal; CRL numbers have up to 20 octets. */
  crl_number: string | null;
  this_update: number;
  next_update: number | null;
  obtained_at: number;
  /** An older one may take its place once: its CA was restored from a backup. */
  older_allowed_at: number | null;
}

interface Uploads {
  id: string;
  appliance_id: string;
  name: string;
  at: number;
  actor: string;
  verdict: 'accepted' | 'unsupported' | 'refused';
  /** What became of it. */
  outcome: 'refused' | 'reason-needed' | 'staged' | 'activated';
  /** The report, JSON. */
  report: string;
  /** The certificates of the .crt file, PEM; public. The key of a refused upload is not kept. */
  crt: Uint8Array;
  identity_id: string | null;
}

interface Identities {
  id: string;
  appliance_id: string;
  upload_id: string | null;
  name: string;
  origin: 'self-signed' | 'upload' | 'generated';
  state: 'staged' | 'active' | 'previous' | 'ended';
  crt_pem: string;
  chain_pem: string | null;
  /** Sealed by the vault: PKCS#8. */
  key_sealed: Uint8Array;
  passphrase_sealed: Uint8Array | null;
  fingerprint: string;
  spki_fingerprint: string;
  subject: string;
  cn: string;
  cn_key: string;
  not_before: number;
  not_after: number;
  crl: 'on' | 'off';
  verdict: 'accepted' | 'unsupported';
  /** Why an administrator let an unsupported one in. */
  reason: string | null;
  staged_at: number;
  activate_at: number | null;
  activated_at: number | null;
  /** When its activation was due and it was judged again and no longer let in; nothing but people takes it up then. */
  activation_refused_at: number | null;
  /** The report of that, JSON. */
  activation_report: string | null;
  /** How long its activation waits for a confirmation. */
  confirm_within_ms: number | null;
  /** Rolled back at this time unless confirmed before. */
  confirm_by: number | null;
  confirmed_at: number | null;
  ended_at: number | null;
  /** What was active before it, and is again after a roll-back. */
  previous_id: string | null;
}

interface PendingKeys {
  id: string;
  appliance_id: string;
  spki_fingerprint: string;
  key_sealed: Uint8Array;
  csr_pem: string;
  created_at: number;
  created_by: string;
}

interface Users extends Named {
  password_hash: string;
  role: 'admin' | 'analyst' | 'reader';
  failed_attempts: number;
  locked_until: number | null;
  created_at: number;
  disabled_at: number | null;
  version: number;
}

interface Sessions {
  /** SHA-256 of the cookie. */
  id_hash: string;
  user_id: string;
  csrf_hash: string;
  created_at: number;
  last_seen_at: number;
  expires_at: number;
}

interface Tokens extends Named {
  token_hash: string;
  user_id: string;
  /** JSON list. */
  scopes: string;
  created_at: number;
  expires_at: number | null;
  last_used_at: number | null;
  revoked_at: number | null;
}

interface SetupLinks {
  /** Always 1: there is one set-up. */
  id: number;
  token_hash: string;
  created_at: number;
  expires_at: number;
  consumed_at: number | null;
}

interface AuditEntries {
  seq: ColumnType<number, number, never>;
  at: number;
  actor: string;
  action: string;
  subject: string;
  /** JSON. */
  details: string;
  /** HMAC of the entry before, in hex. */
  previous: string;
  /** HMAC of this entry and `previous`, in hex. */
  mac: string;
}

interface IdempotencyKeys {
  key: string;
  actor: string;
  request_hash: string;
  status: number;
  response: string;
  at: number;
}
