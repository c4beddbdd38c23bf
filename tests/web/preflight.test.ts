import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Animal } from '../../src/making/issue/zoo/animal.ts';
import { Park } from '../../src/making/issue/zoo/park.ts';
import { animalsOf } from '../../src/making/issue/zoo/zoo.ts';
import { requires } from '../requires.ts';
import { axeFindings, Console, overflowAt360, screenshot, tabTo } from './console.ts';

const PASSPHRASE = 'open-sesame-7';

describe.skipIf(!requires('chromium'))('preflight', { timeout: 60_000 }, () => {
  let web: Console;
  let animals: ReadonlyMap<string, Animal>;
  let park: Park;
  beforeAll(async () => {
    [web, park] = await Promise.all([Console.start(), Park.open(new Date())]);
    animals = new Map((await animalsOf(park, 100)).map((animal) => [animal.name, animal]));
  });
  afterAll(async () => {
    await web.stop();
    expect(web.faults).toEqual([]);
  });

  /** Chromium shares few cores with everything else that is tested: what takes a second alone takes ten then. */
  const open: Console['open'] = async (path, options) => {
    const page = await web.open(path, options);
    page.setDefaultTimeout(30_000);
    return page;
  };

  /** The files of an animal, as a browser is handed them. */
  const files = (name: string, only?: readonly string[]) =>
    Object.entries(animals.get(name)!.files)
      .filter(([file]) => only?.includes(file) ?? !file.endsWith('.txt'))
      .map(([file, content]) => upload(file, content));

  const upload = (name: string, content: string | Uint8Array) => ({
    name,
    mimeType: 'application/octet-stream',
    buffer: Buffer.from(content),
  });

  const choose = (page: Page) => page.getByLabel('Choose files');
  const verdict = (page: Page, word: string): Locator =>
    page.getByRole('heading', { level: 2, name: word, exact: true });
  const cause = (page: Page): Locator => page.getByRole('article').first();

  test('says by itself what is wrong and what to do, and sends nothing', async () => {
    const page = await open('/preflight');
    await page.getByText('The report will stand here').waitFor();
    await screenshot(page, 'preflight-empty');
    expect(await axeFindings(page)).toEqual([]);
    expect(await overflowAt360(page)).toEqual([]);
    const asked: string[] = [];
    page.on('request', (request) => asked.push(`${request.method()} ${new URL(request.url()).pathname}`));
    await choose(page).setInputFiles(files('trust-path-ca-expired'));
    await verdict(page, 'Refused').waitFor();
    const root = cause(page);
    await root.getByRole('heading', { name: '"Contoso Issuing CA" expired on' }).waitFor();
    expect(await root.getByText('Ask the people who run that CA for its renewed certificate').isVisible()).toBe(true);
    expect(await root.textContent()).toMatch(/chain\.pem, .*validity\.notAfter, .*bytes \d+ to \d+/);
    // The dates themselves, in the bytes of the file.
    expect(await root.locator('mark').allTextContents()).toEqual(
      expect.arrayContaining([expect.stringMatching(/^17 0d 3\d/), expect.stringMatching(/^··\d{12}Z$/)]),
    );
    const picture = page.getByRole('region', { name: 'Who signed whom' });
    expect(await picture.getByRole('listitem').count()).toBeGreaterThanOrEqual(3);
    await picture.getByRole('listitem').nth(1).getByText('"Contoso Issuing CA" expired on').waitFor();
    await screenshot(page, 'preflight-refused');
    await page.getByText('checks passed,').click();
    expect(await axeFindings(page)).toEqual([]);
    expect(await overflowAt360(page)).toEqual([]);
    // The engine is fetched when it is needed, and nothing else ever happens.
    expect(asked.filter((one) => !one.startsWith('GET /assets/check.worker-'))).toEqual([]);
    expect(asked).toHaveLength(1);
    const kept = await page.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage }) + document.cookie);
    expect(kept).not.toMatch(/BEGIN|contoso/i);
    await page.context().close();
  });

  test('judges again while one types, and for any day', async () => {
    const page = await open('/preflight');
    await choose(page).setInputFiles(files('all-in-order'));
    await verdict(page, 'Accepted').waitFor();
    await page
      .getByRole('radiogroup', { name: 'Does your organisation check CRLs?' })
      .getByText('no', { exact: true })
      .click();
    await page
      .getByRole('status')
      .getByText(/\. \d+ checks passed\./)
      .waitFor({ state: 'attached' });
    await screenshot(page, 'preflight-accepted');
    expect(await axeFindings(page)).toEqual([]);
    const host = page.getByRole('textbox', { name: 'Host name of the appliance' });
    await host.pressSequentially('other.contoso.com');
    await verdict(page, 'Refused').waitFor();
    await cause(page).getByRole('heading', { name: 'but the appliance is called "other.contoso.com"' }).waitFor();
    await host.fill('sensor.contoso.com');
    await verdict(page, 'Accepted').waitFor();
    await page.getByLabel('At this time').fill('2041-05-01T12:00');
    await cause(page)
      .getByRole('heading', { name: /expired/ })
      .waitFor();
    await page.getByLabel('At this time').fill('');
    await verdict(page, 'Accepted').waitFor();
    await host.fill('not a name');
    await page.getByRole('alert').getByText("must be the appliance's full domain name").waitFor();
    await page.context().close();
  });

  test('is used by keyboard alone', async () => {
    const page = await open('/preflight');
    await page.getByText('The report will stand here').waitFor();
    const chooser = page.waitForEvent('filechooser');
    await tabTo(page, page.getByRole('button', { name: 'Choose files' }));
    await page.keyboard.press('Enter');
    await (await chooser).setFiles(files('key-passphrase-missing', ['sensor.crt', 'sensor.key', 'chain.pem']));
    await cause(page).getByRole('heading', { name: 'The private key is encrypted' }).waitFor();
    await cause(page).getByText('Type the passphrase into its field.').waitFor();
    await tabTo(page, page.getByRole('textbox', { name: 'Passphrase of the key' }));
    await page.keyboard.type(animals.get('key-passphrase-missing')!.files['secret.txt'] as string);
    await verdict(page, 'Accepted').waitFor();
    await tabTo(page, page.getByRole('button', { name: 'Take chain.pem away' }));
    await page.keyboard.press('Enter');
    await page.getByRole('region', { name: 'Who signed whom' }).getByText('Missing', { exact: true }).waitFor();
    await tabTo(page, page.locator('summary').last());
    await page.keyboard.press('Enter');
    await page.getByText('crt-valid-to').waitFor();
    await page.context().close();
  });

  test('tells files by their content: in any order, under any name, together in one file, or something else', async () => {
    const page = await open('/preflight');
    const { files: parts } = animals.get('all-in-order')!;
    const [crt, key, chain] = ['sensor.crt', 'sensor.key', 'chain.pem'].map((name) => String(parts[name]));
    const list = page.getByRole('list', { name: 'Files' });
    await drop(page, [upload('a.txt', chain!), upload('b.txt', key!), upload('c.txt', crt!)]);
    await verdict(page, 'Accepted').waitFor();
    expect((await list.getByRole('listitem').allTextContents()).join('\n')).toMatch(
      /a\.txtUsed as chain.*b\.txtUsed as private key.*c\.txtUsed as certificate/s,
    );
    for (const name of ['a.txt', 'b.txt', 'c.txt'])
      await page.getByRole('button', { name: `Take ${name} away` }).click();
    await drop(page, [upload('everything.pem', key! + chain! + crt!)]);
    await list.getByText('It holds certificate, private key and chain together').waitFor();
    await verdict(page, 'Accepted').waitFor();
    const saving = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Save the private key' }).click();
    const saved = await saving;
    expect(saved.suggestedFilename()).toBe('sensor.key');
    expect(readFileSync(await saved.path(), 'utf8')).toBe(key);
    expect(await axeFindings(page)).toEqual([]);
    await drop(page, [upload('sensor.csr', String(animals.get('crt-file-request')!.files['sensor.crt']))]);
    await list.getByText('A request is what the CA gets.').waitFor();
    await page.getByRole('button', { name: 'Take everything.pem away' }).click();
    await cause(page).getByRole('heading', { name: /CSR/ }).waitFor();
    await drop(page, [upload('sensor.pfx', animals.get('crt-file-pkcs12')!.files['sensor.crt']!)]);
    await list.getByText('certgate convert sensor.pfx').waitFor();
    await page.context().close();
  });

  test('ends a check that takes too long, and says so', async () => {
    const page = await open('/preflight');
    await page.clock.install();
    const { files: parts } = animals.get('all-in-order')!;
    // HMAC-SHA-224 is not among what a browser computes quickly by itself.
    const slow = ['-v2', 'aes-256-cbc', '-v2prf', 'hmacWithSHA224', '-iter', '4000000'];
    const bomb = execFileSync('openssl', ['pkcs8', '-topk8', ...slow, '-passout', `pass:${PASSPHRASE}`], {
      input: String(parts['sensor.key']),
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    await choose(page).setInputFiles([
      upload('sensor.crt', parts['sensor.crt']!),
      upload('bomb.key', bomb),
      upload('chain.pem', parts['chain.pem']!),
    ]);
    await page.clock.runFor(1000);
    await page.getByRole('textbox', { name: 'Passphrase of the key' }).fill(PASSPHRASE);
    await page.clock.runFor(1000);
    await page.getByText('Checking again').waitFor({ state: 'attached' });
    await page.clock.runFor(20_000);
    await page.getByRole('alert').getByText('The check was ended after 15 seconds').waitFor();
    await page.getByRole('button', { name: 'Take bomb.key away' }).click();
    await page.clock.runFor(1000);
    await page.getByRole('alert').waitFor({ state: 'detached' });
    await page.context().close();
  });

  // The same states in the dark and on a telephone, for who looks at the screens; what is in them others test.
  test.skipIf(process.env['CERTGATE_SCREENS'] === undefined)('is shown in other lights', async () => {
    for (const [name, animal, options] of [
      ['preflight-chain-broken', 'chain-matches-crt-renewed-ca', {}],
      ['preflight-refused-dark', 'trust-path-ca-expired', { scheme: 'dark', height: 900 }],
      ['preflight-refused-360', 'crt-subject-country-uk', { width: 360 }],
    ] as const) {
      const page = await open('/preflight', options);
      await choose(page).setInputFiles(files(animal));
      const report = page.locator('[data-verdict][aria-busy=false]');
      await report.waitFor();
      const picture = page.getByRole('region', { name: 'Who signed whom' });
      if (name.endsWith('chain-broken')) await picture.evaluate((element) => element.scrollIntoView({ block: 'end' }));
      else await report.evaluate((element) => element.scrollIntoView());
      await screenshot(page, name);
      await page.context().close();
    }
  });

  test('is saved as one file that works without any network', async () => {
    const page = await open('/preflight');
    const saving = page.waitForEvent('download');
    await page.getByRole('link', { name: 'Save this page' }).click();
    const download = await saving;
    expect(download.suggestedFilename()).toBe('preflight.html');
    const path = join(web.folder, 'saved.html');
    await download.saveAs(path);
    await page.context().close();
    await useOffline(path);
  });

  async function useOffline(path: string): Promise<void> {
    const context = await web.context();
    const asked: string[] = [];
    const faults: string[] = [];
    context.on('request', (request) => asked.push(request.url()));
    const page = await context.newPage();
    page.setDefaultTimeout(30_000);
    page.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
    page.on('pageerror', ({ message }) => faults.push(message));
    await page.goto(`file://${path}`);
    await page.getByText('This page was saved').waitFor();
    expect(await page.getByRole('link').count()).toBe(1);
    for (const name of ['crt-valid-to', 'chain-matches-crt-renewed-ca', 'key-matches-crt', 'all-in-order']) {
      const { verdict: expected, leads } = animals.get(name)!;
      await choose(page).or(page.getByLabel('Choose more files')).setInputFiles(files(name));
      await page.locator(`[data-verdict=${expected}][aria-busy=false]`).waitFor();
      if (leads !== undefined && expected === 'refused')
        await page
          .locator(`article[data-rule=${leads.split(' ')[1]}]`)
          .first()
          .waitFor();
    }
    expect(faults).toEqual([]);
    // The file itself, and the worker that it is made of.
    expect(asked.filter((url) => !url.startsWith('blob:'))).toEqual([`file://${path}`]);
    // Nor could it reach anybody if it wanted to.
    const reached = await page.evaluate(() =>
      fetch('https://example.org/').then(
        () => 'reached',
        () => 'not reached',
      ),
    );
    expect(reached).toBe('not reached');
    const markup = readFileSync(path, 'utf8').replaceAll(/(<(?:script|style)[^>]*>)[^]*?<\/(?:script|style)>/g, '$1');
    expect(markup.match(/(?:src|href)=["'](?!data:)[^"']*/g)).toBeNull();
    await context.close();
  }

  /** Lets go of files over the page, beside the places made for them. */
  async function drop(page: Page, dropped: readonly { name: string; buffer: Buffer }[]): Promise<void> {
    const plain = dropped.map(({ name, buffer }) => ({ name, text: buffer.toString('base64') }));
    const transfer = await page.evaluateHandle((list) => {
      const data = new DataTransfer();
      for (const { name, text } of list)
        data.items.add(new File([Uint8Array.from(atob(text), (one) => one.charCodeAt(0))], name));
      return data;
    }, plain);
    await page.getByRole('heading', { level: 1 }).dispatchEvent('drop', { dataTransfer: transfer });
  }
});
