import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { RunFleet } from '../../src/core/check/run-fleet.ts';
import { judgeBundles } from '../../src/platform/bulk/judge-bundles.ts';
import type { BundleTask, Tally, WorkerSettings } from '../../src/platform/bulk/protocol.ts';
import { runBulk } from '../../src/platform/bulk/run-bulk.ts';
import { BulkError, WorkerPool } from '../../src/platform/bulk/worker-pool.ts';
import { nodeCrypto } from '../../src/platform/crypto/node-crypto.ts';
import { createDifferent, derOf, toPem } from '../../bench/different.ts';

const sample = (name: string): Buffer => readFileSync(`cases/samples/${name}`);
const [good, bad] = [sample('good/sensor.crt').toString(), sample('bad/sensor.crt').toString()];
const options = { at: '2026-06-01T00:00:00Z', findings: 'problems' } as const;
const formatOptions = { version: '0' };

/** Different ones, the same again, damaged ones, none and too long ones. */
function mixture(): Buffer {
  const make = createDifferent(derOf(good + bad));
  const parts: string[] = [];
  for (let n = 0; n < 700; n++) {
    parts.push(n % 3 === 0 ? good : toPem(make(n)));
    if (n % 50 === 0) parts.push(bad.replace(/\n.{64}\n/, '\n!!\n'), good.slice(0, 300), '\n');
    if (n % 70 === 0) parts.push('-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n');
    if (n === 350) parts.push(`-----BEGIN CERTIFICATE-----\n${'A'.repeat(1_100_000)}\n-----END CERTIFICATE-----\n`);
  }
  return Buffer.from(parts.join(''));
}

/** In pieces that end anywhere, each in the memory of the one before. */
async function* inPieces(bytes: Buffer, size: number): AsyncGenerator<Uint8Array> {
  const memory = Buffer.alloc(size);
  for (let at = 0; at < bytes.length; at += size) {
    const copied = bytes.copy(memory, 0, at);
    yield memory.subarray(0, copied);
  }
}

interface Written {
  readonly text: string;
  readonly tally: Tally;
}

async function run(bytes: Buffer, workers: number, format: WorkerSettings['format']): Promise<Written> {
  const written: Buffer[] = [];
  const tally = await runBulk({
    options,
    name: 'export',
    format,
    formatOptions,
    workers,
    stream: inPieces(bytes, 65_537 + workers),
    write: (output) => void written.push(Buffer.from(output)),
  });
  return { text: Buffer.concat(written).toString(), tally };
}

describe('on several threads', () => {
  const bytes = mixture();
  test.each(['jsonl', 'sarif', 'digest'] as const)(
    '%s is what one thread writes',
    { timeout: 60_000 },
    async (format) => {
      const [alone, together] = [await run(bytes, 0, format), await run(bytes, 2, format)];
      expect(together.text === alone.text).toBe(true);
      expect(together.tally).toEqual(alone.tally);
      expect(alone.tally.total).toBeGreaterThan(700);
      expect(alone.tally.passedOver).toBe(10);
    },
  );

  test('bundles are judged beside each other, in order', { timeout: 60_000 }, async () => {
    const fleet = new RunFleet(nodeCrypto);
    const files = Array.from({ length: 12 }, (_, i): BundleTask => {
      const folder = i % 3 === 0 ? 'good' : 'bad';
      const crt = sample(`${folder}/sensor.crt`);
      fleet.add(`${i}.crt`, crt);
      return { name: `${i}.crt`, crt, key: sample(`${folder}/sensor.key`), chain: undefined };
    });
    async function reports(workers: number) {
      async function* tasks(): AsyncGenerator<BundleTask> {
        yield* files;
      }
      const settings = { options, passphrase: undefined, claims: fleet.claims };
      const all = [];
      for await (const report of judgeBundles({ tasks: tasks(), count: 12, settings, workers })) all.push(report);
      return all;
    }
    const alone = await reports(0);
    expect(await reports(2)).toEqual(alone);
    expect(alone.map(({ bundle }) => bundle)).toEqual(files.map(({ name }) => name));
    expect(alone[0]!.findings.map(({ rule }) => rule)).toContain('fleet-unique-key');
  });

  test(
    'a worker that dies is an error at once, and for all that is asked of it later',
    { timeout: 60_000 },
    async () => {
      const settings = { options: { at: 'never' }, name: 'x', format: 'jsonl', formatOptions } as const;
      const pool = new WorkerPool<object, object>({ kind: 'chunks', settings }, 1);
      const [first, second] = [pool.ask({}, []), pool.ask({}, [])];
      await expect(first).rejects.toThrow(BulkError);
      await expect(second).rejects.toThrow(/worker failed/);
      await expect(pool.ask({}, [])).rejects.toThrow(BulkError);
      await pool.close();
    },
  );
});
