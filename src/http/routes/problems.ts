import type { FastifyError, FastifyInstance, FastifyReply } from 'fastify';
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod';
import { ZodError } from 'zod';
import { AccessError, type AccessErrorCode } from '../../service/access/access-error.ts';
import { InventoryError, type InventoryErrorCode } from '../../service/inventory/inventory-error.ts';
import type { Problem } from '../contract/problem.ts';

const ACCESS_STATUS: Readonly<Record<AccessErrorCode, number>> = {
  'wrong-credentials': 401,
  'locked-out': 429,
  'not-signed-in': 401,
  csrf: 403,
  forbidden: 403,
  'setup-needed': 503,
  'setup-done': 409,
  'setup-link-invalid': 403,
  'weak-password': 422,
  'name-taken': 409,
  'no-such-user': 404,
  'no-such-token': 404,
  'last-admin': 409,
  'changed-meanwhile': 412,
  'idempotency-key-reused': 422,
  'still-running': 409,
};

const INVENTORY_STATUS: Partial<Record<InventoryErrorCode, number>> = {
  'not-found': 404,
  'changed-meanwhile': 412,
  invalid: 422,
  'confirmation-needed': 422,
  'reason-needed': 422,
  'no-passphrase-kept': 422,
};
const CONFLICT = 409;

/** A request that cannot be carried out, found by the routes themselves. */
export class RequestError extends Error {
  override readonly name = 'RequestError';
  readonly status: number;
  readonly code: string;
  readonly extra: Partial<Problem>;
  constructor(status: number, code: string, message: string, extra: Partial<Problem> = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.extra = extra;
  }
}

/** Every error of the API is an RFC 9457 problem; what we did not foresee says nothing about our insides. */
export function answerWithProblems(server: FastifyInstance): void {
  server.setErrorHandler((error: FastifyError, request, reply) => {
    const problem = problemOf(error);
    if (problem.status >= 500) request.log.error({ err: error }, 'request failed');
    return sendProblem(reply, problem);
  });
  server.setNotFoundHandler((request, reply) =>
    sendProblem(
      reply,
      problem(404, 'not-found', 'Not found', `There is nothing at ${request.method} ${request.url.split('?')[0]}.`),
    ),
  );
}

export function sendProblem(reply: FastifyReply, body: Problem): FastifyReply {
  if (body.retryAfterSeconds !== undefined) reply.header('Retry-After', body.retryAfterSeconds);
  return reply.status(body.status).type('application/problem+json').send(body);
}

export const problem = (status: number, code: string, title: string, detail?: string): Problem => ({
  type: `urn:certgate:problem:${code}`,
  title,
  status,
  ...(detail !== undefined && { detail }),
});

export function problemOf(error: Error & Partial<FastifyError>): Problem {
  if (error instanceof AccessError) {
    const { code, message, retryAfterSeconds } = error;
    return {
      ...titled(ACCESS_STATUS[code], code, message),
      ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
    };
  }
  if (error instanceof InventoryError) {
    return titled(INVENTORY_STATUS[error.code] ?? CONFLICT, error.code, error.message);
  }
  if (error instanceof RequestError) return { ...titled(error.status, error.code, error.message), ...error.extra };
  if (error instanceof ZodError) {
    const fields = error.issues.map(({ path, message }) => ({ path: path.join('.'), problem: message }));
    const detail = fields.map((field) => `${field.path}: ${field.problem}`).join('; ');
    return { ...problem(422, 'invalid-request', 'The request is not as it must be', detail), fields };
  }
  if (hasZodFastifySchemaValidationErrors(error)) {
    const fields = error.validation.map(({ instancePath, message }) => ({
      path: `${error.validationContext ?? 'body'}${instancePath}`,
      problem: message ?? 'invalid',
    }));
    const detail = fields.map((field) => `${field.path}: ${field.problem}`).join('; ');
    return { ...problem(422, 'invalid-request', 'The request is not as it must be', detail), fields };
  }
  const status = error.statusCode ?? 500;
  if (status === 429) return problem(429, 'too-many-requests', 'Too many requests', error.message);
  if (status === 413)
    return problem(413, 'too-large', 'Too large', 'The request is larger than any certificate bundle.');
  if (status < 500) return problem(status, 'bad-request', 'The request cannot be understood', error.message);
  return problem(
    500,
    'internal',
    'Certgate itself failed',
    'This is our fault, not yours; the log of the server says more.',
  );
}

const TITLES: Readonly<Record<number, string>> = {
  401: 'Not signed in',
  403: 'Not allowed',
  404: 'Not found',
  412: 'Changed meanwhile',
  415: 'Not the kind of file that is needed',
  422: 'The request is not as it must be',
  428: 'The version is missing',
  429: 'Too many attempts',
  503: 'Not set up yet',
};

const titled = (status: number, code: string, detail: string): Problem =>
  problem(status, code, TITLES[status] ?? 'Not possible as things stand', detail);
