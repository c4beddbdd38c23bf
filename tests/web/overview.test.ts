import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Administrator } from '../e2e/administrator.ts';
import { requires } from '../requires.ts';
import { axeFindings, Console, overflowAt360, screenshot, tabTo } from './console.ts';
import { MadeUpFleet } from './made-up-fleet.ts';

// One server, one window; the tests follow each other.
describe.skipIf(!requires('chromium'))('the overview', { timeout: 60_000 }, () => {
  let web: Console;
  let ada: Administrator;
  let page: Page;
  let fleet: MadeUpFleet;

  beforeAll(async () => {
    web = await Console.start({ CERTGATE_CRL_HOSTS: '127.0.0.1' });
    ada = await web.setUp();
    page = await web.enter('/');
  }, 120_000);
  afterAll(async () => {
    fleet?.stop();
    await web?.stop();
  });

  const verdict = () => page.getByRole('region', { name: 'Verdict' });
  const problems = () => page.getByRole('list', { name: 'Problems, the worst first' }).getByRole('listitem');
  const at = (address: string | RegExp) => page.waitForURL(address);

  test('says what to do first where there is no appliance', async () => {
    await page.getByRole('heading', { name: 'Three steps to a watched fleet' }).waitFor();
    expect(await page.getByRole('list').getByRole('heading', { level: 3 }).allTextContents()).toEqual(
      expect.arrayContaining(['Trust your CA', 'Add your appliances', 'Upload a certificate for each']),
    );
    expect(await axeFindings(page)).toEqual([]);
    expect(await overflowAt360(page)).toEqual([]);
    await screenshot(page, 'overview-empty', { top: true });
    await tabTo(page, page.getByRole('link', { name: 'Import a CSV file' }));
    await page.keyboard.press('Enter');
    await page.getByRole('dialog', { name: 'Import appliances' }).waitFor();
    await page.goBack();
    await page.getByRole('heading', { name: 'Three steps to a watched fleet' }).waitFor();
  });

  test(
    'follows what happens without being loaded again, down to a certificate that ends',
    { timeout: 90_000 },
    async () => {
      fleet = await MadeUpFleet.make(web, ada);
      await verdict().getByText('3 appliances need you now').waitFor({ timeout: 30_000 });
      await verdict().getByText('Encrypted traffic of 3 appliances is halted').waitFor();
      await verdict().getByRole('link', { name: '1 revoked' }).waitFor();
      await verdict().getByRole('link', { name: '1 expired' }).waitFor();
      await verdict().getByRole('link', { name: '1 not trusted' }).waitFor();
      await verdict().getByRole('link', { name: '2 expiring soon' }).waitFor();
    },
  );

  test('tells the cause and what to do, the worst first', async () => {
    const first = problems().first();
    await first.getByRole('heading', { name: 'Boiler house' }).waitFor();
    expect(await first.textContent()).toContain('is revoked since');
    expect(await first.textContent()).toContain(
      'Have a new certificate issued, with a new key, and upload it on its page.',
    );
    const untrusted = problems().filter({ hasText: 'Cold store' });
    expect(await untrusted.textContent()).toContain(
      'ends in "Contoso Harbour Root CA", which is not among the trust anchors',
    );
    expect(await untrusted.textContent()).not.toContain('--trust');
    await page.getByRole('button', { name: 'Show 2 more' }).click();
    expect(await problems().count()).toBe(7);
    const palletiser = problems().filter({ hasText: 'Palletiser' });
    await palletiser.getByText('With which command').click();
    expect(await palletiser.locator('pre').textContent()).toMatch(/^openssl req .* -out sensor\.csr$/);
    await palletiser.getByText('With which command').click();
  });

  test('shows what the fleet leans on', async () => {
    const card = (name: string) => page.getByRole('region', { name });
    await card('Trust anchors').getByText('1 CA is trusted; none ends within a year.').waitFor();
    await card('CRLs')
      .getByText(/^\d current$/)
      .waitFor();
    await card('CRLs').getByText('Contoso Plant Issuing CA').waitFor();
    await card('Channels').getByText('No channel has a problem.').waitFor();
    await card('This console').getByText('No certificate yet').waitFor();
  });

  test('is in order for screen readers, in both schemes, and on a telephone', async () => {
    expect(await axeFindings(page)).toEqual([]);
    expect(await overflowAt360(page)).toEqual([]);
    await screenshot(page, 'overview', { top: true });
    await page.emulateMedia({ colorScheme: 'dark' });
    await screenshot(page, 'overview-dark', { top: true });
    await page.emulateMedia({ colorScheme: 'light' });
  });

  test('leads by mouse from a count to those appliances, and back', async () => {
    await verdict().getByRole('link', { name: '1 revoked' }).click();
    await at(/\/appliances\?state=revoked$/);
    await page.getByRole('row').filter({ hasText: 'Boiler house' }).waitFor();
    await page.goBack();
    await verdict().waitFor();
    const bar = page.getByRole('link', { name: /^2 certificates end: 1 May 2027/ });
    // Only its own year; another one is another bar.
    if ((await bar.count()) > 0) await bar.click();
    else
      await page
        .getByRole('link', { name: /certificates? ends?: / })
        .last()
        .click();
    await at(/\/appliances\?expiresBefore=/);
    await page.goBack();
    await page.getByRole('region', { name: 'Next to end' }).getByRole('link', { name: 'Bottling 2' }).click();
    await at(`**/appliances/${fleet.ids.get('Bottling 2')}`);
    await page.goBack();
  });

  test('leads by keyboard from bar to bar, and to a problem', async () => {
    await verdict().waitFor();
    const bars = page.getByRole('link', { name: /certificates? ends?: / });
    await tabTo(page, bars.first());
    await page.keyboard.press('ArrowRight');
    expect(await bars.nth(1).evaluate((bar) => bar === document.activeElement)).toBe(true);
    await page.keyboard.press('End');
    expect(await bars.last().evaluate((bar) => bar === document.activeElement)).toBe(true);
    await page.keyboard.press('Home');
    await page.keyboard.press('Enter');
    await at(/\/appliances\?expiresBefore=/);
    await page.getByRole('row').filter({ hasText: 'Bottling 2' }).waitFor();
    await page.goBack();
    await verdict().waitFor();
    await tabTo(page, problems().first().getByRole('link'));
    await page.keyboard.press('Enter');
    await at(`**/appliances/${fleet.ids.get('Boiler house')}`);
    await page.goBack();
  });

  test('has the timeline as a table, too', async () => {
    await page.getByText('The same as a table').click();
    const rows = page.getByRole('table').getByRole('row');
    expect(await rows.count()).toBe(20);
    const counts = await page.getByRole('table').getByRole('cell').allTextContents();
    // All but the one that is over, the one without, and the one later than a year.
    expect(counts.reduce((sum, count) => sum + Number(count), 0)).toBe(9);
    expect(await axeFindings(page)).toEqual([]);
    await page.getByText('The same as a table').click();
  });

  test('says that the server does not answer, and tries again', async () => {
    const alone = await web.enter('/settings');
    await alone.route('**/api/v1/overview', (route) => route.abort());
    await alone.getByRole('link', { name: 'Overview', exact: true }).click();
    const alert = alone.getByRole('alert');
    await alert.getByText('The server does not answer').waitFor();
    expect(await axeFindings(alone)).toEqual([]);
    await alone.unroute('**/api/v1/overview');
    await alert.getByRole('button', { name: 'Try again' }).click();
    await alone.getByText('3 appliances need you now').waitFor();
    await alone.context().close();
  });

  test('is calm where all is well', async () => {
    for (const name of ['Boiler house', 'Packing 1', 'Cold store', 'Crane 5', 'Bottling 2', 'Palletiser']) {
      const path = `/api/v1/appliances/${fleet.ids.get(name)}`;
      const etag = (await ada.curl(path)).headers['etag'];
      expect((await ada.curl(`${path}/retire`, '-X', 'POST', '-H', `If-Match: ${etag}`)).status).toBe(200);
    }
    await verdict().getByText('All 6 appliances are ready').waitFor();
    expect(await axeFindings(page)).toEqual([]);
    await screenshot(page, 'overview-fine', { top: true });
  });

  test('did nothing that a page must not do', () => expect(web.faults).toEqual([]));
});
