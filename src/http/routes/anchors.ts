import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Anchor, AnchorCandidate } from '../../service/inventory/anchors.ts';
import { summaryOf } from '../../service/inventory/standing/overview.ts';
import {
  anchorCandidateSchema,
  anchorInspectionSchema,
  anchorSchema,
  listedAnchorSchema,
  newAnchorSchema,
} from '../contract/trust.ts';
import { idSchema, toTime } from '../contract/values.ts';
import type { Services } from './services.ts';
import { textBytes } from './upload-form.ts';

const read = { access: 'inventory:read', compress: true } as const;
const write = { access: 'trust:write' } as const;

export const anchorRoutes =
  ({ anchors, fleet }: Services): FastifyPluginAsyncZod =>
  async (server) => {
    server.get('/anchors', { config: read, schema: { response: { 200: z.array(listedAnchorSchema) } } }, async () => {
      await fleet.fresh();
      const { onAnchor } = summaryOf(fleet.members(), Date.now());
      return (await anchors.list()).map((anchor) => ({ ...shown(anchor), identities: onAnchor.get(anchor.id) ?? 0 }));
    });
    // Whoever may check a bundle needs to know what it is held against.
    const text = z.string().describe('application/x-pem-file: every trust anchor');
    server.get(
      '/trust-bundle',
      { config: { access: 'check' }, schema: { response: { 200: text } } },
      async (_, reply) => {
        const pem = (await anchors.certificates()).map((der) => toPem(Buffer.from(der)));
        return reply
          .type('application/x-pem-file')
          .header('Content-Disposition', 'attachment; filename="certgate-trust-anchors.pem"')
          .serializer((body: unknown) => body as string)
          .send(pem.join(''));
      },
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

const toPem = (der: Buffer): string =>
  `-----BEGIN CERTIFICATE-----\n${der.toString('base64').replaceAll(/.{64}(?=.)/g, '$&\n')}\n-----END CERTIFICATE-----\n`;

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
