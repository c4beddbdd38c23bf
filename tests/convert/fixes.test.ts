import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Finding } from '../../src/core/base/finding.ts';
import { createBundleChecker } from '../../src/core/check/check-bundle.ts';
import { nodeCrypto } from '../../src/platform/crypto/node-crypto.ts';
import { makeLab, openWorkshop, type Workshop } from '../files/workshop.ts';

const PROGRAMS = fileURLToPath(new URL('../../bin', import.meta.url));
let shop: Workshop;
beforeAll(() => {
  shop = openWorkshop();
  makeLab(shop);
  shop.run(
    "openssl req -x509 -newkey rsa:2048 -nodes -keyout x.key -subj '/CN=Stranger' -out stranger.crt -addext basicConstraints=critical,CA:TRUE 2>&1",
  );
});
afterAll(() => shop.close());

async function chainFindings(crt: string, chain: string | undefined): Promise<Finding[]> {
  const check = createBundleChecker({ at: new Date() }, nodeCrypto);
  const { findings } = await check({ crt: shop.read(crt), ...(chain !== undefined && { chain: shop.read(chain) }) });
  return findings.filter(({ rule, status }) => rule === 'chain-matches-crt' && status !== 'pass');
}

test.each([
  ['upside down', 'cat root.crt issuing.crt'],
  ['with a stranger', 'cat issuing.crt root.crt stranger.crt'],
  ['with a duplicate', 'cat issuing.crt root.crt issuing.crt'],
])('a chain %s: what the fix says puts it right', async (_, make) => {
  shop.run(`rm -f chain-new.pem; cp good.crt sensor.crt; ${make} > chain.pem`);
  const [finding, ...more] = await chainFindings('sensor.crt', 'chain.pem');
  expect(more).toEqual([]);
  shop.run(`PATH=${PROGRAMS}:$PATH; ${finding!.fix!.split(': ')[1]!}`);
  expect(await chainFindings('sensor.crt', 'chain-new.pem')).toEqual([]);
});

test('the same where the chain stands in the .crt', async () => {
  shop.run('cat good.crt root.crt issuing.crt > sensor.crt');
  const [finding] = await chainFindings('sensor.crt', undefined);
  shop.run(`PATH=${PROGRAMS}:$PATH; ${finding!.fix!.split(': ')[1]!}`);
  expect(await chainFindings('sensor-new.crt', 'sensor-new.pem')).toEqual([]);
});
