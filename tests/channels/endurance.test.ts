import { expect, test } from 'vitest';
import { endure } from './endurance.ts';

// The long form: npm run soak -- channels
test('changes of certificates and CRLs under load lose no good connection and leave no socket', async () => {
  const endured = await endure(5);
  expect(endured).toMatchObject({ lost: 0, leaked: 0, descriptors: 0 });
  expect(endured.echoes).toBeGreaterThan(0);
  expect(endured.connections).toBeGreaterThan(0);
});
