import { z } from 'zod';

export const setupLinkSchema = z.object({
  link: z.string(),
  fingerprint: z.string().describe('SHA-256 of the certificate that the console presents'),
});
