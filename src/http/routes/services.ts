import type { z } from 'zod';
import type { channelConnectionsSchema, channelForecastSchema, channelStateSchema } from '../contract/channels.ts';
import type { checkFieldsSchema } from '../contract/inventory.ts';
import type { reportSchema } from '../contract/report.ts';
import type { Sessions } from '../../service/access/sessions.ts';
import type { Setup } from '../../service/access/setup.ts';
import type { Tokens } from '../../service/access/tokens.ts';
import type { Users } from '../../service/access/users.ts';
import type { AuditLog } from '../../service/audit/audit-log.ts';
import type { Anchors } from '../../service/inventory/anchors.ts';
import type { ApplianceDefaults, VersionedDefaults } from '../../service/inventory/appliance-defaults.ts';
import type { Appliances } from '../../service/inventory/appliances.ts';
import type { ChannelEntry } from '../../service/inventory/channel-entry.ts';
import type { ChannelOverrides } from '../../service/inventory/channel-overrides.ts';
import type { Channels } from '../../service/inventory/channels.ts';
import type { CrlRefresher } from '../../service/inventory/crl-refresh.ts';
import type { CrlsFor } from '../../service/inventory/crls-for.ts';
import type { EventHub } from '../../service/inventory/event-hub.ts';
import type { Crls } from '../../service/inventory/crls.ts';
import type { Gate } from '../../service/inventory/gate.ts';
import type { Idempotency } from '../../service/access/idempotency.ts';
import type { importAppliances } from '../../service/inventory/csv-import.ts';
import type { ExportedFile, ExportWish } from '../../service/inventory/export.ts';
import type { Partners } from '../../service/inventory/partners.ts';
import type { UploadHistory } from '../../service/inventory/upload-history.ts';
import type { Matches } from '../../service/inventory/fleet-around.ts';
import type { Fleet } from '../../service/inventory/standing/fleet.ts';
import type { FleetList } from '../../service/inventory/standing/fleet-query.ts';
import type { PendingKeys } from '../../service/inventory/pending-keys.ts';
import type { Identities } from '../../service/inventory/identities.ts';

/** What the routes work with; made by the composition root. */
export interface Services {
  readonly setup: Setup;
  readonly users: Users;
  readonly sessions: Sessions;
  readonly tokens: Tokens;
  readonly audit: AuditLog;
  readonly appliances: Appliances;
  readonly identities: Identities;
  readonly anchors: Anchors;
  readonly crls: Crls;
  readonly gate: Gate;
  readonly pendingKeys: PendingKeys;
  readonly fleet: Fleet;
  readonly fleetList: FleetList;
  readonly events: EventHub;
  readonly crlRefresher: CrlRefresher;
  /** What the gate would hold these certificates against. */
  readonly claimsFor: (applianceId: string, certificate: Uint8Array) => Promise<Matches>;
  readonly crlsFor: (files: { crt: Uint8Array; chain?: Uint8Array }) => Promise<CrlsFor>;
  readonly uploads: UploadHistory;
  readonly partners: Partners;
  readonly channels: Channels;
  readonly channelOverrides: ChannelOverrides;
  readonly channelView: ChannelView;
  readonly settings: {
    read(): Promise<VersionedDefaults>;
    change(version: number, change: Partial<ApplianceDefaults>, actor: string): Promise<VersionedDefaults>;
  };
  readonly importCsv: (file: Uint8Array, actor: string) => ReturnType<typeof importAppliances>;
  readonly exportIdentity: (applianceId: string, wish: ExportWish, actor: string) => Promise<ExportedFile[]>;
  readonly idempotency: Idempotency;
  readonly console: ConsoleView;
  /** On the unix socket alone: what only the host may do. */
  readonly host?: HostActions;
  /** Judges a bundle against no inventory. @throws {InventoryError} `invalid` for a profile that does not exist */
  readonly check: (files: CheckFiles, options: CheckSettings) => Promise<z.input<typeof reportSchema>>;
}

/** How channels fare, as the processes that run them say. */
export interface ChannelView {
  states(): Promise<z.input<typeof channelStateSchema>[]>;
  state(entry: ChannelEntry): Promise<z.input<typeof channelStateSchema>>;
  connections(entry: ChannelEntry): Promise<z.input<typeof channelConnectionsSchema>>;
  /** @param at milliseconds @param channelId of all channels where it is left out */
  forecast(at: number, channelId?: string): Promise<z.input<typeof channelForecastSchema>>;
}

export interface CheckFiles {
  readonly crt: Uint8Array;
  readonly key?: Uint8Array | undefined;
  readonly chain?: Uint8Array | undefined;
  readonly passphrase?: string | undefined;
}

export type CheckSettings = Omit<z.output<typeof checkFieldsSchema>, 'passphrase'>;

/** What the console's own listener presents. Times in milliseconds. */
export interface ConsoleView {
  presented(): {
    /** SHA-256, `AB:CD:…`. */
    readonly fingerprint: string;
    /** `emergency`: its own certificate cannot be loaded, a self-signed one stands in. */
    readonly origin: 'self-signed' | 'upload' | 'generated' | 'emergency';
    readonly subject: string;
    readonly notAfter: number;
    readonly fromCa: boolean;
  };
  /** When the listener presents this identity. @throws {Error} where it could not, and the one before is back */
  settled(identityId: string): Promise<void>;
}

export interface HostActions {
  /** A new set-up link; the old one is void. */
  setupLink(): Promise<{ link: string; fingerprint: string }>;
  /** Gives the console a new self-signed certificate. */
  renewConsole(): Promise<void>;
  /** A one-time password for an administrator who cannot sign in any more, or a new administrator. */
  resetAdministrator(name: string): Promise<{ name: string; password: string }>;
}
