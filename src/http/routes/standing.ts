import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { InventoryError } from '../../service/inventory/inventory-error.ts';
import type { Explained } from '../../service/inventory/standing/fleet.ts';
import { chainOf } from '../../service/inventory/standing/chain.ts';
import type { Standing } from '../../service/inventory/standing/standing.ts';
import { applianceStandingSchema, standingBriefSchema } from '../contract/fleet.ts';
import { idSchema, toTime, toTimeOrNull } from '../contract/values.ts';
import type { Services } from './services.ts';

/** What the certificate of one appliance is worth now, with the chain that it rests on. */
export const standingRoutes =
  ({ appliances, fleet }: Services): FastifyPluginAsyncZod =>
  async (server) => {
    server.get(
      '/appliances/:id/standing',
      {
        config: { access: 'inventory:read', compress: true },
        schema: { params: z.object({ id: idSchema }), response: { 200: applianceStandingSchema } },
      },
      async (request) => {
        const { id } = request.params;
        const { name } = await appliances.byId(id);
        const explained = await fleet.explain(id);
        if (explained === undefined) throw new InventoryError('retired', `${name} is retired.`);
        return shownExplained(explained);
      },
    );
  };

const shownExplained = (explained: Explained): z.input<typeof applianceStandingSchema> => {
  const { at, entry, assessment } = explained;
  const { explored, matters } = assessment;
  const path = chainOf(explained);
  return {
    applianceId: entry.appliance.id,
    at: toTime(at),
    ...shownStanding(entry.standing),
    identityId: entry.identity?.id ?? null,
    findings: matters.map(({ finding }) => finding),
    path: path.map((one) => ({
      ...one,
      notBefore: toTime(one.notBefore),
      notAfter: toTime(one.notAfter),
      problems: [...one.problems],
    })),
    anchored: entry.standing.anchorId !== null || path.some(({ role }) => role === 'anchor'),
    valid: explored?.valid ?? false,
  };
};

export const shownStanding = (standing: Standing): z.input<typeof standingBriefSchema> => ({
  state: standing.state,
  blocks: standing.blocks,
  since: toTimeOrNull(standing.since),
  until: toTimeOrNull(standing.until),
  rule: standing.rule,
  message: standing.message,
  fix: standing.fix,
});
