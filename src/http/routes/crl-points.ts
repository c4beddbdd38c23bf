import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { CrlAttempt } from '../../service/inventory/crl-attempts.ts';
import type { CrlPoint } from '../../service/inventory/crl-refresh.ts';
import type { CrlsFor } from '../../service/inventory/crls-for.ts';
import { crlFetchAllSchema, crlPointSchema, crlsForAnswerSchema, crlsForSchema } from '../contract/trust.ts';
import { idSchema, toTime, toTimeOrNull } from '../contract/values.ts';
import type { Services } from './services.ts';
import { textBytes } from './upload-form.ts';

const read = { access: 'inventory:read' } as const;

/** Where CRLs come from, whether they came, and the CRLs themselves for a check in the page. */
export const crlPointRoutes =
  ({ crls, crlRefresher, crlsFor, fleet }: Services): FastifyPluginAsyncZod =>
  async (server) => {
    server.get('/crls/points', { config: read, schema: { response: { 200: z.array(crlPointSchema) } } }, async () => {
      await fleet.fresh();
      return (await crlRefresher.points()).map(shownPoint);
    });
    server.post(
      '/crls/fetch-all',
      { config: { access: 'crls:fetch' }, schema: { response: { 200: crlFetchAllSchema } } },
      async (request) => {
        const results = await crlRefresher.fetchAll(request.actor);
        return { results: results.map((result) => ({ ...shownAttempt(result), outcome: result.outcome })) };
      },
    );
    server.get(
      '/crls/:id/content',
      {
        config: read,
        schema: { params: z.object({ id: idSchema }), response: { 200: z.string().describe('application/pkix-crl') } },
      },
      async (request, reply) => {
        const { list } = await crls.open(request.params.id);
        const { byteOffset, byteLength, buffer } = list.der;
        return reply
          .type('application/pkix-crl')
          .header('Content-Disposition', `attachment; filename="${request.params.id}.crl"`)
          .send(Buffer.from(buffer, byteOffset, byteLength) as never);
      },
    );
    server.post(
      '/crls/for',
      {
        config: { access: 'check', compress: true },
        schema: { body: crlsForSchema, response: { 200: crlsForAnswerSchema } },
      },
      async (request) => {
        const [crt, ...others] = request.body.certificates.map(textBytes);
        const at = toTime(Date.now());
        const chain = others.length === 0 ? {} : { chain: Buffer.concat(others.map(asPem)) };
        return { ...shownCrlsFor(await crlsFor({ crt: crt!, ...chain })), at };
      },
    );
  };

/** A chain file is PEM. */
function asPem(file: Uint8Array): Buffer {
  const bytes = Buffer.from(file);
  if (bytes[0] !== 0x30) return Buffer.concat([bytes, Buffer.from('\n')]);
  const lines = bytes.toString('base64').replaceAll(/.{64}(?=.)/g, '$&\n');
  return Buffer.from(`-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`);
}

const shownAttempt = ({ url, at, ok, code, reason, fix }: CrlAttempt) => ({
  url,
  at: toTime(at),
  ok,
  code,
  reason,
  fix,
});

const shownPoint = ({ url, identities, held, lastAttempt, nextAttempt }: CrlPoint) => ({
  url,
  identities,
  crlId: held?.id ?? null,
  freshness: held?.freshness ?? null,
  lastAttempt: lastAttempt === undefined ? null : shownAttempt(lastAttempt),
  nextAttempt: toTimeOrNull(nextAttempt ?? null),
});

const base64 = ({ list: { der } }: CrlsFor['held'][number]): string =>
  Buffer.from(der.buffer, der.byteOffset, der.byteLength).toString('base64');

const shownCrlsFor = ({ held, replies }: CrlsFor) => ({
  held: held.map(base64),
  replies: replies.map(({ url, from, crl, failure }) => ({
    url,
    ...(from !== undefined && { from }),
    ...(crl !== undefined && { crl: base64(crl) }),
    ...(failure !== undefined && { failure }),
  })),
});
