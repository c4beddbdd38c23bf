import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Override } from '../../service/channels/break-glass.ts';
import { MonotonicClock } from '../../service/channels/trusted-time.ts';

/** What a channel process keeps over restarts, in a folder of its own. */

/** No true clock is before the time at which this was written. */
const BUILT_AFTER = Date.UTC(2026, 10, 1);

/** A clock that does not go back over restarts either: the highest time seen lies in a file. */
export function keptClock(folder: string): MonotonicClock {
  const path = join(folder, 'highest-time');
  const highest = Number(readText(folder, path) ?? 0);
  const atLeast = Number.isFinite(highest) ? Math.max(highest, BUILT_AFTER) : BUILT_AFTER;
  // A full disk must not end connections; the time is kept in memory all the same.
  return new MonotonicClock(atLeast, (time) => void attempt(() => replace(path, `${time}\n`)));
}

const overridesSchema = z.array(
  z.strictObject({
    id: z.string(),
    channel: z.string(),
    overlooks: z.array(z.enum(['date', 'stale-crl', 'chain'])),
    fingerprint: z.string(),
    reason: z.string(),
    by: z.string(),
    hours: z.number().positive().max(24),
    openedAt: z.number(),
    endsAt: z.number(),
    origin: z.enum(['host', 'server']).optional(),
    closedAt: z.number().optional(),
  }),
);

/** Exceptions that were open. What cannot be read opens nothing; nor does what claims to last longer than it may. */
export function keptOverrides(folder: string): {
  read: () => Override[];
  keep: (open: readonly Override[]) => void;
  forget: () => void;
} {
  const path = join(folder, 'overrides.json');
  return {
    read() {
      const text = readText(folder, path);
      const parsed = text === undefined ? undefined : overridesSchema.safeParse(attempt(() => JSON.parse(text)));
      const kept = parsed?.success === true ? parsed.data : [];
      return (kept as Override[]).filter(({ openedAt, endsAt, hours }) => endsAt - openedAt <= hours * 3_600_000);
    },
    keep: (open) => replace(path, `${JSON.stringify(open, undefined, 2)}\n`),
    forget: () => void attempt(() => rmSync(path, { force: true })),
  };
}

function readText(folder: string, path: string): string | undefined {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return attempt(() => readFileSync(path, 'utf8'));
}

/** The old or the new, whole, whenever the power fails. */
function replace(path: string, text: string): void {
  writeFileSync(`${path}.new`, text, { mode: 0o600, flush: true });
  renameSync(`${path}.new`, path);
}

function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
