import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { CONSOLE_ID } from '../../service/inventory/appliances.ts';
import type { Upload, UploadResult } from '../../service/inventory/gate.ts';
import type { Identity } from '../../service/inventory/identities.ts';
import { identitySchema, uploadFieldsSchema, uploadResultSchema } from '../contract/inventory.ts';
import { idSchema, toTime, toTimeOrNull } from '../contract/values.ts';
import { RequestError } from './problems.ts';
import type { ConsoleView, Services } from './services.ts';
import { readUploadForm, type UploadForm } from './upload-form.ts';

const params = z.object({ id: idSchema });
const activate = { access: 'certificates:activate' } as const;
const one = { params, response: { 200: identitySchema } };

export const uploadRoutes =
  ({ gate, identities, console }: Services): FastifyPluginAsyncZod =>
  async (server) => {
    server.post(
      '/appliances/:id/uploads',
      { config: { access: 'certificates:upload' }, schema: { params, response: { 201: uploadResultSchema } } },
      async (request, reply) => {
        const form = await readUploadForm(request);
        try {
          const result = await gate.upload(request.params.id, toUpload(form), request.actor);
          demandLetIn(result);
          if (result.outcome === 'activated') await demandServed(console, result.identity!);
          return await reply.status(201).send(shownResult(result));
        } finally {
          form.wipe();
        }
      },
    );
    server.get(
      '/appliances/:id/identities',
      { config: { access: 'inventory:read' }, schema: { params, response: { 200: z.array(identitySchema) } } },
      async (request) => (await identities.history(request.params.id)).map(shown),
    );
    server.post('/appliances/:id/rollback', { config: activate, schema: one }, async (request) => {
      const identity = await identities.rollBack(request.params.id, request.actor);
      await demandServed(console, identity);
      return shown(identity);
    });
    server.post('/appliances/:id/confirm', { config: activate, schema: one }, async (request) =>
      shown(await identities.confirm(request.params.id, request.actor)),
    );
  };

function toUpload({ crt, key, chain, fields }: UploadForm): Upload {
  const parsed = uploadFieldsSchema.safeParse(fields);
  if (!parsed.success) {
    const wrong = parsed.error.issues.map(({ path, message }) => ({ path: path.join('.'), problem: message }));
    throw new RequestError(422, 'invalid-request', wrong.map(({ path, problem }) => `${path}: ${problem}`).join('; '), {
      fields: wrong,
    });
  }
  const { passphrase, activateAt, confirmWithinMinutes, ...rest } = parsed.data;
  return {
    ...rest,
    crt,
    key,
    chain,
    passphrase: passphrase === undefined ? undefined : Buffer.from(passphrase, 'utf8'),
    activateAt: activateAt === undefined ? undefined : Date.parse(activateAt),
    confirmWithinMs: confirmWithinMinutes === undefined ? undefined : confirmWithinMinutes * 60_000,
  };
}

/** Of the console's own certificate it is known at once whether clients get it. */
async function demandServed(console: ConsoleView, { id, applianceId }: Identity): Promise<void> {
  if (applianceId !== CONSOLE_ID) return;
  try {
    await console.settled(id);
  } catch (error) {
    throw new RequestError(409, 'not-served', (error as Error).message);
  }
}

/** A refusal is a problem that carries its findings. */
function demandLetIn({ outcome, report }: UploadResult): void {
  if (outcome === 'activated' || outcome === 'staged') return;
  const findings = [...report.findings] as never;
  const [first] = report.findings;
  if (outcome === 'refused') {
    throw new RequestError(422, 'certificate-refused', `${first?.message ?? 'Refused.'} Nothing was changed.`, {
      title: 'The certificate was refused',
      findings,
    });
  }
  throw new RequestError(
    422,
    'reason-needed',
    `${first?.message ?? ''} This might work but is not supported: send a reason to let it in all the same.`,
    {
      title: 'The certificate is unsupported',
      findings,
    },
  );
}

const shownResult = ({ uploadId, outcome, report, identity }: UploadResult): z.input<typeof uploadResultSchema> => ({
  uploadId,
  outcome,
  report: { ...report } as z.input<typeof uploadResultSchema>['report'],
  ...(identity !== undefined && { identity: shown(identity) }),
});

const shown = (identity: Identity) => ({
  ...identity,
  notBefore: toTime(identity.notBefore),
  notAfter: toTime(identity.notAfter),
  stagedAt: toTime(identity.stagedAt),
  activateAt: toTimeOrNull(identity.activateAt),
  activatedAt: toTimeOrNull(identity.activatedAt),
  confirmBy: toTimeOrNull(identity.confirmBy),
  confirmedAt: toTimeOrNull(identity.confirmedAt),
  endedAt: toTimeOrNull(identity.endedAt),
});
