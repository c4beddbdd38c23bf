import { afterAll, beforeAll, expect, test } from 'vitest';
import { type InProcess, startInProcess } from './running.ts';

let running: InProcess;
beforeAll(async () => {
  running = await startInProcess();
});
afterAll(() => running.close());

test('the OpenAPI document names every route, its answers and its problems', async () => {
  const reply = await running.server.inject('/api/v1/openapi.json');
  const document = reply.json();
  expect(document.openapi).toBe('3.1.0');
  const described = Object.entries(document.paths as Record<string, object>)
    .flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`))
    .filter((route) => !route.startsWith('HEAD'));
  const existing = [...running.server.accessList.keys()]
    .filter((route) => route.includes(' /api/v1/') && !route.startsWith('HEAD') && !route.endsWith('openapi.json'))
    .map((route) => route.replaceAll(/:(\w+)/g, '{$1}'));
  expect(described.toSorted()).toEqual(existing.toSorted());
  for (const [path, methods] of Object.entries(document.paths as Record<string, Record<string, never>>)) {
    for (const [method, operation] of Object.entries(methods)) {
      const { responses } = operation as { responses: Record<string, unknown> };
      expect(responses['default'], `${method} ${path}`).toMatchObject({
        content: { 'application/problem+json': { schema: { type: 'object' } } },
      });
    }
  }
  const upload = document.paths['/api/v1/appliances/{id}/uploads'].post.requestBody.content;
  expect(Object.keys(upload)).toEqual(['multipart/form-data', 'application/json']);
  expect(Object.keys(upload['application/json'].schema.properties)).toEqual(
    expect.arrayContaining(['name', 'crt', 'key', 'chain', 'passphrase', 'passphraseSet', 'crl', 'reason']),
  );
});
