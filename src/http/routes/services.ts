import type { BundleFiles } from '../../core/files/open-bundle.ts';
import type { CheckOptions } from '../../core/check/options.ts';
import type { Report } from '../../core/base/finding.ts';
import type { Sessions } from '../../service/access/sessions.ts';
import type { Setup } from '../../service/access/setup.ts';
import type { Tokens } from '../../service/access/tokens.ts';
import type { Users } from '../../service/access/users.ts';
import type { AuditLog } from '../../service/audit/audit-log.ts';
import type { Appliances } from '../../service/inventory/appliances.ts';
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
  readonly gate: Gate;
  /** Judges a bundle against no inventory. */
  readonly check: (files: BundleFiles, options: CheckOptions) => Promise<Report>;
}
