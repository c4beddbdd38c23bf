import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runPackRound } from '../tests/making/pack-round.ts';
import type { SoakOptions } from './options.ts';

// A site of that size is what the tool is for; more tells nothing new.
const MOST_APPLIANCES = 200;
const KILLS = 8;

/** A pack made by the real program and killed on the way, signed, taken in and killed again. Gives whether no key was lost. */
export default async function soakPack({ count }: SoakOptions): Promise<boolean> {
  const appliances = Math.min(count, MOST_APPLIANCES);
  const folder = mkdtempSync(join(tmpdir(), 'certgate-soak-'));
  try {
    const figures = await runPackRound(folder, { appliances, bits: 2048, kills: KILLS });
    console.log(JSON.stringify({ appliances, ...figures }));
    return figures.lost === 0 && figures.doubled === 0 && figures.ready === appliances;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
