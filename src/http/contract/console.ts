import { z } from 'zod';
import { timeSchema } from './values.ts';

export const consoleSchema = z.object({
  fingerprint: z.string().describe('SHA-256 of the certificate that this listener presents'),
  origin: z
    .enum(['self-signed', 'upload', 'generated', 'emergency'])
    .describe('emergency: the certificate of the console cannot be loaded, a self-signed one stands in'),
  subject: z.string(),
  notAfter: timeSchema,
  banner: z.string().optional().describe('what is wrong with it, and what to do'),
});
