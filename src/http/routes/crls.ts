import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { HeldCrl, KeptCrl } from '../../service/inventory/crls.ts';
import { crlFetchSchema, crlSchema, keptCrlSchema } from '../contract/trust.ts';
import { idSchema, toTime, toTimeOrNull } from '../contract/values.ts';
import { RequestError } from './problems.ts';
import type { Services } from './services.ts';

const read = { access: 'inventory:read', compress: true } as const;
const write = { access: 'trust:write' } as const;
/** A CRL of a million entries has 40 MB. */
const CRL_LIMIT = 64 * 1024 * 1024;

export const crlRoutes =
  ({ crls }: Services): FastifyPluginAsyncZod =>
  async (server) => {
    server.get('/crls', { config: read, schema: { response: { 200: z.array(crlSchema) } } }, async () =>
      (await crls.list()).map(shown),
    );
    await server.register(async (files) => {
      const asBytes = { parseAs: 'buffer', bodyLimit: CRL_LIMIT } as const;
      files.addContentTypeParser(
        ['application/pkix-crl', 'application/octet-stream', 'application/x-pem-file'],
        asBytes,
        (_request, body, done) => done(null, body),
      );
      const schema = { response: { 200: keptCrlSchema } };
      files.post('/crls', { config: write, schema, bodyLimit: CRL_LIMIT }, async (request) => {
        if (!Buffer.isBuffer(request.body)) {
          throw new RequestError(415, 'not-a-crl', 'Send the CRL itself as application/pkix-crl, PEM or DER.');
        }
        return shownKept(await crls.add(request.body, request.actor));
      });
    });
    server.post(
      '/crls/fetch',
      { config: { access: 'crls:fetch' }, schema: { body: crlFetchSchema, response: { 200: keptCrlSchema } } },
      async (request) => shownKept(await crls.fetch(request.body.url, request.actor)),
    );
    const schema = { params: z.object({ id: idSchema }), response: { 204: z.null() } };
    server.post('/crls/:id/allow-older', { config: write, schema }, async (request, reply) => {
      await crls.allowOlder(request.params.id, request.actor);
      return reply.status(204).send(null);
    });
    server.delete('/crls/:id', { config: write, schema }, async (request, reply) => {
      await crls.remove(request.params.id, request.actor);
      return reply.status(204).send(null);
    });
  };

const shown = (crl: HeldCrl) => ({
  ...crl,
  thisUpdate: toTime(crl.thisUpdate),
  nextUpdate: toTimeOrNull(crl.nextUpdate),
  obtainedAt: toTime(crl.obtainedAt),
});

const shownKept = ({ crl, outcome }: KeptCrl) => ({ crl: shown(crl), outcome });
