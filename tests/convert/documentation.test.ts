import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Finding } from '../../src/core/base/finding.ts';
import { createBundleChecker } from '../../src/core/check/check-bundle.ts';
import { nodeCrypto } from '../../src/platform/crypto/node-crypto.ts';
import { makeLab, openWorkshop, type Workshop } from '../files/workshop.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const page = readFileSync(`${root}docs/converting.md`, 'utf8');
const commands = [...page.matchAll(/^```sh\n([^]*?)^```/gm)].flatMap(([, block]) => block!.trim().split('\n'));

let shop: Workshop;
beforeAll(() => {
  shop = openWorkshop();
  makeLab(shop);
  shop.write('secret.txt', 'Correct-Horse-7\n');
  shop.write('other.txt', 'Battery-Staple-8\n');
  shop.run(
    'openssl pkcs12 -export -legacy -in good.crt -inkey good.key -certfile good.pem -passout file:secret.txt -out sensor.pfx && ' +
      'cp good.key sensor.key && openssl x509 -in good.crt -outform DER -out reply.cer && cat root.crt issuing.crt root.crt > messy.pem && ' +
      'openssl crl2pkcs7 -nocrl -certfile root.crt -certfile good.crt -certfile issuing.crt -out reply.p7b',
  );
});
afterAll(() => shop.close());

describe('the page on converting', () => {
  test('the page has commands', () => {
    expect(commands.length).toBeGreaterThan(10);
  });

  // One after the other, in one folder, as somebody who reads the page would.
  test.each(commands)('%s', (command) => {
    const [program, ...args] = command.split(' ');
    expect(program).toBe('certgate');
    const stdout = execFileSync(process.execPath, [`${root}bin/certgate`, ...args], {
      cwd: shop.folder,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    expect(stdout).not.toBe('');
  });

  test('what comes of them is the same chain, key and certificate', () => {
    for (const name of ['from-pfx/sensor.pem', 'from-p7b/sensor.pem', 'chain.pem', 'chain-sorted.pem']) {
      expect({ [name]: shop.run(`cat ${name}`) }).toEqual({ [name]: shop.run('cat good.pem') });
    }
    for (const name of ['from-pfx/sensor.crt', 'from-p7b/sensor.crt', 'sensor.crt']) {
      expect({ [name]: shop.run(`cat ${name}`) }).toEqual({ [name]: shop.run('cat good.crt') });
    }
    expect(shop.run('cat open.key')).toBe(shop.run('openssl pkey -in good.key'));
  });
});

describe('the fixes that findings name', () => {
  beforeAll(() => {
    shop.run(
      "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout x.key -subj '/CN=Stranger' -out stranger.crt -addext basicConstraints=critical,CA:TRUE 2>&1",
    );
  });

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
    shop.run(`PATH=${root}bin:$PATH; ${finding!.fix!.split(': ')[1]!}`);
    expect(await chainFindings('sensor.crt', 'chain-new.pem')).toEqual([]);
  });

  test('the same where the chain stands in the .crt', async () => {
    shop.run('cat good.crt root.crt issuing.crt > sensor.crt');
    const [finding] = await chainFindings('sensor.crt', undefined);
    shop.run(`PATH=${root}bin:$PATH; ${finding!.fix!.split(': ')[1]!}`);
    expect(await chainFindings('sensor-new.crt', 'sensor-new.pem')).toEqual([]);
  });
});
