import { expect, test } from 'vitest';
import { certgateAside } from './program.ts';

test('certgate bench handshake measures both key sizes, one-way and mutual', async () => {
  const { code, stdout } = await certgateAside(['bench', 'handshake', '--count', '5', '--format', 'json'], '.', {});
  expect(code).toBe(0);
  const { rows } = JSON.parse(stdout) as { rows: { bits: number; mutual: boolean; cpuMs: number }[] };
  expect(rows.map(({ bits, mutual }) => [bits, mutual])).toEqual([
    [2048, false],
    [2048, true],
    [4096, false],
    [4096, true],
  ]);
  for (const { cpuMs } of rows) expect(cpuMs).toBeGreaterThan(0);
});
