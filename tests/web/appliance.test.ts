import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Administrator } from '../e2e/administrator.ts';
import { shortLived } from '../e2e/short-lived.ts';
import { requires } from '../requires.ts';
import { appliance, type Files, issue, Traffic, trust } from './appliance-lab.ts';
import { axeFindings, Console, overflowAt360, screenshot, tabTo } from './console.ts';
import { Plant } from './plant.ts';

// One server, one window; the tests follow each other.
describe.skipIf(!requires('chromium'))('the page of an appliance', () => {
  let web: Console;
  let ada: Administrator;
  let page: Page;
  let plant: Plant;
  let traffic: Traffic;

  beforeAll(async () => {
    web = await Console.start({ CERTGATE_CRL_HOSTS: '127.0.0.1' });
    [ada, plant] = await Promise.all([web.setUp(), Plant.make(join(web.folder, 'plant'), 'Contoso Plant')]);
    await trust(ada, plant.root);
    page = await web.signedIn('/appliances/console');
    traffic = new Traffic(page);
  }, 60_000);
  afterAll(async () => {
    await web?.stop();
    plant?.stop();
  });

  const open = async (id: string, show = ''): Promise<void> => {
    await page.goto(`${web.served.origin}/appliances/${id}${show === '' ? '' : `?show=${show}`}`);
  };
  const now = (): Locator => page.getByRole('region', { name: 'State now' });
  const button = (name: string | RegExp): Locator => page.getByRole('button', { name });
  const verdict = (word: string): Promise<void> => page.getByRole('heading', { name: word, exact: true }).waitFor();
  const cause = (): Locator => page.getByRole('region', { name: /^(Root cause|Why it is)/ });
  const inUse = (): Locator => page.getByRole('region', { name: 'In use' });
  const choose = async (files: readonly string[], press: () => Promise<void>): Promise<void> => {
    const [chooser] = await Promise.all([page.waitForEvent('filechooser'), press()]);
    await chooser.setFiles([...files]);
  };
  const drop = async (files: readonly string[]): Promise<void> => {
    const contents = files.map((file) => [basename(file), readFileSync(file, 'latin1')] as const);
    const data = await page.evaluateHandle((contents) => {
      const transfer = new DataTransfer();
      for (const [name, text] of contents)
        transfer.items.add(new File([Uint8Array.from(text, (c) => c.charCodeAt(0))], name));
      return transfer;
    }, contents);
    await page.getByRole('group', { name: 'Drop certificate, key and chain here' }).dispatchEvent('drop', {
      dataTransfer: data,
    });
  };
  const fingerprint = ({ der }: Files): string => new X509Certificate(der).fingerprint256;

  test('says what to do where there is no certificate yet', async () => {
    await open(await appliance(ada, 'Line 0', { site: 'Leipzig' }));
    await now().getByText('No certificate yet').waitFor();
    await page.getByText('line0.contoso.com · OT sensor · Leipzig').waitFor();
    expect(await axeFindings(page)).toEqual([]);
    await screenshot(page, 'appliance-empty');
  });

  test('by mouse: a refused bundle is understood from the page alone, mended, and sent only on demand', async () => {
    const passphrase = 'Correct-Horse:9';
    const old = await issue(plant, 'line1.contoso.com', { name: 'old', passphrase, from: -10 * DAY, to: -DAY });
    const mended = await issue(plant, 'line1.contoso.com', { name: 'new', passphrase });
    await open(await appliance(ada, 'Line 1', { site: 'Leipzig', zone: 'Press shop' }));
    await now().getByRole('button', { name: 'Upload a certificate' }).click();
    await drop([old.chain, old.key, old.crt]);
    await verdict('Refused');
    // What is the matter, and what to do, as it stands there.
    await cause().getByText(/encrypted/).first().waitFor();
    await cause().getByText('Type the passphrase into its field').waitFor();
    await page.getByLabel('Passphrase (optional)').fill(passphrase);
    await cause().getByRole('heading', { name: /The certificate expired/ }).waitFor();
    await cause().getByText('This SSL certificate has expired').waitFor();
    await cause().getByText(/openssl req -new/).waitFor();
    await button(/^Send certificate/).and(page.locator(':disabled')).waitFor();
    expect(await axeFindings(page)).toEqual([]);
    expect(await overflowAt360(page)).toEqual([]);
    await screenshot(page, 'appliance-refused');
    await drop([mended.crt, mended.key]);
    await verdict('Accepted');
    expect(await axeFindings(page)).toEqual([]);
    await screenshot(page, 'appliance-accepted');
    // Nothing secret has left the page so far.
    expect(traffic.holding([...old.secret, ...mended.secret, passphrase])).toEqual([]);
    expect(traffic.changes.filter((change) => change !== 'POST /api/v1/crls/for')).toEqual([]);
    // Whoever clicks twice sends once.
    await button('Send certificate and key to the server').dblclick();
    await page.getByText('“line1.contoso.com, ').first().waitFor();
    await button('See the certificate').click();
    await inUse().getByText(fingerprint(mended)).waitFor();
    expect(traffic.changes.filter((change) => change.endsWith('/uploads'))).toHaveLength(1);
    await now().getByText('Ready').waitFor();
    expect(await axeFindings(page)).toEqual([]);
    await screenshot(page, 'appliance');
  });

  test('does nothing that no page may do', () => {
    expect(web.faults).toEqual([]);
  });
});

const DAY = 86_400_000;
void tabTo;
void shortLived;
