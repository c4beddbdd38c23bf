// `npm run soak -- [appliances] [bits]`: a pack of many appliances, killed again and again while it is made, and back.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runPackRound } from './pack-round.ts';

const [appliances = 200, bits = 2048] = process.argv.slice(2).map(Number);
const folder = mkdtempSync(join(tmpdir(), 'certgate-soak-'));
try {
  const figures = await runPackRound(folder, { appliances, bits: bits === 4096 ? 4096 : 2048, kills: 8 });
  console.log(JSON.stringify({ appliances, bits, ...figures }, null, 2));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
