import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import type { FastifyInstance } from 'fastify';

declare module 'fastify' {
  interface FastifyContextConfig {
    /**
     * Its answers are sent compressed. Only where no secret stands in them: the length of an answer that mixes a secret
     * with what the asker chose tells the secret (BREACH).
     */
    compress?: boolean;
  }
}

/** Below it one packet carries the answer anyway. */
const WORTH_IT = 1400;

const asBrotli = promisify(brotliCompress);
const asGzip = promisify(gzip);
// Fast ones: an answer is compressed for one reader. In the thread pool, so that nobody waits for it.
const BROTLI = { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } };

/** Compresses the answers of the routes that say so. */
export function compressAnswers(server: FastifyInstance): void {
  server.addHook('onSend', async (request, reply, payload) => {
    if (request.routeOptions.config.compress !== true || reply.statusCode !== 200) return payload;
    reply.header('Vary', 'Accept-Encoding');
    if (!(typeof payload === 'string' || Buffer.isBuffer(payload)) || payload.length < WORTH_IT) return payload;
    const encoding = encodingFor(request.headers['accept-encoding']);
    if (encoding === undefined) return payload;
    reply.header('Content-Encoding', encoding);
    reply.removeHeader('Content-Length');
    return encoding === 'br' ? asBrotli(payload, BROTLI) : asGzip(payload);
  });
}

/** The best that the client takes (RFC 9110 §12.5.3); a weight of 0 is a no, other weights are not compared. */
export function encodingFor(accepted: string | undefined): 'br' | 'gzip' | undefined {
  const refused = /;\s*q=0(?:\.0+)?\s*$/;
  const named = (accepted ?? '').split(',').filter((one) => !refused.test(one));
  const names = new Set(named.map((one) => one.split(';')[0]!.trim().toLowerCase()));
  if (names.has('br')) return 'br';
  return names.has('gzip') ? 'gzip' : undefined;
}
