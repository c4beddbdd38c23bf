import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Administrator, json, PASSWORD } from '../e2e/administrator.ts';
import { requires } from '../requires.ts';
import { axeFindings, Console, overflowAt360, screenshot, tabTo } from './console.ts';
import { makeCa, Plant } from './plant.ts';

const DIALOG = '[role=dialog]';

// One server, one window; the tests follow each other.
describe.skipIf(!requires('chromium'))('the page of trust', { timeout: 60_000 }, () => {
  let web: Console;
  let ada: Administrator;
  let page: Page;
  let plant: Plant;

  beforeAll(async () => {
    web = await Console.start({ CERTGATE_CRL_HOSTS: '127.0.0.1' });
    [ada, plant] = await Promise.all([web.setUp(), Plant.make(join(web.folder, 'plant'), 'Contoso Plant')]);
    page = await web.signedIn('/trust');
  }, 60_000);
  afterAll(async () => {
    await web?.stop();
    plant?.stop();
  });

  const fingerprintOf = async (file: string): Promise<string> => {
    const certificate = readFileSync(file, 'utf8');
    return (await ada.curl('/api/v1/anchors/inspect', ...json('POST', { certificate }))).json[0].fingerprint;
  };
  const row = (name: string): Locator =>
    page.getByRole('listitem').filter({ has: page.getByRole('heading', { name, exact: true }) });
  const dialog = (): Locator => page.getByRole('dialog');

  test('says at the start what an anchor and a list are, and what to do', async () => {
    await page.getByText('No CA is trusted yet: every certificate is refused').waitFor();
    await page.getByText('No list is held yet').waitFor();
    expect(await axeFindings(page)).toEqual([]);
    expect(await overflowAt360(page)).toEqual([]);
  });

  test('adds an anchor by mouse, once its fingerprint is that of the CA', async () => {
    await page.getByRole('button', { name: 'Add a trust anchor' }).click();
    await dialog().locator('input[type=file]').setInputFiles(plant.root);
    await dialog().getByText('itself: a root').waitFor();
    const trust = dialog().getByRole('button', { name: 'Trust this CA' });
    const compare = dialog().getByLabel('Fingerprint that your CA publishes');
    expect(await trust.isDisabled()).toBe(true);
    await compare.fill('AB'.repeat(32));
    await dialog().getByText('This file is not what the CA published').waitFor();
    expect(await trust.isDisabled()).toBe(true);
    expect(await axeFindings(page, DIALOG)).toEqual([]);
    await compare.fill(`sha256 Fingerprint=${await fingerprintOf(plant.root)}`);
    await dialog().getByText('this is the certificate that the CA published').waitFor();
    await screenshot(page, 'trust-add');
    await trust.click();
    await row('Contoso Plant Root CA').waitFor();
    await dialog().waitFor({ state: 'hidden' });
  });

  test('adds another by keyboard alone, pasted, of several in the file', async () => {
    const successor = await makeCa(join(web.folder, 'successor'), 'Contoso Plant');
    await tabTo(page, page.getByRole('button', { name: 'Add a trust anchor' }));
    await page.keyboard.press('Enter');
    await tabTo(page, dialog().getByLabel('Or paste its text'));
    await page.keyboard.insertText(successor.chainPem);
    await tabTo(page, dialog().getByRole('button', { name: 'See what it is' }));
    await page.keyboard.press('Enter');
    // The root is chosen already.
    await dialog().getByText('The file holds 2 certificates').waitFor();
    expect(await dialog().getByRole('radio', { name: 'Contoso Plant Root CA (root)' }).isChecked()).toBe(true);
    const compare = dialog().getByLabel('Fingerprint that your CA publishes');
    await tabTo(page, compare);
    await page.keyboard.insertText((await fingerprintOf(join(successor.folder, 'root.crt'))).replaceAll(':', ''));
    await tabTo(page, dialog().getByRole('button', { name: 'Trust this CA' }));
    await page.keyboard.press('Enter');
    // Two of the same name: the page explains the roll-over.
    await page.getByText('is here 2 times: a roll-over is going on').waitFor();
  });

  test('says what is no CA, and what is no certificate, and keeps what was pasted', async () => {
    await page.getByRole('button', { name: 'Add a trust anchor' }).click();
    await dialog().getByLabel('Or paste its text').fill('no certificate');
    await dialog().getByRole('button', { name: 'See what it is' }).click();
    await dialog().getByRole('alert').filter({ hasText: 'holds no certificate' }).waitFor();
    expect(await dialog().getByLabel('Or paste its text').inputValue()).toBe('no certificate');
    const leaf = await plant.issue('leaf.contoso.com');
    await dialog().locator('input[type=file]').setInputFiles(leaf.crt);
    await dialog().getByRole('alert').filter({ hasText: 'is no CA certificate' }).waitFor();
    expect(await dialog().getByRole('button', { name: 'Trust this CA' }).isDisabled()).toBe(true);
    expect(await axeFindings(page, DIALOG)).toEqual([]);
    await page.keyboard.press('Escape');
    await dialog().waitFor({ state: 'hidden' });
  });

  test('holds the lists of what is in use by itself, and says why one does not come', async () => {
    await plant.issue('line1.contoso.com');
    const line1 = { name: 'Line 1', hostname: 'line1.contoso.com', crl: 'on' };
    const appliance = await ada.curl('/api/v1/appliances', ...json('POST', line1));
    const files = { base: 'line1.contoso.com', chain: 'chain.pem' };
    const uploaded = await ada.upload(appliance.json.id, plant.ca.folder, files);
    expect(uploaded.status, uploaded.text.slice(0, 300)).toBe(201);
    // Nobody reloads the page: it hears of what hangs on the anchor, and of the lists that were fetched.
    await page.getByText('1 certificate in use').waitFor();
    const issuing = row('Contoso Plant Issuing CA');
    await issuing.getByText('Current').waitFor();
    await row('Contoso Plant Root CA').getByText('named by 1 certificate').waitFor();
    await page.evaluate(() => window.scrollTo(0, 0));
    await screenshot(page, 'trust');

    plant.crls.down = true;
    await issuing.getByRole('button', { name: /^Fetch now/ }).click();
    await page.getByText('No new list').waitFor();
    await issuing.getByText(/Why not:.*503/).waitFor();
    expect(await axeFindings(page)).toEqual([]);
    expect(await overflowAt360(page)).toEqual([]);
    await issuing.scrollIntoViewIfNeeded();
    await screenshot(page, 'trust-why-not');
    plant.crls.down = false;
    await page.getByRole('button', { name: 'Fetch all now' }).click();
    await page.getByText('2 places asked, 0 new').waitFor();
    await issuing.getByText(/Why not/).waitFor({ state: 'hidden' });
  });

  test('takes a list from an address that somebody types', async () => {
    await page.getByRole('button', { name: 'Upload or fetch a list' }).click();
    await dialog().getByLabel('Or fetch it from').fill('https://crl.contoso.com/x.crl');
    await page.keyboard.press('Enter');
    await dialog().getByRole('alert').filter({ hasText: 'https' }).waitFor();
    expect(await dialog().getByLabel('Or fetch it from').inputValue()).toContain('x.crl');
    await dialog().getByLabel('Or fetch it from').fill(`${plant.crls.url}/issuing.crl`);
    await dialog().getByRole('button', { name: 'Fetch' }).click();
    await dialog().getByText('The list of “Contoso Plant Issuing CA” that is held already.').waitFor();
    await dialog().getByRole('button', { name: 'Done' }).click();
    await dialog().waitFor({ state: 'hidden' });
  });

  test('takes an older list only after somebody was asked, by keyboard', async () => {
    const old = join(web.folder, 'old.crl');
    copyFileSync(join(plant.ca.folder, 'issuing.crl'), old);
    plant.ca.newCrls(new Date());
    const upload = async (file: string): Promise<void> => {
      await page.getByRole('button', { name: 'Upload or fetch a list' }).click();
      await dialog().locator('input[type=file]').setInputFiles(file);
    };
    await upload(join(plant.ca.folder, 'issuing.crl'));
    await dialog().getByText('number 2, is held now').waitFor();
    await page.keyboard.press('Escape');
    await upload(old);
    await dialog().getByRole('alert').filter({ hasText: 'is older than one seen before' }).waitFor();
    await page.keyboard.press('Escape');
    await dialog().waitFor({ state: 'hidden' });
    await tabTo(page, row('Contoso Plant Issuing CA').getByRole('button', { name: 'Allow an older one…' }));
    await page.keyboard.press('Enter');
    await dialog().getByText('somebody could play back an old one').waitFor();
    expect(await axeFindings(page, DIALOG)).toEqual([]);
    await tabTo(page, dialog().getByRole('button', { name: 'Allow it once' }));
    await page.keyboard.press('Enter');
    await row('Contoso Plant Issuing CA').getByText('The next one may be older').waitFor();
    await upload(old);
    await dialog().getByText('number 1, is held now').waitFor();
    await page.keyboard.press('Escape');
    await dialog().waitFor({ state: 'hidden' });
  });

  test('asks before an anchor is removed, and says what ends', async () => {
    await row('Contoso Plant Root CA')
      .filter({ hasText: '1 certificate in use' })
      .getByRole('button', { name: 'Remove Contoso Plant Root CA' })
      .click();
    await dialog().getByText('other anchor of the same name').waitFor();
    expect(await axeFindings(page, DIALOG)).toEqual([]);
    await page.keyboard.press('Escape');
    await dialog().waitFor({ state: 'hidden' });
    // The one that nothing rests on goes without harm.
    const successor = row('Contoso Plant Root CA').filter({ hasText: 'nothing in use' });
    await successor.getByRole('button', { name: 'Remove Contoso Plant Root CA' }).click();
    await dialog().getByText('so nothing stops today').waitFor();
    // Whoever goes by keyboard goes on where he was; where that is gone, on the page.
    const focused = (): Promise<string | null | undefined> =>
      page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.id);
    const name = await successor
      .getByRole('button', { name: /^Remove/, includeHidden: true })
      .getAttribute('aria-label');
    await dialog().getByRole('button', { name: 'Cancel' }).click();
    await expect.poll(focused).toBe(name);
    await page.keyboard.press('Enter');
    await dialog().getByRole('button', { name: 'Remove this anchor' }).click();
    await successor.waitFor({ state: 'hidden' });
    await expect.poll(focused).toBe('main');
  });

  test('offers nothing that somebody may not do', async () => {
    const reader = { name: 'rita', password: PASSWORD, role: 'reader' };
    expect((await ada.curl('/api/v1/users', ...json('POST', reader))).status).toBe(201);
    const hers = await web.signedIn('/trust', { name: 'rita', scheme: 'dark', width: 360, height: 740 });
    await hers.getByRole('heading', { name: 'Contoso Plant Issuing CA' }).waitFor();
    expect(
      await hers
        .getByRole('main')
        .getByRole('button', { name: /Remove|Add|Upload|Fetch|Allow/ })
        .count(),
    ).toBe(0);
    expect(await overflowAt360(hers)).toEqual([]);
    await screenshot(hers, 'trust-narrow-dark', { fullPage: true });
    await hers.context().close();
  });

  test('does nothing that no page may do', () => {
    expect(web.faults).toEqual([]);
  });
});
