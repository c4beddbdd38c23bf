import type { BundleFiles } from '../../core/files/open-bundle.ts';
import type { CheckOptions } from '../../core/check/options.ts';
import type { Report } from '../../core/base/finding.ts';
import type { Sessions } from '../../service/access/sessions.ts';
import type { Setup } from '../../service/access/setup.ts';
import type { Tokens } from '../../service/access/tokens.ts';
import type { Users } from '../../service/access/users.ts';
import type { AuditLog } from '../../service/audit/audit-log.ts';
import type { Anchors } from '../../service/inventory/anchors.ts';
import type { Appliances } from '../../service/inventory/appliances.ts';
import type { Crls } from '../../service/inventory/crls.ts';
import type { Gate } from '../../service/inventory/gate.ts';
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
  readonly console: ConsoleView;
  /** On the unix socket alone: what only the host may do. */
  readonly host?: HostActions;
  /** Judges a bundle against no inventory. */
  readonly check: (files: BundleFiles, options: CheckOptions) => Promise<Report>;
}

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
