import { CrashLab } from '../tests/inventory/crash.ts';
import type { SoakOptions } from './options.ts';

const MOST_KILLS = 1000;
const PER_DATABASE = 50;

/** Kills uploads, activations and roll-backs at random instants. Gives whether nothing acknowledged was ever lost. */
export default async function soakCrash({ count }: SoakOptions): Promise<boolean> {
  const kills = Math.min(count, MOST_KILLS);
  const lab = await CrashLab.create();
  let [done, acknowledged] = [0, 0];
  try {
    while (done < kills) {
      const batch = Math.min(PER_DATABASE, kills - done);
      acknowledged += await lab.lane(batch);
      done += batch;
      console.log(`${done} kills, ${acknowledged} changes acknowledged, none lost`);
    }
    return true;
  } catch (error) {
    console.error(error);
    return false;
  } finally {
    await lab.close();
  }
}
