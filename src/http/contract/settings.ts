import { z } from 'zod';
import { nameSchema } from './values.ts';

const defaults = {
  validation: z.enum(['mandatory', 'none']),
  crl: z.enum(['on', 'off']),
  profile: nameSchema,
};

export const settingsSchema = z.object({
  applianceDefaults: z.object(defaults).describe('what a new appliance is set to where nobody says otherwise'),
  version: z.int(),
});
export const settingsChangeSchema = z.strictObject({ applianceDefaults: z.strictObject(defaults).partial() });
