import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Anchor, AnchorCandidate } from '../../service/inventory/anchors.ts';
import { anchorCandidateSchema, anchorInspectionSchema, anchorSchema, newAnchorSchema } from '../contract/trust.ts';
import { idSchema, toTime } from '../contract/values.ts';
import type { Services } from './services.ts';
import { textBytes } from './upload-form.ts';

const read = { access: 'inventory:read' } as const;
const write = { access: 'trust:write' } as const;

export const anchorRoutes =
  ({ anchors }: Services): FastifyPluginAsyncZod =>
  async (server) => {
    server.get('/anchors', { config: read, schema: { response: { 200: z.array(anchorSchema) } } }, async () =>
      (await anchors.list()).map(shown),
    );
    server.post(
      '/anchors/inspect',
      { config: write, schema: { body: anchorInspectionSchema, response: { 200: z.array(anchorCandidateSchema) } } },
      async (request) => anchors.inspect(textBytes(request.body.certificate)).map(shownCandidate),
    );
    server.post(
      '/anchors',
      { config: write, schema: { body: newAnchorSchema, response: { 201: anchorSchema } } },
      async (request, reply) => {
        const { certificate, name, fingerprint } = request.body;
        const anchor = await anchors.add({ file: textBytes(certificate), name, fingerprint }, request.actor);
        return reply.status(201).send(shown(anchor));
      },
    );
    const params = z.object({ id: idSchema });
    server.delete(
      '/anchors/:id',
      { config: write, schema: { params, response: { 200: anchorSchema } } },
      async (request) => shown(await anchors.remove(request.params.id, request.actor)),
    );
  };

const shown = (anchor: Anchor) => ({
  ...anchor,
  notAfter: toTime(anchor.notAfter),
  addedAt: toTime(anchor.addedAt),
});

const shownCandidate = (candidate: AnchorCandidate) => ({
  ...candidate,
  warnings: [...candidate.warnings],
  notBefore: toTime(candidate.notBefore),
  notAfter: toTime(candidate.notAfter),
});
