import { setImmediate as nextTurn } from 'node:timers/promises';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Ranked } from '../../service/inventory/standing/fleet.ts';
import type { FleetSelection } from '../../service/inventory/standing/fleet-query.ts';
import { CONSOLE_ID } from '../../service/inventory/appliances.ts';
import { fleetFilterSchema, fleetQuerySchema, fleetRowSchema, fleetSchema, placesSchema } from '../contract/fleet.ts';
import { toTime, toTimeOrNull } from '../contract/values.ts';
import type { Services } from './services.ts';
import { shownStanding } from './standing.ts';

const config = { access: 'inventory:read', compress: true } as const;

/** The fleet as lists show it, from memory: what each appliance uses, and what that is worth now. */
export const fleetListRoutes =
  ({ fleet, fleetList }: Services): FastifyPluginAsyncZod =>
  async (server) => {
    const select = async (query: z.output<typeof fleetFilterSchema>): Promise<FleetSelection> => {
      await fleet.fresh();
      const { sort, direction, expiresBefore, ...filter } = query;
      const before = expiresBefore === undefined ? undefined : Date.parse(expiresBefore);
      return fleetList.select({ ...filter, expiresBefore: before }, { sort, direction });
    };
    server.get(
      '/fleet',
      { config, schema: { querystring: fleetQuerySchema, response: { 200: fleetSchema } } },
      async (request) => {
        const { offset, limit, ...query } = request.query;
        const { rows, states } = await select(query);
        const items = rows.slice(offset, offset + limit).map(shownRow);
        return { items, total: rows.length, states, pending: fleet.pending };
      },
    );
    server.get(
      '/fleet.csv',
      { config, schema: { querystring: fleetFilterSchema, response: { 200: z.string().describe('text/csv') } } },
      async (request, reply) => {
        const { rows } = await select(request.query);
        return reply
          .type('text/csv; charset=utf-8; header=present')
          .header('Content-Disposition', 'attachment; filename="certgate-fleet.csv"')
          .serializer((text: unknown) => text as string)
          .send(await csvOf(rows));
      },
    );
    server.get('/fleet/places', { config, schema: { response: { 200: placesSchema } } }, async () => {
      await fleet.fresh();
      return { sites: placesOf(fleet.members()) };
    });
  };

const shownRow = ({ appliance, identity, staged, lastUpload, standing }: Ranked): z.input<typeof fleetRowSchema> => ({
  ...appliance,
  ...shownStanding(standing),
  identity: identity && {
    ...identity,
    notBefore: toTime(identity.notBefore),
    notAfter: toTime(identity.notAfter),
    activatedAt: toTimeOrNull(identity.activatedAt),
    confirmBy: toTimeOrNull(identity.confirmBy),
  },
  staged: staged && {
    ...staged,
    notAfter: toTime(staged.notAfter),
    activateAt: toTimeOrNull(staged.activateAt),
    activationRefusedAt: toTimeOrNull(staged.activationRefusedAt),
  },
  lastUpload: lastUpload && { ...lastUpload, at: toTime(lastUpload.at) },
});

type Column = readonly [string, (row: Ranked) => string | null | undefined];
const COLUMNS: readonly Column[] = [
  ['name', ({ appliance }) => appliance.name],
  ['hostname', ({ appliance }) => appliance.hostname],
  ['role', ({ appliance }) => appliance.role],
  ['site', ({ appliance }) => appliance.site],
  ['zone', ({ appliance }) => appliance.zone],
  ['validation', ({ appliance }) => appliance.validation],
  ['state', ({ standing }) => standing.state],
  ['message', ({ standing }) => standing.message],
  ['fix', ({ standing }) => standing.fix],
  ['cn', ({ identity }) => identity?.cn],
  ['issuer', ({ identity }) => identity?.issuer],
  ['serial', ({ identity }) => identity?.serial],
  ['fingerprint', ({ identity }) => identity?.fingerprint],
  ['notBefore', ({ identity }) => identity && toTime(identity.notBefore)],
  ['notAfter', ({ identity }) => identity && toTime(identity.notAfter)],
  ['activatedAt', ({ identity }) => identity && toTimeOrNull(identity.activatedAt)],
  ['lastUploadAt', ({ lastUpload }) => lastUpload && toTime(lastUpload.at)],
  ['lastUploadOutcome', ({ lastUpload }) => lastUpload?.outcome],
  ['id', ({ appliance }) => appliance.id],
];

/** RFC 4180, lines ended by CRLF. */
async function csvOf(rows: readonly Ranked[]): Promise<string> {
  const lines = [COLUMNS.map(([name]) => name).join(',')];
  for (const row of rows) {
    lines.push(COLUMNS.map(([, valueOf]) => csvValue(valueOf(row) ?? '')).join(','));
    if (lines.length % 1000 === 0) await nextTurn();
  }
  return `${lines.join('\r\n')}\r\n`;
}

/**
 * A value that a spreadsheet would run as a formula (it begins with = + - @, a tab or a line end) gets an apostrophe
 * before it: names are what people typed (OWASP, CSV Injection).
 */
export function csvValue(value: string): string {
  const harmless = /^[=+\-@\t\r\n]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(harmless) || harmless !== value ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

/** By name; without those that name no site. */
function placesOf(members: Iterable<Ranked>): z.input<typeof placesSchema>['sites'] {
  const sites = new Map<string, { appliances: number; zones: Map<string, number> }>();
  for (const { appliance } of members) {
    if (appliance.site === null || appliance.id === CONSOLE_ID) continue;
    const site = sites.get(appliance.site) ?? { appliances: 0, zones: new Map<string, number>() };
    sites.set(appliance.site, site);
    site.appliances++;
    if (appliance.zone !== null) site.zones.set(appliance.zone, (site.zones.get(appliance.zone) ?? 0) + 1);
  }
  const byName = (a: { name: string }, b: { name: string }): number => a.name.localeCompare(b.name, 'en');
  return [...sites]
    .map(([name, { appliances, zones }]) => ({
      name,
      appliances,
      zones: [...zones].map(([zone, count]) => ({ name: zone, appliances: count })).toSorted(byName),
    }))
    .toSorted(byName);
}
