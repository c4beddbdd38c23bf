import { type ChildProcess, spawn } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Administrator, json, PASSWORD } from '../e2e/administrator.ts';
import { run } from '../e2e/served.ts';
import { requires } from '../requires.ts';
import { axeFindings, Console, overflowAt360, screenshot, tabTo } from './console.ts';
import { type Issued, Plant } from './plant.ts';

const DIALOG = '[role=dialog]';
const HOUR = 3_600_000;
const HERE = { listen: { host: '127.0.0.1', port: 0 } };

// One server with real channels, real clients through them, one window; the tests follow each other.
describe.skipIf(!requires('chromium', 'curl', 'openssl'))('the page of channels', { timeout: 90_000 }, () => {
  let web: Console;
  let ada: Administrator;
  let page: Page;
  let plant: Plant;
  let sensor: Server;
  const clients: ChildProcess[] = [];

  beforeAll(async () => {
    web = await Console.start({ CERTGATE_CRL_HOSTS: '127.0.0.1' });
    [ada, plant] = await Promise.all([web.setUp(), Plant.make(join(web.folder, 'plant'), 'Contoso Plant')]);
    await trustThePlant(ada, plant);
    sensor = createServer((_request, response) => response.end('the sensor'));
    await new Promise<void>((resolve) => sensor.listen(0, '127.0.0.1', resolve));
    page = await web.signedIn('/channels');
  }, 90_000);
  afterAll(async () => {
    for (const client of clients) client.kill();
    await web?.stop();
    plant?.stop();
    sensor?.close();
  });

  const sensorAt = () => ({ host: '127.0.0.1', port: (sensor.address() as AddressInfo).port });
  const row = (name: string): Locator =>
    page.getByRole('listitem').filter({ has: page.getByRole('heading', { level: 2, name, exact: true }) });
  const dialog = (): Locator => page.getByRole('dialog');

  /** An appliance with a certificate of its own in use. */
  const appliance = async (name: string, issued: Issued, hostname: string, role = 'sensor'): Promise<string> => {
    const made = await ada.curl('/api/v1/appliances', ...json('POST', { name, hostname, role, crl: 'on' }));
    expect(issued.crt).toContain(hostname);
    const answer = await ada.upload(made.json.id, plant.ca.folder, { base: hostname, chain: 'chain.pem' });
    expect(answer.status, answer.text.slice(0, 500)).toBe(201);
    await fetchLists();
    return made.json.id as string;
  };
  const fetchLists = async (): Promise<void> => {
    const fetched = await ada.curl('/api/v1/crls/fetch', ...json('POST', { url: `${plant.crls.url}/issuing.crl` }));
    expect(fetched.status, fetched.text).toBe(200);
  };
  const channelByApi = async (body: object): Promise<string> => {
    const made = await ada.curl('/api/v1/channels', ...json('POST', body));
    expect(made.status, made.text).toBe(201);
    return made.json.id as string;
  };
  /** The port that a channel found for itself. */
  const portOf = async (name: string): Promise<number> => {
    const { id } = (await ada.curl('/api/v1/channels')).json.find((one: { name: string }) => one.name === name);
    return (await ada.curl(`/api/v1/channels/${id}/state`)).json.listening.port;
  };
  /** What curl gets through a channel that it trusts by the root. */
  const through = async (hostname: string, port: number): Promise<string> => {
    const to = ['--resolve', `${hostname}:${port}:127.0.0.1`, `https://${hostname}:${port}/`];
    const { stdout } = await run('curl', ['-sk', '--max-time', '10', ...to]);
    return stdout;
  };

  test('says at the start what a channel is for', async () => {
    await page.getByText('No channel yet: nothing is guarded').waitFor();
    expect(await axeFindings(page)).toEqual([]);
    expect(await overflowAt360(page)).toEqual([]);
  });

  let line1: Issued;
  test('makes a channel by mouse, and what curl fetches through it is counted', async () => {
    line1 = await plant.issue('line1.contoso.com');
    await appliance('Line 1', line1, 'line1.contoso.com');
    await page.getByRole('button', { name: 'New channel' }).click();
    await dialog().getByRole('textbox', { name: 'Name', exact: true }).fill('Line 1, web console');
    await dialog().getByRole('combobox', { name: 'Shows the certificate of' }).fill('Line');
    await page.getByRole('option', { name: 'Line 1 (line1.contoso.com)' }).click();
    const listen = dialog().getByRole('group', { name: 'Listens at' });
    await listen.getByRole('textbox', { name: 'Host or address' }).fill('no host!');
    await listen.getByRole('textbox', { name: 'Port' }).fill('0');
    await dialog()
      .getByRole('group', { name: 'Leads to' })
      .getByRole('textbox', { name: 'Port' })
      .fill(String(sensorAt().port));
    expect(await axeFindings(page, DIALOG)).toEqual([]);
    await dialog().getByRole('button', { name: 'Make this channel' }).click();
    await dialog().getByRole('alert').filter({ hasText: 'no host!' }).waitFor();
    // What was typed is still there.
    expect(await dialog().getByRole('textbox', { name: 'Name', exact: true }).inputValue()).toBe('Line 1, web console');
    await listen.getByRole('textbox', { name: 'Host or address' }).fill('127.0.0.1');
    await dialog().getByRole('button', { name: 'Make this channel' }).click();
    await row('Line 1, web console').getByText('Flows', { exact: true }).waitFor();
    expect(await through('line1.contoso.com', await portOf('Line 1, web console'))).toBe('the sensor');
    await row('Line 1, web console').getByText('1 accepted, 0 refused').waitFor();
  });

  test('an HA link tells whom it refused and why, and offers an exception for that one certificate', async () => {
    const [listener, peer] = await Promise.all([
      plant.issue('ha.contoso.com'),
      plant.issue('peer.contoso.com', { from: -2 * HOUR, to: -HOUR }),
    ]);
    const applianceId = await appliance('HA server', listener, 'ha.contoso.com', 'ha');
    await channelByApi({ kind: 'ha-listener', name: 'HA link', applianceId, ...HERE, target: sensorAt() });
    await row('HA link').getByText('Flows', { exact: true }).waitFor();
    const identity = ['-cert', peer.crt, '-key', peer.key, '-cert_chain', join(plant.ca.folder, 'chain.pem')];
    await run('openssl', ['s_client', '-connect', `127.0.0.1:${await portOf('HA link')}`, ...identity]);
    await row('HA link').getByText('1 refused').waitFor();
    await row('HA link').getByRole('button', { name: 'Connections of HA link' }).click();
    const refused = row('HA link').getByRole('list', { name: 'Last refused and closed' });
    await refused.getByText(/"peer.contoso.com" expired on/).waitFor();
    await refused.getByRole('button', { name: /^Let .*peer.contoso.com through for a time/ }).click();
    const fingerprint = new X509Certificate(peer.der).fingerprint256;
    await dialog().getByRole('heading', { name: 'Break glass at “HA link”' }).waitFor();
    await dialog().getByText(fingerprint).waitFor();
    await dialog()
      .getByText(/"peer.contoso.com" expired on/)
      .waitFor();
    await page.keyboard.press('Escape');
    await dialog().waitFor({ state: 'hidden' });
    await row('HA link').getByRole('button', { name: 'Connections of HA link' }).click();
    // Its certificate ends while the next test looks on.
    const line2 = await plant.issue('line2.contoso.com', { to: 25_000 });
    const second = await appliance('Line 2', line2, 'line2.contoso.com');
    const rest = { applianceId: second, ...HERE, target: sensorAt() };
    await channelByApi({ kind: 'console', name: 'Line 2, web console', ...rest });
    await row('Line 2, web console').getByText('Flows', { exact: true }).waitFor();
  });

  test('shows who is connected, and a revocation turns it red and closes them, without a reload', async () => {
    const port = await portOf('Line 1, web console');
    const client = spawn('openssl', ['s_client', '-quiet', '-connect', `127.0.0.1:${port}`], { stdio: 'pipe' });
    clients.push(client);
    const gone = new Promise((resolve) => client.once('exit', resolve));
    await row('Line 1, web console').getByText(/^1 · /).waitFor();
    await row('Line 1, web console').getByRole('button', { name: 'Connections of Line 1, web console' }).click();
    await row('Line 1, web console').getByRole('list', { name: 'Connected now' }).getByText('127.0.0.1').waitFor();
    plant.revoke(line1);
    await fetchLists();
    await row('Line 1, web console').getByText('Blocked', { exact: true }).waitFor();
    await gone;
    await row('Line 1, web console')
      .getByText(/revoked/)
      .first()
      .waitFor();
    await row('Line 1, web console').getByText('No exception can overlook this').waitFor();
    await row('Line 1, web console')
      .getByRole('img', { name: /^Users to the gate: broken/ })
      .waitFor();
    expect(await through('line1.contoso.com', port)).toBe('');
    expect(await axeFindings(page)).toEqual([]);
    expect(await overflowAt360(page)).toEqual([]);
    await page.evaluate(() => window.scrollTo(0, 0));
    await screenshot(page, 'channels-refusals');
    await row('Line 1, web console').getByRole('button', { name: 'Connections of Line 1, web console' }).click();
  });

  test('an expiry turns the row red; break-glass by mouse opens it for an hour, and closes it', async () => {
    const line = row('Line 2, web console');
    await line.getByText('Blocked', { exact: true }).waitFor({ timeout: 40_000 });
    await line
      .getByText(/expired/)
      .first()
      .waitFor();
    const port = await portOf('Line 2, web console');
    expect(await through('line2.contoso.com', port)).toBe('');
    await line.getByRole('button', { name: /^Break glass/ }).click();
    await dialog().getByText('Never overlooked').waitFor();
    const open = dialog().getByRole('button', { name: 'Let it through for 1 hour' });
    expect(await open.isDisabled()).toBe(true);
    await dialog().getByRole('textbox', { name: 'Reason' }).fill('Renewal arrives at 6:00, change 4711');
    await dialog().getByRole('textbox', { name: 'Your password, again' }).fill('not my password');
    await open.click();
    await dialog().getByText('This is not your password').waitFor();
    expect(await dialog().getByRole('textbox', { name: 'Reason' }).inputValue()).toContain('4711');
    expect(await axeFindings(page, DIALOG)).toEqual([]);
    await dialog().getByRole('textbox', { name: 'Your password, again' }).fill(PASSWORD);
    await screenshot(page, 'channels-break-glass');
    await open.click();
    await dialog().waitFor({ state: 'hidden' });
    await line.getByText('Flows by exception').waitFor();
    await line.getByText(/Exception open, (1 h|60 min|59 min) left/).waitFor();
    expect(await through('line2.contoso.com', port)).toBe('the sensor');
    expect(await axeFindings(page)).toEqual([]);
    await page.evaluate(() => window.scrollTo(0, 0));
    await screenshot(page, 'channels');
    await line.getByRole('button', { name: 'Close now' }).click();
    await line.getByText('Blocked', { exact: true }).waitFor();
    expect(await through('line2.contoso.com', port)).toBe('');
  });

  test('break-glass by keyboard alone', async () => {
    const line = row('Line 2, web console');
    await tabTo(page, line.getByRole('button', { name: /^Break glass/ }));
    await page.keyboard.press('Enter');
    await tabTo(page, dialog().getByLabel('For how long'));
    await page.keyboard.press('ArrowDown');
    await tabTo(page, dialog().getByRole('textbox', { name: 'Reason' }));
    await page.keyboard.type('Renewal comes with change 4712');
    await tabTo(page, dialog().getByRole('textbox', { name: 'Your password, again' }));
    await page.keyboard.type(PASSWORD);
    await page.keyboard.press('Enter');
    await line.getByText('Flows by exception').waitFor();
    await line.getByText(/Exception open, (2 h|1 h 59 min|119 min) left/).waitFor();
    await tabTo(page, line.getByRole('button', { name: 'Close now' }));
    await page.keyboard.press('Enter');
    await line.getByText('Blocked', { exact: true }).waitFor();
    await tabTo(page, line.getByRole('button', { name: 'Connections of Line 2, web console' }));
    await page.keyboard.press('Enter');
    await line.getByRole('list', { name: 'Exceptions before' }).getByText('change 4712').waitFor();
  });

  test('tells what would be blocked at a date, by keyboard', async () => {
    await tabTo(page, page.getByRole('button', { name: 'What would be blocked on …' }));
    await page.keyboard.press('Enter');
    await tabTo(page, dialog().getByRole('button', { name: 'in a year' }));
    await page.keyboard.press('Enter');
    await dialog()
      .getByRole('heading', { name: /^2 channels would be blocked/ })
      .waitFor();
    expect(await axeFindings(page, DIALOG)).toEqual([]);
    await screenshot(page, 'channels-forecast');
    await page.keyboard.press('Escape');
    await dialog().waitFor({ state: 'hidden' });
  });

  test('a channel to a partner is made by keyboard', async () => {
    const siem = { name: 'SIEM', host: '127.0.0.1', port: 6514 };
    expect((await ada.curl('/api/v1/partners', ...json('POST', siem))).status).toBe(201);
    await tabTo(page, page.getByRole('button', { name: 'New channel' }));
    await page.keyboard.press('Enter');
    await tabTo(page, dialog().getByLabel('What it guards'));
    await page.keyboard.type('Alerts');
    await tabTo(page, dialog().getByRole('textbox', { name: 'Name', exact: true }));
    await page.keyboard.type('Alerts to the SIEM');
    await tabTo(page, dialog().getByRole('combobox', { name: 'Leads to the partner' }));
    await page.keyboard.press('ArrowDown');
    await page.getByRole('option', { name: 'SIEM (127.0.0.1:6514)' }).waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await tabTo(page, dialog().getByRole('textbox', { name: 'Port' }));
    await page.keyboard.type('0');
    await page.keyboard.press('Enter');
    await row('Alerts to the SIEM')
      .getByRole('img', { name: /^Sensor to the gate/ })
      .waitFor();
    await row('Alerts to the SIEM').getByText('Flows', { exact: true }).waitFor();
  });

  test('leads to a web console that speaks TLS itself, and shows whose certificate does not hold', async () => {
    const inner = await plant.issue('inner.contoso.com');
    const identity = { cert: readFileSync(inner.crt), key: readFileSync(inner.key) };
    const behind = createHttpsServer(identity, (_asked, answer) => answer.end('the TLS console'));
    await new Promise<void>((resolve) => behind.listen(0, '127.0.0.1', resolve));
    const own = await plant.issue('line3.contoso.com');
    const applianceId = await appliance('Line 3', own, 'line3.contoso.com');
    const target = { host: '127.0.0.1', port: (behind.address() as AddressInfo).port };
    const rest = { applianceId, ...HERE, target, http: true, targetTls: { fingerprints: ['00'.repeat(32)] } };
    await channelByApi({ kind: 'console', name: 'Line 3, web console', ...rest });
    const line = row('Line 3, web console');
    await line.getByText('Flows', { exact: true }).waitFor();
    expect(await through('line3.contoso.com', await portOf('Line 3, web console'))).toContain('another certificate');
    await line.getByText('Blocked', { exact: true }).waitFor();
    await line.getByRole('img', { name: /The gate to Sensor: broken/ }).waitFor();
    await line.getByRole('button', { name: 'Edit Line 3, web console' }).click();
    expect(await dialog().getByRole('checkbox', { name: 'It speaks TLS itself' }).isChecked()).toBe(true);
    const fingerprint = new X509Certificate(inner.der).fingerprint256;
    await dialog().getByRole('textbox', { name: 'Fingerprint of its certificate' }).fill(fingerprint);
    expect(await axeFindings(page, DIALOG)).toEqual([]);
    await dialog().getByRole('button', { name: 'Save' }).click();
    await line.getByText('Flows', { exact: true }).waitFor();
    expect(await through('line3.contoso.com', await portOf('Line 3, web console'))).toBe('the TLS console');
    behind.close();
  });

  test('is edited, disabled and removed; each asks or says what it does', async () => {
    const line = row('Line 1, web console');
    await line.getByRole('button', { name: 'Edit Line 1, web console' }).click();
    await dialog().getByRole('radio', { name: 'Observe only' }).check();
    await dialog().getByRole('button', { name: 'Save' }).click();
    await line.getByText('Flows, only observed').waitFor();
    await line.getByText('Observe mode: it flows all the same').waitFor();
    await line.getByRole('button', { name: 'Disable Line 1, web console' }).click();
    await dialog().getByRole('button', { name: 'Disable this channel' }).click();
    await line.getByText('Disabled', { exact: true }).waitFor();
    await line.getByRole('button', { name: 'Remove Line 1, web console' }).click();
    await dialog().getByRole('button', { name: 'Remove this channel' }).click();
    await line.waitFor({ state: 'hidden' });
  });

  test('offers nothing that somebody may not do', async () => {
    const reader = { name: 'rita', password: PASSWORD, role: 'reader' };
    expect((await ada.curl('/api/v1/users', ...json('POST', reader))).status).toBe(201);
    const hers = await web.signedIn('/channels', { name: 'rita', scheme: 'dark', width: 360, height: 740 });
    await hers.getByText('Blocked', { exact: true }).waitFor();
    const offered = hers.getByRole('main').getByRole('button', { name: /New|Edit|Disable|Remove|Break glass/ });
    expect(await offered.count()).toBe(0);
    expect(await hers.getByRole('link', { name: 'Upload another certificate' }).count()).toBe(0);
    expect(await overflowAt360(hers)).toEqual([]);
    await screenshot(hers, 'channels-narrow-dark', { fullPage: true });
    await hers.context().close();
  });

  test('does nothing that no page may do', () => {
    expect(web.faults).toEqual([]);
  });
});

/** The root as anchor, and the lists of both CAs held. */
async function trustThePlant(ada: Administrator, plant: Plant): Promise<void> {
  const certificate = plant.ca.chainPem;
  const candidates = (await ada.curl('/api/v1/anchors/inspect', ...json('POST', { certificate }))).json;
  const { fingerprint } = candidates.find(({ selfSigned }: { selfSigned: boolean }) => selfSigned);
  const added = await ada.curl('/api/v1/anchors', ...json('POST', { certificate, fingerprint }));
  expect(added.status, added.text).toBe(201);
}
