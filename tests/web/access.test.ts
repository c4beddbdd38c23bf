import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PASSWORD } from '../e2e/administrator.ts';
import { requires } from '../requires.ts';
import { axeFindings, Console, overflowAt360, screenshot, tabTo } from './console.ts';

const run = promisify(execFile);

describe.skipIf(!requires('chromium', 'curl', 'openssl'))('users and tokens', { timeout: 60_000 }, () => {
  let console: Console;
  beforeAll(async () => {
    console = await Console.start();
    await console.setUp();
  });
  afterAll(async () => {
    await console.stop();
    expect(console.faults).toEqual([]);
  });

  test('a user is made, gets another role, is disabled and let in again, by mouse', async () => {
    const page = await console.signedIn('/access');
    const users = page.getByRole('list', { name: 'Users' });
    await page.getByRole('button', { name: 'New user…' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('textbox', { name: 'Name' }).fill('bob');
    await dialog.getByRole('radio', { name: 'Security analyst' }).click();
    await dialog.getByRole('textbox', { name: 'Password', exact: true }).fill(PASSWORD);
    await dialog.getByRole('textbox', { name: 'Password once more' }).fill(PASSWORD);
    await screenshot(page, 'access-new-user');
    expect(await axeFindings(page)).toEqual([]);
    expect(await overflowAt360(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Make the user' }).click();
    const bob = users.getByRole('listitem').filter({ hasText: 'bob' });
    await bob.getByText('Security analyst').waitFor();

    await bob.getByRole('button', { name: 'Role bob' }).click();
    await dialog.getByRole('radio', { name: 'Read only' }).click();
    await dialog.getByRole('button', { name: 'Make bob Read only' }).click();
    await bob.getByText('Read only').waitFor();
    await bob.getByRole('button', { name: 'Disable bob' }).click();
    expect(await dialog.innerText()).toContain('stop working');
    await dialog.getByRole('button', { name: 'Disable bob' }).click();
    await bob.getByText('Disabled', { exact: true }).waitFor();
    await bob.getByRole('button', { name: 'Enable bob' }).click();
    await dialog.getByRole('button', { name: 'Enable bob' }).click();
    await bob.getByRole('button', { name: 'New password bob' }).click();
    await dialog.getByRole('textbox', { name: 'New password', exact: true }).fill(`${PASSWORD}-2`);
    await dialog.getByRole('textbox', { name: 'New password once more' }).fill(`${PASSWORD}-2`);
    await dialog.getByRole('button', { name: 'Set the password' }).click();
    await dialog.waitFor({ state: 'detached' });
    await page.context().close();
  });

  test('the last administrator is told why he stays one', async () => {
    const page = await console.signedIn('/access');
    await page.getByRole('button', { name: 'Disable ada' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('This is you: you are signed out at once.').waitFor();
    await dialog.getByRole('button', { name: 'Disable ada' }).click();
    await dialog.getByRole('alert').getByText('This is the last administrator. Make another one first.').waitFor();
    expect(await axeFindings(page)).toEqual([]);
    await page.context().close();
  });

  test('a token is made by keyboard, the commands beside it work as pasted, and it is revoked', async () => {
    const page = await console.signedIn('/access');
    await tabTo(page, page.getByRole('button', { name: 'New token…' }));
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('textbox', { name: 'Name' }).waitFor();
    await page.keyboard.type('nightly report');
    await tabTo(page, dialog.getByRole('checkbox', { name: /See appliances/ }));
    await page.keyboard.press('Space');
    expect(await axeFindings(page)).toEqual([]);
    expect(await overflowAt360(page)).toEqual([]);
    await page.keyboard.press('Enter');
    await dialog.getByText('It is shown this once').waitFor();
    expect(await axeFindings(page)).toEqual([]);
    await page.emulateMedia({ colorScheme: 'light' });
    await screenshot(page, 'access-token');
    const example = await dialog.getByText('curl --cacert').innerText();
    const { stdout } = await run('sh', ['-c', example.replaceAll('curl ', 'curl -sS ')], { cwd: console.folder });
    const [fingerprint, answer] = [stdout.slice(0, stdout.indexOf('\n')), stdout.slice(stdout.indexOf('{'))];
    expect(example).toContain(fingerprint.split('=')[1]);
    expect(JSON.parse(answer)).toMatchObject({ user: { name: 'ada' }, permissions: ['inventory:read'] });
    await tabTo(page, dialog.getByRole('button', { name: 'I have copied it' }));
    await page.keyboard.press('Enter');
    const tokens = page.getByRole('list', { name: 'Your tokens' });
    await tokens.getByText('See appliances, certificates').waitFor();
    await screenshot(page, 'access');
    expect(await axeFindings(page)).toEqual([]);
    expect(await overflowAt360(page)).toEqual([]);
    await tabTo(page, page.getByRole('button', { name: 'Revoke nightly report' }));
    await page.keyboard.press('Enter');
    await tabTo(page, dialog.getByRole('button', { name: 'Revoke nightly report' }));
    await page.keyboard.press('Enter');
    await page.getByText('1 token that does not work any more').waitFor();
    await page.context().close();
  });

  test('somebody who is no administrator sees no users, and changes his own password', async () => {
    const page = await console.signedIn('/access', { name: 'bob', password: `${PASSWORD}-2` });
    await page.getByRole('heading', { name: 'Your account' }).waitFor();
    expect(await page.getByRole('heading', { name: 'Users', exact: true }).count()).toBe(0);
    await page.getByRole('button', { name: 'Change password…' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('textbox', { name: 'Password until now' }).fill('wrong');
    await dialog.getByRole('textbox', { name: 'New password', exact: true }).fill(`${PASSWORD}-3`);
    await dialog.getByRole('textbox', { name: 'New password once more' }).fill(`${PASSWORD}-3`);
    await page.keyboard.press('Enter');
    await dialog.getByRole('alert').getByText('Name or password is wrong.').waitFor();
    await dialog.getByRole('textbox', { name: 'Password until now' }).fill(`${PASSWORD}-2`);
    await page.keyboard.press('Enter');
    await page.getByText('Your password is changed').waitFor();
    await page.getByRole('textbox', { name: 'Name' }).fill('bob');
    await page.getByRole('textbox', { name: 'Password' }).fill(`${PASSWORD}-3`);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Your account' }).waitFor();
    await page.context().close();
  });
});
