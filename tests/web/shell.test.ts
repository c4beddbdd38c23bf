import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { requires } from '../requires.ts';
import { axeFindings, Console, overflowAt360, screenshot, tabTo } from './console.ts';

describe.skipIf(!requires('chromium'))('what stands around every page', { timeout: 60_000 }, () => {
  let web: Console;
  let page: Page;

  beforeAll(async () => {
    web = await Console.start();
    await web.setUp();
    page = await web.enter('/settings');
  }, 120_000);
  afterAll(() => web?.stop());

  const navigation = () => page.getByRole('navigation', { name: 'Main' });
  const hasFocus = (selector: string) =>
    page.evaluate((selector) => document.activeElement?.matches(selector), selector);

  test('begins with a way past the navigation', async () => {
    await page.getByRole('heading', { level: 1 }).waitFor();
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Skip to the content');
    await page.keyboard.press('Enter');
    expect(await hasFocus('#main')).toBe(true);
    expect(new URL(page.url()).hash).toBe('');
  });

  test('leads on by keyboard, says where one is, and gives the page the focus', async () => {
    await tabTo(page, navigation().getByRole('link', { name: 'Rules' }));
    await page.keyboard.press('Enter');
    await page.waitForURL('**/rules');
    await expect.poll(() => hasFocus('#main')).toBe(true);
    expect(await navigation().locator('[aria-current=page]').allTextContents()).toEqual(['Rules']);
    await expect.poll(() => page.title()).toContain('Rules');
  });

  test('has a menu for oneself', async () => {
    const account = page.getByRole('button', { name: 'Signed in as ada, Admin' });
    await tabTo(page, account);
    await page.keyboard.press('Enter');
    await page.getByRole('menuitem', { name: 'Password and tokens' }).waitFor();
    expect(await axeFindings(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await page.getByRole('menuitem', { name: 'Sign out' }).waitFor({ state: 'hidden' });
  });

  test('is dark where the user wants it so, and stays so', async () => {
    await page.getByRole('button', { name: 'Dark colours' }).click();
    await page.reload();
    await page.locator('html[data-mantine-color-scheme=dark]').waitFor();
    await page.getByRole('button', { name: 'Light colours' }).click();
    await page.locator('html[data-mantine-color-scheme=light]').waitFor();
    await page.evaluate(() => localStorage.removeItem('mantine-color-scheme-value'));
    await page.reload();
  });

  test('is a drawer on a telephone: it has the focus while it is open, and gives it back', async () => {
    await page.setViewportSize({ width: 360, height: 740 });
    const burger = page.getByRole('button', { name: 'Navigation' });
    await burger.waitFor();
    // Closed, nothing in it is reached by the Tab key.
    expect(await page.locator('#navigation').evaluate((nav) => nav.hasAttribute('inert'))).toBe(true);
    await burger.click();
    expect(await burger.getAttribute('aria-expanded')).toBe('true');
    await expect.poll(() => hasFocus('#navigation a[aria-current=page]')).toBe(true);
    expect(await axeFindings(page)).toEqual([]);
    expect(await overflowAt360(page)).toEqual([]);
    await screenshot(page, 'navigation-narrow');
    await page.keyboard.press('Escape');
    expect(await burger.evaluate((button) => button === document.activeElement)).toBe(true);
    await page.keyboard.press('Enter');
    await navigation().getByRole('link', { name: 'Appliances' }).click();
    await page.waitForURL('**/appliances');
    expect(await burger.getAttribute('aria-expanded')).toBe('false');
    await page.setViewportSize({ width: 1280, height: 800 });
  });

  test('says when the page is no longer live, and catches up', async () => {
    const alone = await web.enter('/preflight');
    await alone.route('**/api/v1/events', (route) => route.fulfill({ status: 503, body: '' }));
    await alone.goto(`${web.served.origin}/settings`);
    await alone.getByText('Not live.').waitFor();
    expect(await axeFindings(alone)).toEqual([]);
    await alone.unroute('**/api/v1/events');
    await alone.getByText('Not live.').waitFor({ state: 'hidden' });
    await alone.context().close();
  });

  test('gives its connection back while nobody can see it, and then reads everything again', async () => {
    const alone = await web.enter('/settings');
    const see = (state: 'hidden' | 'visible'): Promise<void> =>
      alone.evaluate((state) => {
        Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => state });
        document.dispatchEvent(new Event('visibilitychange'));
      }, state);
    const streams = (): Promise<number> =>
      alone.evaluate(() => performance.getEntriesByName(`${location.origin}/api/v1/events`).length);
    await alone.getByRole('heading', { name: 'New appliances' }).waitFor();
    expect(await streams()).toBe(0);
    await see('hidden');
    // The browser keeps book of what has ended.
    await expect.poll(streams).toBe(1);
    const [again] = await Promise.all([
      alone.waitForRequest('**/api/v1/events'),
      alone.waitForRequest('**/api/v1/settings'),
      see('visible'),
    ]);
    expect(again.method()).toBe('GET');
    await alone.context().close();
  });

  test('says that whoever could not be signed out is still signed in', async () => {
    const alone = await web.enter('/settings');
    await alone.route('**/api/v1/session', (route) =>
      route.request().method() === 'DELETE' ? route.abort() : route.continue(),
    );
    await alone.getByRole('button', { name: 'Signed in as ada, Admin' }).click();
    await alone.getByRole('menuitem', { name: 'Sign out' }).click();
    await alone.getByRole('alert').getByText('You are still signed in').waitFor();
    expect(await axeFindings(alone)).toEqual([]);
    expect(await overflowAt360(alone)).toEqual([]);
    await alone.context().close();
  });

  test('says that there is no such page', async () => {
    await page.goto(`${web.served.origin}/no-such-page`);
    await page.getByRole('heading', { name: 'There is no such page' }).waitFor();
    expect(await axeFindings(page)).toEqual([]);
  });

  test('leads to the sign-in when somebody signs out', async () => {
    await page.getByRole('button', { name: 'Signed in as ada, Admin' }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await page.waitForURL('**/sign-in');
  });

  test('did nothing that a page must not do', () => expect(web.faults).toEqual([]));
});
