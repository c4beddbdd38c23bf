import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Download, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { identify } from '../../src/core/files/identify.ts';
import { parseCsr } from '../../src/core/x509/csr.ts';
import { toPem } from '../../src/making/encode/der.ts';
import { write } from '../cli/program.ts';
import { type Administrator, json, PASSWORD } from '../e2e/administrator.ts';
import { run } from '../e2e/served.ts';
import { requires } from '../requires.ts';
import { appliance, issue, Traffic, trust } from './appliance-lab.ts';
import { axeFindings, Console, overflowAt360, screenshot, tabTo } from './console.ts';
import { Plant } from './plant.ts';

// One server, one window; the tests follow each other.
describe.skipIf(!requires('chromium'))('keys, history and settings of an appliance', { timeout: 120_000 }, () => {
  let web: Console;
  let ada: Administrator;
  let page: Page;
  let plant: Plant;

  beforeAll(async () => {
    web = await Console.start();
    [ada, plant] = await Promise.all([web.setUp(), Plant.make(join(web.folder, 'plant'), 'Contoso Plant')]);
    await trust(ada, plant.root);
    page = await web.signedIn('/appliances');
    page.setDefaultTimeout(30_000);
    page.on('filechooser', () => {});
  }, 120_000);
  afterAll(async () => {
    await web?.stop();
    plant?.stop();
  });

  const open = async (id: string, show = ''): Promise<void> => {
    await page.goto(`${web.served.origin}/appliances/${id}${show === '' ? '' : `?show=${show}`}`);
  };
  const button = (name: string | RegExp): Locator => page.getByRole('button', { name });
  const dialog = (): Locator => page.getByRole('dialog');
  const inUse = (): Locator => page.getByRole('region', { name: 'In use' });
  const saved = async (press: () => Promise<unknown>): Promise<{ name: string; path: string }> => {
    const [download] = (await Promise.all([page.waitForEvent('download'), press()])) as [Download, unknown];
    const path = join(web.folder, 'downloads', download.suggestedFilename());
    await download.saveAs(path);
    return { name: download.suggestedFilename(), path };
  };
  /** What the CA makes of a request. */
  const certify = (csrPem: string, hostname: string): { file: string; der: Uint8Array } => {
    const csr = parseCsr(identify(Buffer.from(csrPem)).blocks[0]!.der);
    const der = plant.ca.sign({
      subject: csr.subject.element.der(),
      subjectPublicKeyInfo: csr.subjectPublicKeyInfo.element.der(),
      names: [hostname],
      notBefore: new Date(Date.now() - 3_600_000),
      notAfter: new Date(Date.now() + 400 * 86_400_000),
      crlUrl: plant.ca.crlUrl,
    });
    return { file: write(web.folder, `${hostname}.crt`, toPem('CERTIFICATE', der)), der };
  };

  test('by keyboard: a key made on the server never travels; its certificate finds it', async () => {
    await open(await appliance(ada, 'Line 1', { crl: 'off', validation: 'none' }), 'keys');
    const traffic = new Traffic(page);
    await tabTo(page, page.getByLabel('Country'));
    for (const [label, text] of [
      ['Country', 'US'],
      ['Organization', 'Contoso'],
      ['Organizational unit', 'Plant'],
    ] as const) {
      await tabTo(page, page.getByRole('textbox', { name: label, exact: true }));
      await page.keyboard.insertText(text);
    }
    await page.keyboard.press('Enter');
    const waiting = page.getByRole('region', { name: /^Key [0-9A-F]{8}$/ });
    await waiting.waitFor();
    expect(await axeFindings(page)).toEqual([]);
    expect(await overflowAt360(page)).toEqual([]);
    await screenshot(page, 'appliance-keys');
    const csr = await saved(async () => {
      await tabTo(page, waiting.getByRole('button', { name: 'Save the request' }));
      await page.keyboard.press('Enter');
    });
    expect((await run('openssl', ['req', '-in', csr.path, '-verify', '-noout'])).code).toBe(0);
    const { file, der } = certify(readFileSync(csr.path, 'utf8'), 'line1.contoso.com');
    await tabTo(page, waiting.getByRole('button', { name: 'The certificate is here' }));
    await page.keyboard.press('Enter');
    await tabTo(page, button('Choose files'));
    const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.keyboard.press('Enter')]);
    await chooser.setFiles([file, join(plant.ca.folder, 'chain.pem')]);
    await page.getByText('Not needed: it was made on the server').waitFor();
    await page.getByRole('checkbox', { name: 'Use CRL' }).check();
    const send = button('Send certificate to the server').and(page.locator(':enabled'));
    await send.waitFor();
    await tabTo(page, send);
    await page.keyboard.press('Enter');
    await tabTo(page, button('See the certificate'));
    await page.keyboard.press('Enter');
    await inUse().getByText(new X509Certificate(der).fingerprint256).waitFor();
    await inUse().getByText('was made on this server and never travelled').waitFor();
    expect(traffic.changes.filter((change) => !/\/(crls\/for|claims-for)$/.test(change))).toHaveLength(2);
  });

  test('a key made in the browser: openssl takes request and key, and nothing was sent', async () => {
    const passphrase = 'Correct-Horse:9';
    await open(await appliance(ada, 'Line 2'), 'keys');
    await page.getByLabel('In this browser').click();
    const traffic = new Traffic(page);
    await page.getByRole('textbox', { name: 'Country' }).fill('DE');
    await page.getByRole('textbox', { name: 'Organization', exact: true }).fill('Contoso GmbH & Söhne');
    await page.getByRole('textbox', { name: 'Organizational unit' }).fill('Plant');
    await page.getByLabel(/^Other names/).fill('line2-alt.contoso.com, 10.1.2.3');
    await page.getByLabel('4096 bit').click();
    await page.getByLabel('Passphrase of the key file').fill(passphrase);
    await page.getByLabel('The same once more').fill(passphrase);
    await button('Make the key and the request').click();
    await page.getByText('They are in this page only').waitFor({ timeout: 30_000 });
    expect(await axeFindings(page)).toEqual([]);
    const key = await saved(() => button(/^Save the key/).click());
    const csr = await saved(() => button(/^Save the request/).click());
    expect([key.name, csr.name]).toEqual(['line2.contoso.com.key', 'line2.contoso.com.csr']);
    const request = await run('openssl', ['req', '-in', csr.path, '-verify', '-noout', '-text', '-nameopt', 'utf8']);
    expect(request.code, request.stderr).toBe(0);
    expect(request.stdout).toContain('Public-Key: (4096 bit)');
    expect(request.stdout).toContain('Contoso GmbH & Söhne');
    expect(request.stdout).toContain('DNS:line2.contoso.com, DNS:line2-alt.contoso.com, IP Address:10.1.2.3');
    const pair = await Promise.all([
      run('openssl', ['pkey', '-in', key.path, '-passin', `pass:${passphrase}`, '-pubout']),
      run('openssl', ['req', '-in', csr.path, '-noout', '-pubkey']),
    ]);
    expect(pair[0].stdout, pair[0].stderr).toBe(pair[1].stdout);
    expect((await run('openssl', ['pkey', '-in', key.path, '-passin', 'pass:wrong', '-noout'])).code).not.toBe(0);
    expect(traffic.changes).toEqual([]);
    expect(traffic.holding([passphrase])).toEqual([]);
    await button('Done').click();
    await button('Make the key and the request').waitFor();
  });

  test('keeps what was refused with its report, and exports what is in use', async () => {
    const [id, good] = await Promise.all([
      appliance(ada, 'Line 3'),
      issue(plant, 'line3.contoso.com', { name: 'good' }),
      issue(plant, 'line3.contoso.com', { name: 'old', from: -20 * DAY, to: -DAY }),
    ]);
    await ada.upload(id, plant.ca.folder, { base: 'old', chain: 'chain.pem' });
    await ada.upload(id, plant.ca.folder, {
      base: 'good',
      chain: 'chain.pem',
      fields: ['crl=off', 'reason=no CRL here'],
    });

    await open(id, 'history');
    const uploads = page.getByRole('table', { name: 'Uploads' });
    await uploads
      .getByRole('row')
      .filter({ hasText: 'Refused' })
      .getByRole('button', { name: /^Report/ })
      .click();
    await dialog()
      .getByRole('heading', { name: /The certificate expired/ })
      .waitFor();
    expect(await axeFindings(page)).toEqual([]);
    await screenshot(page, 'appliance-history');
    await page.keyboard.press('Escape');
    await dialog().waitFor({ state: 'hidden' });
    await page.getByRole('table', { name: 'Certificates' }).getByText('In use').waitFor();
    await page.getByRole('tab', { name: 'Certificate', exact: true }).click();
    await button('Export with its key').click();
    await dialog()
      .getByLabel(/PKCS#12/)
      .click();
    await dialog().getByLabel('Passphrase').fill('Export-Horse:9');
    await dialog().getByRole('button', { name: 'Export' }).click();
    const bundle = await saved(() => dialog().getByRole('button', { name: /^Save/ }).click());
    const read = await run('openssl', [
      'pkcs12',
      '-in',
      bundle.path,
      '-passin',
      'pass:Export-Horse:9',
      '-nokeys',
      '-clcerts',
    ]);
    const shown = read.stdout.slice(read.stdout.indexOf('-----BEGIN'));
    expect(new X509Certificate(shown).fingerprint256).toBe(new X509Certificate(good.der).fingerprint256);
    await dialog().getByRole('button', { name: 'Done' }).click();
  });

  test('changes settings, and tells who was faster', async () => {
    const id = await appliance(ada, 'Line 4', { site: 'Leipzig' });
    await open(id, 'settings');
    await page.getByLabel('Zone').fill('Press shop');
    // Another administrator, meanwhile.
    await ada.curl(`/api/v1/appliances/${id}`, '-H', 'If-Match: "1"', ...json('PATCH', { site: 'Dresden' }));
    await page.getByText('line4.contoso.com · OT sensor · Dresden').waitFor();
    await button('Save').click();
    await page.getByText('Site from “Leipzig” to “Dresden”').waitFor();
    expect(await axeFindings(page)).toEqual([]);
    await page.getByText('Zone from nothing to “Press shop”').waitFor();
    await screenshot(page, 'appliance-settings');
    await button('Save mine, too').click();
    await page.getByText('Saved.').waitFor();
    // Only what was typed here was changed.
    await page.getByText('line4.contoso.com · OT sensor · Dresden, Press shop').waitFor();
    await button('Retire Line 4').click();
    await dialog().getByText('This cannot be undone').waitFor();
    await dialog().getByRole('button', { name: 'Retire Line 4' }).click();
    await page.getByText('This appliance is out of service').waitFor();
    await dialog().waitFor({ state: 'detached' });
  });

  test("the console's own certificate: its listener presents it; back to the self-signed one only for a reason", async () => {
    const files = await issue(plant, 'gate.contoso.com');
    const selfSigned = await web.served.presented();
    await open('console', 'new');
    await page.locator('input[type=file]').first().setInputFiles([files.key, files.crt, files.chain]);
    await page.getByRole('checkbox', { name: 'Use CRL' }).uncheck();
    await page.getByLabel('Why do you want to use it all the same?').fill('No CRL here');
    await button(/^Send certificate/).click();
    const { fingerprint256 } = new X509Certificate(files.der);
    await page.getByText(`The listener of this console presents it: ${fingerprint256}`).waitFor();
    expect(await web.served.presented()).toBe(fingerprint256);
    await button('See the certificate').click();
    await button('Go back to this one').click();
    await dialog().getByRole('button', { name: 'Go back' }).click();
    await dialog().getByRole('alert').filter({ hasText: 'self-signed' }).waitFor();
    await dialog().getByLabel('Why?').fill('The new one is not in the browsers yet');
    await dialog().getByRole('button', { name: 'Go back' }).click();
    await inUse().getByText(selfSigned).waitFor();
    expect(await web.served.presented()).toBe(selfSigned);
  });

  test('offers nobody what he may not do', async () => {
    const [id] = await Promise.all([
      appliance(ada, 'Line 5'),
      ada.curl('/api/v1/users', ...json('POST', { name: 'ray', password: PASSWORD, role: 'reader' })),
    ]);
    const other = await web.signedIn(`/appliances/${id}?show=new`, { name: 'ray' });
    await other.getByText('Only administrators upload certificates').waitFor();
    await other.getByRole('tab', { name: 'Certificate', exact: true }).click();
    await other.getByText('No certificate yet').first().waitFor();
    expect(await other.getByRole('button', { name: /Upload|Export|Go back/ }).count()).toBe(0);
    await other.getByRole('tab', { name: 'Settings' }).click();
    await other.getByText('Only administrators change these').waitFor();
    expect(await other.getByRole('button', { name: /Save|Retire/ }).count()).toBe(0);
    await other.context().close();
  });

  test('does nothing that no page may do', () => {
    expect(web.faults).toEqual([]);
  });
});

const DAY = 86_400_000;
