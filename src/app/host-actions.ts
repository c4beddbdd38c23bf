import { randomBytes } from 'node:crypto';
import { CONSOLE_ID } from '../service/inventory/appliances.ts';
import type { HostActions, Services } from '../http/routes/services.ts';
import { installSelfSigned } from './console/install.ts';
import type { System } from './system.ts';

/** What only the host may do: with the server through its socket, or without it. */
export function hostActions(system: System, console: Services['console'], origin: () => string): HostActions {
  const { setup, users, appliances, identities } = system.services;
  return {
    async setupLink() {
      const token = await setup.newToken();
      // The fragment stays in the browser: it is in no request and no log.
      return { link: `${origin()}/setup#${token}`, fingerprint: console.presented().fingerprint };
    },
    async renewConsole() {
      const { hostname } = await appliances.byId(CONSOLE_ID);
      await installSelfSigned({ ...system, ...system.services }, { hostname, actor: 'host' });
      const active = await identities.active(CONSOLE_ID);
      if (active !== undefined) await console.settled(active.id);
    },
    async resetAdministrator(name) {
      const password = randomBytes(15).toString('base64url');
      await users.recover(name, password, 'host');
      return { name, password };
    },
  };
}
