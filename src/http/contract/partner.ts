import { z } from 'zod';
import { idSchema, nameSchema, timeSchema } from './values.ts';

const settings = {
  validation: z.enum(['mandatory', 'none']),
  crl: z.enum(['on', 'off']),
  serverName: nameSchema.nullable().describe('the name that its certificate must carry; null: its host'),
  fingerprints: z.array(z.string().max(300)).max(20).describe('SHA-256 of its certificate: instead of path and name'),
  clientApplianceId: idSchema.nullable().describe('whose certificate is shown when the partner asks for one'),
};
const place = { name: nameSchema, host: nameSchema, port: z.int().min(1).max(65_535) };

export const partnerSchema = z.object({
  id: idSchema,
  ...place,
  ...settings,
  createdAt: timeSchema,
  updatedAt: timeSchema,
  version: z.int(),
});
export const newPartnerSchema = z.object({ ...place, ...z.object(settings).partial().shape }).strict();
export const partnerChangeSchema = z
  .object({ ...place, ...settings })
  .partial()
  .strict();
