import type { FastifyDynamicSwaggerOptions } from '@fastify/swagger';
import { jsonSchemaTransform } from 'fastify-type-provider-zod';

/** OpenAPI 3.1 out of the same schemas that requests are held against. */
export const openapiOptions = (version: string): FastifyDynamicSwaggerOptions => ({
  openapi: {
    openapi: '3.1.0',
    info: { title: 'Certgate', version, description: 'The certificate gate of on-premises appliance fleets.' },
    components: {
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer' },
        session: { type: 'apiKey', in: 'cookie', name: '__Host-certgate' },
      },
    },
    security: [{ token: [] }, { session: [] }],
  },
  transform: jsonSchemaTransform,
});
