import { createHash } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { problemOf, RequestError } from './problems.ts';
import type { Services } from './services.ts';
import type { UploadForm } from './upload-form.ts';

const HEADER = 'idempotency-key';

/**
 * Carries out an upload, or, where the request repeats one by its Idempotency-Key, gives the answer of then.
 * @param work gives the status and the body of the answer
 */
export async function repeatable(
  { request, reply, form }: { request: FastifyRequest; reply: FastifyReply; form: UploadForm },
  { idempotency }: Services,
  work: () => Promise<{ status: number; body: unknown }>,
): Promise<unknown> {
  const key = request.headers[HEADER];
  if (key === undefined) {
    const { status, body } = await work();
    return reply.status(status).send(body);
  }
  if (typeof key !== 'string' || key.length > 200 || key.trim() === '') {
    throw new RequestError(422, 'invalid-request', 'An Idempotency-Key is a text of 1 to 200 characters.');
  }
  const of = { key, actor: request.actor };
  const before = await idempotency.begin({ ...of, hash: hashOf(request.url, form) });
  if (before !== undefined) return send(reply.header('Idempotent-Replayed', 'true'), before);
  try {
    const { status, body } = await work();
    const answer = { status, body: JSON.stringify(body) };
    await idempotency.answered(of, answer);
    return send(reply, answer);
  } catch (error) {
    const problem = problemOf(error as Error);
    // A refusal is an answer, too; a failure of ours is none.
    if (problem.status >= 500) await idempotency.gaveUp(of);
    else await idempotency.answered(of, { status: problem.status, body: JSON.stringify(problem) });
    throw error;
  }
}

const send = (reply: FastifyReply, { status, body }: { status: number; body: string }): FastifyReply =>
  reply
    .status(status)
    .type(status < 400 ? 'application/json; charset=utf-8' : 'application/problem+json')
    // As it was: no schema is asked again.
    .serializer((text: unknown) => text as string)
    .send(body);

/** Without the passphrase: of a few words, even a hash gives away too much. */
function hashOf(url: string, { crt, key, chain, fields }: UploadForm): string {
  const { passphrase, ...rest } = fields;
  const hash = createHash('sha256').update(JSON.stringify([url, passphrase !== undefined, rest]));
  for (const file of [crt, key, chain])
    hash.update(
      createHash('sha256')
        .update(file ?? '')
        .digest(),
    );
  return hash.digest('hex');
}
