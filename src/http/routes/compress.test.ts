import { expect, test } from 'vitest';
import { encodingFor } from './compress.ts';

test.each([
  [undefined, undefined],
  ['', undefined],
  ['identity', undefined],
  ['gzip, deflate, br, zstd', 'br'],
  ['GZIP', 'gzip'],
  ['br;q=0, gzip;q=0.5', 'gzip'],
  ['br; q=0.0', undefined],
  ['br;q=0.1', 'br'],
])('Accept-Encoding %j gets %j', (accepted, encoding) => {
  expect(encodingFor(accepted)).toBe(encoding);
});
