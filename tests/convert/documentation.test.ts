import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
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
