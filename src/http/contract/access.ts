import { z } from 'zod';
import { idSchema, nameSchema, timeSchema } from './values.ts';

export const roleSchema = z.enum(['admin', 'analyst', 'reader']);
const passwordSchema = z.string().min(1).max(1024);

export const setupStateSchema = z.object({ done: z.boolean() });
export const setupSchema = z.object({
  token: z.string().min(1).max(200).describe('from the fragment of the set-up link'),
  name: nameSchema,
  password: passwordSchema,
});

export const signInSchema = z.object({ name: nameSchema, password: passwordSchema });
/** One's own; every session of the user ends. */
export const passwordChangeSchema = z.object({ current: passwordSchema, password: passwordSchema }).strict();
export const sessionSchema = z.object({
  user: z.object({ id: idSchema, name: z.string(), role: roleSchema }),
  csrfToken: z
    .string()
    .describe('to be sent as X-CSRF-Token with every request that changes something; absent where a token asked')
    .optional(),
  expiresAt: timeSchema
    .optional()
    .describe('twelve hours after the sign-in; half an hour without a request ends it earlier'),
  permissions: z.array(z.string()).describe('what the user, or the token, may do').optional(),
});

export const userSchema = z.object({
  id: idSchema,
  name: z.string(),
  role: roleSchema,
  createdAt: timeSchema,
  disabledAt: timeSchema.nullable(),
  version: z.int(),
});
export const newUserSchema = z.object({ name: nameSchema, password: passwordSchema, role: roleSchema });
export const userChangeSchema = z
  .object({ password: passwordSchema, role: roleSchema, disabled: z.boolean() })
  .partial()
  .strict();

export const tokenSchema = z.object({
  id: idSchema,
  name: z.string(),
  scopes: z.array(z.string()),
  createdAt: timeSchema,
  expiresAt: timeSchema.nullable(),
  lastUsedAt: timeSchema.nullable(),
  revokedAt: timeSchema.nullable(),
});
export const newTokenSchema = z.object({
  name: nameSchema,
  scopes: z.array(z.string()).min(1),
  expiresAt: timeSchema.nullable().default(null),
});
export const madeTokenSchema = tokenSchema.extend({ secret: z.string().describe('shown this once') });
