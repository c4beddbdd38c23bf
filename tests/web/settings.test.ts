import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { json, type Administrator, PASSWORD } from '../e2e/administrator.ts';
import { requires } from '../requires.ts';
import { axeFindings, Console, overflowAt360, screenshot, tabTo } from './console.ts';

describe.skipIf(!requires('chromium'))('settings and rules', { timeout: 60_000 }, () => {
  let console: Console;
  let admin: Administrator;
  beforeAll(async () => {
    console = await Console.start();
    admin = await console.setUp();
    const reader = { name: 'rob', password: PASSWORD, role: 'reader' };
    await admin.curl('/api/v1/users', ...json('POST', reader));
  });
  afterAll(async () => {
    await console.stop();
    expect(console.faults).toEqual([]);
  });

  test('what new appliances start with is changed by keyboard; the console says what it presents', async () => {
    const page = await console.signedIn('/settings');
    const { json: presented } = await admin.curl('/api/v1/console');
    await page.getByText(presented.fingerprint).waitFor();
    await page.getByText('made by the server itself; for testing only').waitFor();
    await screenshot(page, 'settings');
    expect(await axeFindings(page)).toEqual([]);
    expect(await overflowAt360(page)).toEqual([]);
    const crl = page.getByRole('group', { name: 'Revocation lists (CRL)' });
    await tabTo(page, crl.getByRole('radio', { name: 'Off' }));
    await page.keyboard.press('ArrowUp');
    await tabTo(page, page.getByRole('button', { name: 'Save', exact: true }));
    await page.keyboard.press('Enter');
    await page.getByText('Saved. New appliances start with this.').waitFor();
    const { json: settings } = await admin.curl('/api/v1/settings');
    expect(settings.applianceDefaults).toMatchObject({ validation: 'mandatory', crl: 'on' });
    await page.context().close();
  });

  test('what somebody else changed meanwhile is told, and neither change is lost', async () => {
    const page = await console.signedIn('/settings');
    await page.getByRole('radio', { name: 'None' }).click();
    const { json: settings } = await admin.curl('/api/v1/settings');
    let isFirst = true;
    await page.route('**/api/v1/settings', async (route) => {
      if (isFirst && route.request().method() === 'PATCH') {
        isFirst = false;
        const change = json('PATCH', { applianceDefaults: { profile: 'defender-iot-strict' } });
        await admin.curl('/api/v1/settings', '-H', `If-Match: "${settings.version}"`, ...change);
      }
      return route.continue();
    });
    const save = page.getByRole('button', { name: 'Save', exact: true });
    await save.click();
    await page.getByRole('alert').getByText('Somebody changed the settings meanwhile').waitFor();
    expect(await page.getByRole('radio', { name: 'None' }).isChecked()).toBe(true);
    await page
      .locator('select')
      .filter({ has: page.locator('option:checked[value=defender-iot-strict]') })
      .waitFor();
    await save.click();
    await page.getByText('Saved. New appliances start with this.').waitFor();
    expect((await admin.curl('/api/v1/settings')).json.applianceDefaults).toMatchObject({
      validation: 'none',
      profile: 'defender-iot-strict',
    });
    await page.context().close();
  });

  test('a partner is added, changed and removed by mouse; a refusal keeps what was typed', async () => {
    const page = await console.signedIn('/settings');
    await page.getByRole('button', { name: 'New partner…' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('textbox', { name: 'Name', exact: true }).fill('SIEM');
    await dialog.getByRole('textbox', { name: 'Host' }).fill('siem contoso');
    await dialog.getByRole('button', { name: 'Add the partner' }).click();
    await dialog.getByRole('alert').getByText('is neither a host name nor an IP address').waitFor();
    expect(await axeFindings(page)).toEqual([]);
    expect(await overflowAt360(page)).toEqual([]);
    await dialog.getByRole('textbox', { name: 'Host' }).fill('siem.contoso.com');
    await dialog.getByRole('textbox', { name: 'SHA-256 fingerprints' }).fill(`${'ab:'.repeat(31)}ab`);
    await dialog.getByRole('button', { name: 'Add the partner' }).click();
    const partners = page.getByRole('list', { name: 'Partners' });
    await partners.getByText('known by its fingerprint').waitFor();
    await page.getByRole('button', { name: 'Change SIEM' }).click();
    await dialog.getByRole('textbox', { name: 'Port' }).fill('6515');
    await dialog.getByRole('button', { name: 'Save', exact: true }).click();
    await partners.getByText('siem.contoso.com:6515').waitFor();
    expect(await axeFindings(page)).toEqual([]);
    await page.getByRole('button', { name: 'Remove SIEM' }).click();
    await dialog.getByRole('button', { name: 'Remove SIEM' }).click();
    await page.getByText('No partner', { exact: true }).waitFor();
    await page.context().close();
  });

  test('a reader sees the settings and is offered no change', async () => {
    const page = await console.signedIn('/settings', { name: 'rob' });
    await page.getByText('Only an administrator can change this.').waitFor();
    expect(await page.getByRole('radio', { name: 'Mandatory' }).isDisabled()).toBe(true);
    expect(await page.getByRole('button', { name: 'New partner…' }).count()).toBe(0);
    expect(await axeFindings(page)).toEqual([]);
    await page.context().close();
  });

  test('rules are found by a word of their text and read, by keyboard', async () => {
    const page = await console.signedIn('/rules');
    await page.getByText('33 rules').waitFor();
    await screenshot(page, 'rules');
    expect(await axeFindings(page)).toEqual([]);
    expect(await overflowAt360(page)).toEqual([]);
    await tabTo(page, page.getByRole('searchbox', { name: 'Search' }));
    await page.keyboard.type('wildcard contosocom dashes');
    await page.getByText('1 rule', { exact: true }).waitFor();
    await tabTo(page, page.getByRole('link', { name: /crt-subject-cn/ }));
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: "CN is the appliance's domain name" }).waitFor();
    await page.getByText('we go by the ban').waitFor();
    await screenshot(page, 'rule');
    expect(await axeFindings(page)).toEqual([]);
    expect(await overflowAt360(page)).toEqual([]);
    await page.goBack();
    expect(await page.getByRole('searchbox', { name: 'Search' }).inputValue()).toBe('wildcard contosocom dashes');
    await page.getByRole('searchbox', { name: 'Search' }).fill('nonsense');
    await page.getByText('No rule speaks of that').waitFor();
    await page.goto(`${console.served.origin}/rules/no-such-rule`);
    await page.getByText('No rule is called no-such-rule').waitFor();
    await page.getByRole('link', { name: 'All rules' }).click();
    await page.getByText('33 rules').waitFor();
    await page.context().close();
  });
});
