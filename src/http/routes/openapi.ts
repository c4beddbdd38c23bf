import type { FastifyDynamicSwaggerOptions } from '@fastify/swagger';
import { jsonSchemaTransform } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { checkFieldsSchema, uploadFieldsSchema } from '../contract/inventory.ts';
import { problemSchema } from '../contract/problem.ts';
import type { Access } from './authorise.ts';

/** OpenAPI 3.1 out of the same schemas that requests are held against. */
export const openapiOptions = (version: string): FastifyDynamicSwaggerOptions => ({
  openapi: {
    openapi: '3.1.0',
    info: { title: 'Certgate', version, description: 'The certificate gate of on-premises appliance fleets.' },
    components: {
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', description: 'made by POST /api/v1/tokens' },
        session: {
          type: 'apiKey',
          in: 'cookie',
          name: '__Host-certgate',
          description: 'of POST /api/v1/session; every request that changes something also needs X-CSRF-Token',
        },
      },
    },
    security: [{ token: [] }, { session: [] }],
  },
  transform: (input) => {
    const { schema, url } = jsonSchemaTransform(input as Parameters<typeof jsonSchemaTransform>[0]);
    const { access, form } = (input.route.config ?? {}) as { access?: Access; form?: keyof typeof FORMS };
    const { response, ...rest } = schema as { response?: Record<string, unknown> };
    const described = {
      ...rest,
      ...(access === 'public' && { security: [] }),
      description: whoMay(access),
      ...(form !== undefined && { consumes: ['multipart/form-data', 'application/json'], body: FORMS[form] }),
      response: { ...response, default: PROBLEM },
    };
    return { schema: described as typeof schema, url };
  },
});

const json = (schema: z.ZodType, io: 'input' | 'output'): Record<string, unknown> => {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io, target: 'draft-2020-12' }) as Record<
    string,
    unknown
  >;
  return rest;
};

const PROBLEM = {
  description: 'what is wrong, and what to do (RFC 9457)',
  content: { 'application/problem+json': { schema: json(problemSchema, 'output') } },
};

const file = (description: string) =>
  z.string().describe(`${description}: a file in multipart/form-data; in JSON, PEM text or Base64 of DER`);
const files = { crt: file('the certificate'), key: file('the private key, PEM'), chain: file('the chain, PEM') };
const FORMS = {
  upload: json(
    uploadFieldsSchema.extend({ ...files, key: files.key.optional(), chain: files.chain.optional() }),
    'input',
  ),
  check: json(
    checkFieldsSchema.extend({ ...files, key: files.key.optional(), chain: files.chain.optional() }),
    'input',
  ),
};

function whoMay(access: Access | undefined): string {
  if (access === 'public') return 'For everybody.';
  if (access === 'signed-in') return 'For whoever is signed in, or has a token.';
  if (access === 'session') return 'For whoever is signed in; not with a token.';
  return `Needs the permission ${access ?? 'that nobody has'}.`;
}
