import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { write } from '../cli/program.ts';
import { type Administrator, json, PASSWORD } from '../e2e/administrator.ts';
import { requires } from '../requires.ts';
import { axeFindings, Console, overflowAt360, screenshot, tabTo } from './console.ts';
import { MadeUpFleet } from './made-up-fleet.ts';

// One server, one window; the tests follow each other.
describe.skipIf(!requires('chromium'))('the list of appliances', { timeout: 60_000 }, () => {
  let web: Console;
  let ada: Administrator;
  let page: Page;
  let fleet: MadeUpFleet;

  beforeAll(async () => {
    web = await Console.start({ CERTGATE_CRL_HOSTS: '127.0.0.1' });
    ada = await web.setUp();
    page = await web.enter('/appliances');
  }, 120_000);
  afterAll(async () => {
    fleet?.stop();
    await web?.stop();
  });

  const rows = () => page.getByRole('row').filter({ has: page.getByRole('rowheader') });
  const names = () => rows().getByRole('rowheader').getByRole('link').allTextContents();
  const shows = async (...wanted: string[]): Promise<void> => {
    await page
      .getByRole('status')
      .getByText(new RegExp(`^${wanted.length} appliances? `))
      .waitFor();
    await expect.poll(names).toEqual(wanted);
  };
  const chip = (name: RegExp) => page.getByRole('group', { name: 'State' }).getByRole('button', { name });
  const dialog = () => page.getByRole('dialog');
  const parameters = (): string => new URL(page.url()).search;

  test('says how to begin where there is none', async () => {
    await page.getByText('There is no appliance yet').waitFor();
    expect(await axeFindings(page)).toEqual([]);
    expect(await overflowAt360(page)).toEqual([]);
  });

  test('refuses a CSV file whole, and says what is wrong in which line', async () => {
    await page.getByRole('button', { name: 'Import many from a CSV file' }).click();
    const file = (text: string) => write(web.folder, 'fleet.csv', text);
    const choose = dialog().locator('input[type=file]');
    await choose.setInputFiles(
      file('name,hostname,role\nMixer 1,mixer-1.contoso.com,sensor\nMixer 2,not a host,king\n'),
    );
    await dialog().getByRole('button', { name: 'Import', exact: true }).click();
    const wrong = dialog().getByRole('alert');
    await wrong.getByText('Nothing was imported.').waitFor();
    expect(await wrong.getByRole('row').filter({ hasText: 'line 3, hostname' }).textContent()).toContain(
      'is no host name',
    );
    expect(await wrong.getByRole('row').filter({ hasText: 'line 3, role' }).textContent()).toContain(
      'is none of sensor, ha',
    );
    // The line itself stands beside it.
    expect(await wrong.textContent()).toContain('Mixer 2,not a host,king');
    expect(await axeFindings(page)).toEqual([]);
    expect(await overflowAt360(page)).toEqual([]);
    await screenshot(page, 'appliances-import');
    await choose.setInputFiles(file('name;hostname\r\nMixer 1;mixer-1.contoso.com\r\nMixer 2;mixer-2.contoso.com\r\n'));
    await dialog().getByRole('button', { name: 'Import', exact: true }).click();
    await dialog().getByText('2 appliances were added: Mixer 1, Mixer 2').waitFor();
    await page.keyboard.press('Enter');
    await shows('Mixer 1', 'Mixer 2');
    for (const { id } of (await ada.curl('/api/v1/fleet')).json.items) {
      await ada.curl(`/api/v1/appliances/${id}/retire`, '-X', 'POST', '-H', 'If-Match: "1"');
    }
  });

  test('shows each with its state, the matter and its end, as they come', async () => {
    fleet = await MadeUpFleet.make(web, ada);
    await page.getByRole('status').getByText('12 appliances in service').waitFor();
    await chip(/^Expired 1$/).waitFor({ timeout: 20_000 });
    const row = rows().filter({ hasText: 'Cold store' });
    await row.getByText('Not trusted').waitFor();
    await row.getByText('traffic halts').waitFor();
    await row.getByText('which is not among the trust anchors').waitFor();
    await row.getByText('Harbour', { exact: true }).waitFor();
    const grid = page.getByRole('grid', { name: 'Appliances' });
    expect(await grid.getAttribute('aria-rowcount')).toBe('13');
    expect(await rows().nth(11).getAttribute('aria-rowindex')).toBe('13');
  });

  test('is in order for screen readers, in both schemes, and on a telephone', async () => {
    expect(await axeFindings(page)).toEqual([]);
    expect(await overflowAt360(page)).toEqual([]);
    await page.mouse.move(0, 0);
    await screenshot(page, 'appliances', { top: true });
    await page.setViewportSize({ width: 360, height: 740 });
    await page.getByLabel('Order').waitFor();
    expect(await axeFindings(page)).toEqual([]);
    await page.getByLabel('Order').selectOption({ label: 'The worst first' });
    await expect.poll(async () => (await names())[0]).toBe('Boiler house');
    // Nothing runs over the edge of its card.
    const over = rows().evaluateAll((cards) =>
      cards.flatMap((card) =>
        [...card.querySelectorAll('*')]
          .filter((part) => part.getBoundingClientRect().bottom > card.getBoundingClientRect().bottom)
          .map((part) => part.textContent),
      ),
    );
    expect(await over).toEqual([]);
    await page.evaluate(() =>
      window.scrollTo(0, document.querySelector('[role=grid]')!.getBoundingClientRect().top - 170),
    );
    await screenshot(page, 'appliances-narrow');
    await page.getByLabel('Order').selectOption({ label: 'Name' });
    await page.setViewportSize({ width: 1280, height: 800 });
    await page.getByRole('columnheader', { name: 'State' }).waitFor();
  });

  test('is filtered by mouse; the address keeps it, and the back button undoes it', async () => {
    await page.goto(`${web.served.origin}/appliances`);
    await chip(/^Revoked 1$/).click();
    await shows('Boiler house');
    await chip(/^Expires soon 2$/).click();
    await shows('Boiler house', 'Bottling 2', 'Palletiser');
    expect(parameters()).toBe('?state=revoked%2Cexpiring');
    await page.getByLabel('Site').selectOption({ label: 'Plant North (5)' });
    await shows('Boiler house', 'Bottling 2');
    await page.getByLabel('Zone').selectOption({ label: 'Utilities (2)' });
    await shows('Boiler house');
    expect(await axeFindings(page)).toEqual([]);
    const shared = page.url();
    await page.goBack();
    await shows('Boiler house', 'Bottling 2');
    await page.goBack();
    await page.goBack();
    await shows('Boiler house');
    await page.goto(shared);
    await shows('Boiler house');
    expect(await page.getByLabel('Zone').inputValue()).toContain('Utilities');
    await page.getByRole('button', { name: 'Clear filter' }).click();
    expect(parameters()).toBe('');
    await page.getByLabel('Role').selectOption('HA servers');
    await shows('Bottling 1 HA');
    await page.getByLabel('Role').selectOption('All');
    await page.getByLabel('Ends before').fill(dayIn(30));
    await shows('Bottling 2', 'Packing 1', 'Palletiser');
  });

  test('is searched and sorted by keyboard, and opened with Enter', async () => {
    await page.goto(`${web.served.origin}/appliances`);
    await tabTo(page, page.getByRole('searchbox', { name: 'Search' }));
    await page.keyboard.type('crane');
    await shows('Crane 4', 'Crane 5');
    expect(parameters()).toBe('?q=crane');
    await page.keyboard.press('ControlOrMeta+a');
    await page.keyboard.press('Delete');
    await page.getByRole('status').getByText('12 appliances in service').waitFor();
    await tabTo(page, page.getByRole('columnheader', { name: 'Ends' }).getByRole('button'));
    await page.keyboard.press('Enter');
    await expect.poll(async () => (await names())[0]).toBe('Packing 1');
    expect(await page.getByRole('columnheader', { name: 'Ends' }).getAttribute('aria-sort')).toBe('ascending');
    await page.keyboard.press('Enter');
    await expect.poll(async () => (await names())[0]).toBe('Crane 4');
    await page.keyboard.press('Tab');
    const focused = () => page.evaluate(() => document.activeElement?.textContent);
    expect(await focused()).toBe('Crane 4');
    const order = await names();
    for (const [key, index] of [
      ['ArrowDown', 1],
      ['End', 11],
      ['ArrowUp', 10],
      ['Home', 0],
      ['PageDown', undefined],
    ] as const) {
      await page.keyboard.press(key);
      if (index !== undefined) expect(await focused()).toBe(order[index]);
    }
    const opened = (await focused())!;
    expect(order.indexOf(opened)).toBeGreaterThan(3);
    await page.keyboard.press('Enter');
    await page.waitForURL(`**/appliances/${fleet.ids.get(opened)}`);
    await page.goBack();
    await rows().first().waitFor();
    expect(parameters()).toBe('?sort=notAfter&direction=desc');
  });

  test('keeps a filter as a view with a name', async () => {
    await page.goto(`${web.served.origin}/appliances?state=expiring&site=Plant+South`);
    await shows('Palletiser');
    const views = () => page.getByRole('button', { name: /^View: / });
    await views().click();
    await page.getByRole('menuitem', { name: 'Save this view' }).click();
    await dialog().getByLabel('Name').fill('South, soon');
    expect(await axeFindings(page)).toEqual([]);
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'View: South, soon' }).waitFor();
    await views().click();
    expect(await axeFindings(page)).toEqual([]);
    await page.getByRole('menuitem', { name: 'Needs you now' }).click();
    await shows('Boiler house', 'Packing 1', 'Cold store');
    // It is there after a reload, too; now by keyboard.
    await page.reload();
    await tabTo(page, views());
    await page.keyboard.press('Enter');
    const own = page.getByRole('menuitem', { name: 'South, soon' });
    await own.waitFor();
    await own.focus();
    await page.keyboard.press('Enter');
    await shows('Palletiser');
    await views().click();
    await page.getByRole('menuitem', { name: 'Rename or delete' }).click();
    await dialog().getByLabel('Name of "South, soon"').fill('South, next');
    await page.keyboard.press('Enter');
    await dialog().getByRole('button', { name: 'Delete South, next' }).waitFor();
    expect(await axeFindings(page)).toEqual([]);
    await dialog().getByRole('button', { name: 'Delete South, next' }).click();
    await dialog().getByText('You have no view of your own any more.').waitFor();
    await dialog().getByRole('button', { name: 'Done' }).click();
    await page.getByRole('button', { name: 'View: your own filter' }).waitFor();
  });

  test('is exported as CSV, as it is filtered', async () => {
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Export CSV' }).click(),
    ]);
    expect(download.suggestedFilename()).toBe('certgate-fleet.csv');
    const content = await page.request.get(download.url());
    const lines = (await content.text()).trim().split(/\r?\n/);
    expect(lines).toHaveLength(2);
    expect(lines[1]).toContain('palletiser.contoso.com');
  });

  test('takes a new one by mouse, and another by keyboard; what was typed survives a refusal', async () => {
    await page.goto(`${web.served.origin}/appliances`);
    await page.getByRole('button', { name: 'Add appliance' }).click();
    await dialog().getByRole('textbox', { name: 'Name', exact: true }).fill('Bottling 1');
    await dialog().getByLabel('Host name').fill('bottling-9.contoso.com');
    await dialog().getByRole('button', { name: 'Add appliance' }).click();
    await dialog().getByRole('alert').waitFor();
    expect(await axeFindings(page)).toEqual([]);
    expect(await overflowAt360(page)).toEqual([]);
    expect(await dialog().getByLabel('Host name').inputValue()).toBe('bottling-9.contoso.com');
    await dialog().getByRole('textbox', { name: 'Name', exact: true }).fill('Bottling 9');
    await screenshot(page, 'appliances-add');
    await dialog().getByRole('button', { name: 'Add appliance' }).click();
    await page.waitForURL(/\/appliances\/[\w-]{10,}$/);
    await page.goto(`${web.served.origin}/appliances`);
    await tabTo(page, page.getByRole('button', { name: 'Add appliance' }));
    await page.keyboard.press('Enter');
    await dialog().getByRole('textbox', { name: 'Name', exact: true }).waitFor();
    // The dialog has put the focus there.
    await page.keyboard.type('Bottling 9 HA');
    await page.keyboard.press('Tab');
    await page.keyboard.type('bottling-9-ha.contoso.com');
    await page.keyboard.press('Tab');
    await page.keyboard.type('HA');
    await page.keyboard.press('Tab');
    await page.keyboard.type('Bottling 9');
    await tabTo(page, dialog().getByRole('button', { name: 'Add appliance' }));
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/appliances\/[\w-]{10,}$/);
    const id = page.url().split('/').at(-1)!;
    const made = (await ada.curl(`/api/v1/appliances/${id}`)).json;
    expect(made).toMatchObject({ name: 'Bottling 9 HA', role: 'ha', hostname: 'bottling-9-ha.contoso.com' });
    expect(made.sensorId).not.toBeNull();
  });

  test('offers nobody what he may not do', async () => {
    await ada.curl('/api/v1/users', ...json('POST', { name: 'bob', password: PASSWORD, role: 'reader' }));
    const his = await web.enter('/appliances', { name: 'bob' });
    await his.getByRole('rowheader', { name: 'Bottling 1 bottling-1.contoso.com' }).waitFor();
    expect(await his.getByRole('button', { name: /Add|Import/ }).count()).toBe(0);
    await his.getByRole('link', { name: 'Export CSV' }).waitFor();
    await his.context().close();
  });

  test('did nothing that a page must not do', () => expect(web.faults).toEqual([]));
});

/** `2026-12-23`, as many days from today. */
function dayIn(days: number): string {
  return new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
}
