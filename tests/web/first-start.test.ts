import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PASSWORD } from '../e2e/administrator.ts';
import { requires } from '../requires.ts';
import { axeFindings, Console, overflowAt360, screenshot } from './console.ts';

describe.skipIf(!requires('chromium'))('the first start', { timeout: 60_000 }, () => {
  let console: Console;
  let second: Console;
  beforeAll(async () => {
    [console, second] = await Promise.all([Console.start(), Console.start()]);
  });
  afterAll(async () => {
    await Promise.all([console.stop(), second.stop()]);
    expect([...console.faults, ...second.faults]).toEqual([]);
  });

  const link = (): string => `/setup#${console.served.setupToken()}`;
  const fingerprint = (): string =>
    /SHA-256[^:]*: (\S+)/.exec(readFileSync(join(console.folder, 'data/setup-link'), 'utf8'))![1]!;

  test('without a link, whatever page is asked for, says where one comes from', async () => {
    const page = await console.open('/appliances');
    await page.getByRole('heading', { name: 'First, the set-up link' }).waitFor();
    expect(await page.getByText('certgate setup-link').count()).toBe(1);
    await page.getByRole('textbox', { name: 'Set-up link' }).fill('https://gate.contoso.com:8443/setup');
    await page.getByRole('button', { name: 'Use this link' }).click();
    await page.getByText('The part from # on is missing').waitFor();
    await page
      .getByRole('textbox', { name: 'Set-up link' })
      .fill(`https://gate.contoso.com:8443/setup#${'a'.repeat(20)}`);
    await page.keyboard.press('Enter');
    await page.getByText('here are 20 characters').waitFor();
    expect(await axeFindings(page)).toEqual([]);
    await page.context().close();
  });

  test('a link that was replaced says so, and what was typed stays while a newer one is pasted', async () => {
    const page = await console.open(`/setup#${'x'.repeat(43)}`);
    await administrator(page, 'eve');
    await page.getByRole('button', { name: 'Make the administrator' }).click();
    const refusal = page.getByRole('alert').filter({ hasText: 'This set-up link does not work any more' });
    await refusal.waitFor();
    await page.getByText('certgate setup-link').waitFor();
    expect(await axeFindings(page)).toEqual([]);
    await page.getByRole('textbox', { name: 'Set-up link' }).fill(`${console.served.origin}${link()}`);
    await page.getByRole('button', { name: 'Use this link' }).click();
    await refusal.waitFor({ state: 'detached' });
    expect(await page.getByLabel('Name').inputValue()).toBe('eve');
    await page.context().close();
  });

  test('leads from the link to the overview, by keyboard alone, over a reload, and leaves no token behind', async () => {
    const page = await console.open(link(), { width: 360, height: 740 });
    await page.getByRole('heading', { name: 'Who is the administrator?' }).waitFor();
    expect(page.url()).toBe(`${console.served.origin}/setup`);
    await page.getByText(fingerprint()).waitFor();
    await page.reload();
    const name = page.getByLabel('Name');
    await name.focus();
    await page.keyboard.type('ada');
    await page.keyboard.press('Tab');
    await page.keyboard.type('ada-and-eve');
    const rules = page.getByRole('list').filter({ hasText: 'at least 12 characters' });
    expect(await rules.getByRole('listitem').allTextContents()).toEqual([
      'at least 12 characters: not yet',
      'at least 5 different ones: met',
      'without the name in it: not yet',
    ]);
    await page.keyboard.press('Enter');
    await page.getByText('The two passwords differ.').waitFor();
    await page.keyboard.press('ControlOrMeta+A');
    await page.keyboard.type(PASSWORD);
    await page.getByLabel('Password once more').focus();
    await page.keyboard.type(PASSWORD);
    expect(await axeFindings(page)).toEqual([]);
    expect(await overflowAt360(page)).toEqual([]);
    await page.keyboard.press('Enter');

    await page.getByRole('heading', { name: 'Which certificate does this console show?' }).waitFor();
    expect(await page.evaluate(() => Object.keys(sessionStorage).filter((key) => key.includes('token')))).toEqual([]);
    await page.reload();
    const keep = page.getByRole('radio', { name: 'Keep the self-signed certificate' });
    await page.getByRole('radio').first().focus();
    await page.keyboard.press('ArrowDown');
    expect(await keep.isChecked()).toBe(true);
    await page.keyboard.press('Enter');
    await page.getByText('Tick this to keep the self-signed certificate.').waitFor();
    expect(await axeFindings(page)).toEqual([]);
    await page.keyboard.press('Tab');
    await page.keyboard.press('Space');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');

    await page.getByRole('heading', { name: 'What happens when a certificate is no good?' }).waitFor();
    await page.reload();
    await page.getByRole('radio', { name: 'Mandatory' }).focus();
    await page.keyboard.press('ArrowDown');
    expect(await axeFindings(page)).toEqual([]);
    expect(await overflowAt360(page)).toEqual([]);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
    await page.context().close();
  });

  test('cannot be done twice', async () => {
    const again = await console.open(link());
    await again.getByText('This set-up link has done its work').waitFor();
    expect(await axeFindings(again)).toEqual([]);
    await again.getByRole('link', { name: 'Sign in' }).click();
    await again.getByLabel('Name').waitFor();
    await again.context().close();
  });

  test('has set what new appliances start with, and by mouse leads to the upload form as well', async () => {
    const page = await second.open(`/setup#${second.served.setupToken()}`);
    await administrator(page, 'ada');
    await page.evaluate(() => scrollTo(0, 0));
    await screenshot(page, 'first-start');
    await page.getByRole('button', { name: 'Make the administrator' }).click();
    await page.getByRole('radio', { name: 'Keep the self-signed certificate' }).click();
    await screenshot(page, 'first-start-certificate');
    await page.getByRole('radio', { name: 'Use a certificate from our CA' }).click();
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByRole('radio', { name: 'None' }).click();
    await page.getByRole('button', { name: 'Back' }).click();
    await page.getByRole('radio', { name: 'Use a certificate from our CA' }).click();
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByRole('radio', { name: 'None' }).click();
    await screenshot(page, 'first-start-validation');
    await page.getByRole('button', { name: 'Finish and upload the certificate' }).click();
    await page.waitForURL('**/appliances/console?show=new');
    await page.getByRole('tab', { name: 'New certificate', selected: true }).waitFor();
    const { data } = await page.evaluate(async () => ({ data: await (await fetch('/api/v1/settings')).json() }));
    expect(data.applianceDefaults.validation).toBe('none');
  });
});

async function administrator(page: Page, name: string): Promise<void> {
  await page.getByLabel('Name').fill(name);
  await page.getByRole('textbox', { name: 'Password', exact: true }).fill(PASSWORD);
  await page.getByRole('textbox', { name: 'Password once more' }).fill(PASSWORD);
}
