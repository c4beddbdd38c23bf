import { mkdirSync, writeFileSync } from 'node:fs';
import { type Escape, fuzz } from '../tests/fuzz/fuzz.ts';
import type { SoakOptions } from './options.ts';

/** Altered cases through the whole of `check`; what escapes is kept in .cache/fuzz. Gives whether all went well. */
export default async function soakFuzz({ count, seed }: SoakOptions): Promise<boolean> {
  const started = performance.now();
  const { escapes, slow } = await fuzz({
    seed,
    count,
    progress: (done) => {
      if (done % 50_000 === 0) console.log(`seed ${seed}: ${done} of ${count}`);
    },
  });
  for (const escape of escapes) keep(seed, escape);
  for (const { iteration, of, ms, octets } of slow) {
    console.log(`seed ${seed}: slow, ${ms} ms of CPU for ${octets} octets: iteration ${iteration} of ${of}`);
  }
  const seconds = Math.round((performance.now() - started) / 1000);
  console.log(`seed ${seed}: ${count} mutations in ${seconds} s, ${escapes.length} escapes, ${slow.length} slow`);
  return escapes.length === 0 && slow.length === 0;
}

function keep(seed: number, { iteration, of, what, input }: Escape): void {
  const folder = `.cache/fuzz/${seed}-${iteration}`;
  mkdirSync(folder, { recursive: true });
  for (const [name, bytes] of Object.entries(input)) if (bytes !== undefined) writeFileSync(`${folder}/${name}`, bytes);
  console.log(`seed ${seed}, iteration ${iteration}, of ${of}, kept in ${folder}:\n${what}\n`);
}
