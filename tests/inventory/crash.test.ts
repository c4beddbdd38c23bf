import { afterAll, beforeAll, expect, test } from 'vitest';
import { CrashLab } from './crash.ts';

/** `npm run soak -- crash --count 200` does more of them. */
const [LANES, KILLS] = [4, 5];
let lab: CrashLab;
beforeAll(async () => {
  lab = await CrashLab.create();
});
afterAll(() => lab.close());

test('killed at 20 random instants, what was acknowledged is there, and the identity is the old or the new one, whole', async () => {
  const acknowledged = await Promise.all(Array.from({ length: LANES }, () => lab.lane(KILLS)));
  for (const count of acknowledged) expect(count).toBeGreaterThanOrEqual(KILLS);
}, 300_000);
