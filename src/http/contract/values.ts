import { z } from 'zod';

/** Milliseconds since 1970 inside, ISO 8601 in UTC on the wire. */
export const timeSchema = z.iso.datetime({ offset: true });
export const idSchema = z.string().min(1).max(64);
export const nameSchema = z.string().trim().min(1).max(200);

export const toTime = (milliseconds: number): string => new Date(milliseconds).toISOString();
export const toTimeOrNull = (milliseconds: number | null): string | null =>
  milliseconds === null ? null : toTime(milliseconds);

/** A page of a list: `next`, where there is more, goes into `after` of the next request. */
export const pageOf = <T extends z.ZodType>(item: T) => z.object({ items: z.array(item), next: z.string().nullable() });

export const pageQuerySchema = z.object({
  after: z.string().max(500).optional(),
  limit: z.coerce.number().int().min(1).max(500).default(100),
});
