import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { DatabaseSync } from '@photostructure/sqlite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Administrator, json, PASSWORD } from '../e2e/administrator.ts';
import { requires } from '../requires.ts';
import { axeFindings, Console, overflowAt360, screenshot, tabTo } from './console.ts';

const run = promisify(execFile);

describe.skipIf(!requires('chromium', 'curl', 'openssl'))('users and tokens', { timeout: 90_000 }, () => {
  let console: Console;
  let admin: Administrator;
  beforeAll(async () => {
    console = await Console.start();
    admin = await console.setUp();
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

  test('a user is made by keyboard; a name that is taken is told, and nothing typed is lost', async () => {
    const page = await console.signedIn('/access');
    await tabTo(page, page.getByRole('button', { name: 'New user…' }));
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('textbox', { name: 'Name' }).waitFor();
    await page.keyboard.type('BOB');
    await tabTo(page, dialog.getByRole('radio', { name: 'Read only' }));
    await page.keyboard.press('ArrowDown');
    for (const field of ['Password', 'Password once more']) {
      await tabTo(page, dialog.getByRole('textbox', { name: field, exact: true }));
      await page.keyboard.type(PASSWORD);
    }
    await page.keyboard.press('Enter');
    await dialog.getByRole('alert').getByText('There is a user named BOB already.').waitFor();
    await dialog.getByRole('textbox', { name: 'Name' }).focus();
    await page.keyboard.press('ControlOrMeta+A');
    await page.keyboard.type('eve');
    await page.keyboard.press('Enter');
    await page.getByRole('list', { name: 'Users' }).getByText('eve').waitFor();
    await page.getByRole('button', { name: 'Role eve' }).waitFor();
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

  test('who is disabled is out within seconds wherever he is signed in, and told so', async () => {
    const bob = await console.signedIn('/rules', { name: 'bob', password: `${PASSWORD}-3` });
    await bob.getByText(/^\d+ rules$/).waitFor();
    const page = await console.signedIn('/access');
    await page.getByRole('button', { name: 'Disable bob' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Disable bob' }).click();
    await page.getByText('Disabled', { exact: true }).waitFor();
    await bob.getByText('You were signed out').waitFor();
    await bob.context().close();
    await page.context().close();
  });

  test('the audit log tells all of it in sentences, filtered by keyboard, unfolded and exported', async () => {
    const { json: token } = await admin.curl('/api/v1/tokens', ...json('POST', { name: 'old', scopes: ['check'] }));
    await admin.curl(`/api/v1/tokens/${token.id}`, '-X', 'DELETE');
    const carl = { name: 'carl', password: PASSWORD, role: 'analyst' };
    const { json: user } = await admin.curl('/api/v1/users', ...json('POST', carl));
    const change = json('PATCH', { role: 'reader', disabled: true });
    await admin.curl(`/api/v1/users/${user.id}`, '-H', 'If-Match: "1"', ...change);
    const page = await console.signedIn('/audit');
    const entries = page.getByRole('region').getByRole('listitem');
    await entries.filter({ hasText: 'ada made the user carl (Security analyst)' }).waitFor();
    await entries.filter({ hasText: 'ada changed the user carl: now Read only, disabled' }).waitFor();
    await screenshot(page, 'audit');
    expect(await axeFindings(page)).toEqual([]);
    expect(await overflowAt360(page)).toEqual([]);

    const who = page.getByRole('combobox', { name: 'Who' });
    await tabTo(page, who);
    await page.keyboard.type('The first');
    await page.getByText('1 entry', { exact: true }).waitFor();
    const first = entries.filter({ hasText: 'The first start made the user ada (Admin)' });
    await tabTo(page, first.locator('summary'));
    await page.keyboard.press('Enter');
    await first.getByText('user.created').waitFor();
    expect(await axeFindings(page)).toEqual([]);
    await tabTo(page, first.getByRole('button', { name: 'Everything about ada' }));
    await page.keyboard.press('Enter');
    await who.selectOption('Everybody');
    await entries.filter({ hasText: 'ada signed in' }).first().waitFor();
    expect(await entries.filter({ hasText: 'carl' }).count()).toBe(0);
    await page.getByRole('button', { name: /^No filter/ }).click();

    await page.getByRole('combobox', { name: 'What' }).selectOption('Tokens: all');
    await entries.filter({ hasText: 'ada revoked the token old' }).waitFor();
    await page.waitForURL('**/audit?action=token.');
    await page.getByRole('button', { name: 'Export' }).click();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('menuitem', { name: 'CSV, for spreadsheets' }).click(),
    ]);
    expect(download.suggestedFilename()).toBe('certgate-audit.csv');
    const lines = readFileSync(await download.path(), 'utf8')
      .trimEnd()
      .split('\r\n');
    expect(lines.slice(1).map((line) => line.split(',')[3])).toContain('token.revoked');

    const tomorrow = new Date(Date.now() + 2 * 86_400_000).toISOString().slice(0, 10);
    await page.getByLabel('From').fill(tomorrow);
    await page.getByText('Nothing of the kind has happened').waitFor();
    await page.context().close();
  });

  test('the audit log is verified, and an entry that somebody changed in the database is named', async () => {
    const page = await console.signedIn('/audit');
    await page.getByRole('button', { name: 'Verify…' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Verify now' }).click();
    await dialog.getByText(/^Verified: \d+ entries$/).waitFor();
    await screenshot(page, 'audit-verified');
    expect(await axeFindings(page)).toEqual([]);
    const head = await dialog.getByText(/^\d+:[0-9a-f]{64}$/).innerText();
    const database = new DatabaseSync(join(console.folder, 'data/certgate.db'));
    database.exec(`update audit set details = '{}' where seq = 2`);
    database.close();
    await dialog.getByRole('textbox', { name: 'Head noted earlier' }).fill(head);
    await page.keyboard.press('Enter');
    await dialog.getByText('The chain breaks at entry 2').waitFor();
    await dialog.getByText('it was changed after it was written').waitFor();
    await page.context().close();
  });
});
