import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PASSWORD } from '../e2e/administrator.ts';
import { requires } from '../requires.ts';
import { axeFindings, Console, overflowAt360, screenshot, tabTo } from './console.ts';

describe.skipIf(!requires('chromium'))('signing in', { timeout: 60_000 }, () => {
  let console: Console;
  beforeAll(async () => {
    console = await Console.start();
    await console.setUp();
  });
  afterAll(async () => {
    await console.stop();
    expect(console.faults).toEqual([]);
  });

  test('takes one back to where one wanted to go, by mouse', async () => {
    const page = await console.open('/settings?part=console');
    await page.getByRole('heading', { level: 1, name: 'Sign in' }).waitFor();
    await screenshot(page, 'sign-in');
    expect(await axeFindings(page)).toEqual([]);
    expect(await overflowAt360(page)).toEqual([]);
    await page.getByRole('textbox', { name: 'Name' }).fill('ADA');
    const password = page.getByRole('textbox', { name: 'Password' });
    await password.fill(PASSWORD);
    expect(await password.getAttribute('autocomplete')).toBe('current-password');
    await page.getByRole('button', { name: 'Show what is typed' }).click();
    expect(await password.getAttribute('type')).toBe('text');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { level: 1, name: 'Settings' }).waitFor();
    expect(page.url()).toBe(`${console.served.origin}/settings?part=console`);
    await page.context().close();
  });

  test('by keyboard: a wrong password is told, the name stays, and Caps Lock is mentioned', async () => {
    const page = await console.open('/');
    await page.getByRole('textbox', { name: 'Name' }).waitFor();
    await page.keyboard.type('ada');
    await page.keyboard.press('Tab');
    await page.keyboard.type('WRONG');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').getByText('Name or password is wrong').waitFor();
    expect(await page.getByRole('textbox', { name: 'Name' }).inputValue()).toBe('ada');
    expect(await axeFindings(page)).toEqual([]);
    // Chromium without a window has no lock keys: the event is what a keyboard sends.
    const password = page.getByRole('textbox', { name: 'Password' });
    await password.evaluate((field) =>
      field.dispatchEvent(new KeyboardEvent('keydown', { key: 'A', bubbles: true, modifierCapsLock: true })),
    );
    await page.getByText('Caps Lock is on.').waitFor();
    await password.focus();
    await page.keyboard.press('ControlOrMeta+A');
    await page.keyboard.type(PASSWORD);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
    await tabTo(page, page.getByRole('button', { name: 'Signed in as ada' }));
    await page.keyboard.press('Enter');
    await page.getByRole('menuitem', { name: 'Sign out' }).press('Enter');
    await page.getByText('You are signed out').waitFor();
    await page.context().close();
  });

  test('a session that ended elsewhere says so, and goes on where it was', async () => {
    const page = await console.signedIn('/rules');
    await page.getByRole('heading', { level: 1, name: 'Rules' }).waitFor();
    await page.context().clearCookies();
    await page.reload();
    await page.getByText('You were signed out').waitFor();
    expect(await axeFindings(page)).toEqual([]);
    await page.getByRole('textbox', { name: 'Name' }).fill('ada');
    await page.getByRole('textbox', { name: 'Password' }).fill(PASSWORD);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Rules' }).waitFor();
    await page.context().close();
  });

  test('five wrong passwords lock the name, with the time that is left', async () => {
    const page = await console.open('/sign-in');
    await page.getByRole('textbox', { name: 'Name' }).fill('ada');
    const password = page.getByRole('textbox', { name: 'Password' });
    const wrong = page.getByRole('alert').getByText('Name or password is wrong');
    for (let attempt = 0; attempt < 5; attempt++) {
      await password.fill(`wrong ${attempt}`);
      await Promise.all([
        page.waitForResponse((response) => response.url().endsWith('/api/v1/session')),
        page.keyboard.press('Enter'),
      ]);
      await wrong.waitFor();
    }
    await password.fill(PASSWORD);
    await page.keyboard.press('Enter');
    await page.getByRole('alert').getByText('Too many wrong passwords').waitFor();
    expect(await page.getByRole('alert').innerText()).toMatch(/as ada until \d+:\d\d:\d\d.*0:[0-3]\d left/s);
    const button = page.getByRole('button', { name: /^Wait \d+ s$/ });
    expect(await button.getAttribute('aria-disabled')).toBe('true');
    await screenshot(page, 'sign-in-locked');
    expect(await axeFindings(page)).toEqual([]);
    // Another name is not locked.
    await page.getByRole('textbox', { name: 'Name' }).fill('bob');
    await page.getByRole('button', { name: 'Sign in' }).waitFor();
    await page.context().close();
  });

  test('a server that is away loses nothing that was typed', async () => {
    const page = await console.open('/sign-in');
    await page.getByRole('textbox', { name: 'Name' }).fill('ada');
    await page.getByRole('textbox', { name: 'Password' }).fill(PASSWORD);
    await page.context().setOffline(true);
    await page.keyboard.press('Enter');
    await page.getByRole('alert').getByText('The server does not answer').waitFor();
    expect(await page.getByRole('textbox', { name: 'Password' }).inputValue()).toBe(PASSWORD);
    await page.context().close();
  });
});
