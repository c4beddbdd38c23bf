import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Administrator } from '../e2e/administrator.ts';
import { shortLived } from '../e2e/short-lived.ts';
import { requires } from '../requires.ts';
import { appliance, type Files, issue, Traffic, trust, uploadCrls } from './appliance-lab.ts';
import { axeFindings, Console, overflowAt360, screenshot, tabTo } from './console.ts';
import { Plant } from './plant.ts';

// One server, one window; the tests follow each other.
describe.skipIf(!requires('chromium'))('the page of an appliance', { timeout: 120_000 }, () => {
  let web: Console;
  let ada: Administrator;
  let page: Page;
  let plant: Plant;
  let traffic: Traffic;
  /** Stands open from the beginning, on an appliance whose certificate soon ends. */
  let brief: Page;

  beforeAll(async () => {
    web = await Console.start({ CERTGATE_CRL_HOSTS: '127.0.0.1' });
    [ada, plant] = await Promise.all([web.setUp(), Plant.make(join(web.folder, 'plant'), 'Contoso Plant')]);
    await trust(ada, plant.root);
    // The issuing CA is known by what it issued; only then are its lists.
    const first = await issue(plant, 'line9.contoso.com');
    await ada.upload(await appliance(ada, 'Line 9'), plant.ca.folder, uploadOf(first));
    await uploadCrls(ada, plant);
    brief = await openBrief();
    page = await web.signedIn('/appliances/console');
    page.setDefaultTimeout(30_000);
    // From now on, not from the moment of a click: a key press is quicker than the browser's change of mind.
    page.on('filechooser', () => {});
    traffic = new Traffic(page);
  }, 120_000);
  afterAll(async () => {
    await web?.stop();
    plant?.stop();
  });

  const openBrief = async (): Promise<Page> => {
    const page = await web.signedIn('/appliances');
    const id = await appliance(ada, 'Line 7', { crl: 'off' });
    await shortLived(web.folder, { name: 'brief', hostname: 'line7.contoso.com', validForMs: 25_000 });
    await trust(ada, join(web.folder, 'brief-root.pem'));
    await ada.upload(id, web.folder, { base: 'brief', chain: 'brief-root.pem', fields: ['reason=for a test'] });
    await page.goto(`${web.served.origin}/appliances/${id}`);
    await page.getByRole('region', { name: 'State now' }).getByText('Expires soon').waitFor();
    return page;
  };
  const open = async (id: string, show = ''): Promise<void> => {
    await page.goto(`${web.served.origin}/appliances/${id}${show === '' ? '' : `?show=${show}`}`);
  };
  const now = (): Locator => page.getByRole('region', { name: 'State now' });
  const button = (name: string | RegExp): Locator => page.getByRole('button', { name });
  const verdict = (word: string): Promise<void> => page.getByRole('heading', { name: word, exact: true }).waitFor();
  const cause = (): Locator => page.getByRole('region', { name: /^(Root cause|Why it is)/ });
  const inUse = (): Locator => page.getByRole('region', { name: 'In use' });
  const choose = async (files: readonly string[], press: () => Promise<void>): Promise<void> => {
    const [chooser] = await Promise.all([page.waitForEvent('filechooser'), press()]);
    await chooser.setFiles([...files]);
  };
  const drop = async (files: readonly string[]): Promise<void> => {
    const contents = files.map((file) => [basename(file), readFileSync(file, 'latin1')] as const);
    const data = await page.evaluateHandle((contents) => {
      const transfer = new DataTransfer();
      for (const [name, text] of contents)
        transfer.items.add(new File([Uint8Array.from(text, (c) => c.charCodeAt(0))], name));
      return transfer;
    }, contents);
    await page.getByRole('group', { name: 'Drop certificate, key and chain here' }).dispatchEvent('drop', {
      dataTransfer: data,
    });
  };
  const uploadOf = ({ crt }: Files) => ({ base: basename(crt, '.crt'), chain: 'chain.pem' });
  const fingerprint = ({ der }: Files): string => new X509Certificate(der).fingerprint256;

  test('says what to do where there is no certificate yet', async () => {
    await open(await appliance(ada, 'Line 0', { site: 'Leipzig' }));
    await now().getByText('No certificate yet').waitFor();
    await page.getByText('line0.contoso.com · OT sensor · Leipzig').waitFor();
    await screenshot(page, 'appliance-empty');
  });

  test('by mouse: a refused bundle is understood from the page alone, mended, and sent only on demand', async () => {
    const passphrase = 'Correct-Horse:9';
    const old = await issue(plant, 'line1.contoso.com', { name: 'old', passphrase, from: -10 * DAY, to: -DAY });
    const mended = await issue(plant, 'line1.contoso.com', { name: 'new', passphrase });
    await open(await appliance(ada, 'Line 1', { site: 'Leipzig', zone: 'Press shop' }));
    await now().getByRole('button', { name: 'Upload a certificate' }).click();
    await drop([old.chain, old.key, old.crt]);
    await verdict('Refused');
    // What is the matter, and what to do, as it stands there.
    await cause()
      .getByText(/encrypted/)
      .first()
      .waitFor();
    await cause().getByText('Type the passphrase into its field').waitFor();
    await page.getByLabel('Passphrase (optional)').fill(passphrase);
    await cause()
      .getByRole('heading', { name: /The certificate expired/ })
      .waitFor();
    await cause().getByText('This SSL certificate has expired').waitFor();
    await cause()
      .getByText(/openssl req -new/)
      .waitFor();
    await button(/^Send certificate/)
      .and(page.locator(':disabled'))
      .waitFor();
    expect(await axeFindings(page)).toEqual([]);
    expect(await overflowAt360(page)).toEqual([]);
    await screenshot(page, 'appliance-refused');
    await drop([mended.crt, mended.key]);
    await verdict('Accepted');
    await screenshot(page, 'appliance-accepted');
    // Nothing secret has left the page so far.
    expect(traffic.holding([...old.secret, ...mended.secret, passphrase])).toEqual([]);
    expect(traffic.changes.filter((change) => !/\/(crls\/for|claims-for)$/.test(change))).toEqual([]);
    // Whoever clicks twice sends once.
    await button('Send certificate and key to the server').dblclick();
    await page.getByText('“line1.contoso.com, ').first().waitFor();
    await button('See the certificate').click();
    await inUse().getByText(fingerprint(mended)).waitFor();
    expect(traffic.changes.filter((change) => change.endsWith('/uploads'))).toHaveLength(1);
    await now().getByText('Ready').waitFor();
    expect(await axeFindings(page)).toEqual([]);
    await screenshot(page, 'appliance');
  });

  test('by keyboard alone: chosen, checked, sent, served', async () => {
    const files = await issue(plant, 'line2.contoso.com', { name: 'second' });
    await open(await appliance(ada, 'Line 2'), 'new');
    await tabTo(page, button('Choose files'));
    await choose([files.key, files.chain, files.crt], () => page.keyboard.press('Enter'));
    await verdict('Accepted');
    await tabTo(page, page.getByRole('textbox', { name: 'Certificate name' }));
    await page.keyboard.press('Control+A');
    await page.keyboard.type('Second line');
    const send = button('Send certificate and key to the server');
    await send.and(page.locator(':enabled')).waitFor();
    await tabTo(page, send);
    await page.keyboard.press('Enter');
    await page.getByText('“Second line” is in use').waitFor();
    await tabTo(page, button('See the certificate'));
    await page.keyboard.press('Enter');
    await inUse().getByText(fingerprint(files)).waitFor();
  });

  test('lets in what is unsupported for a written reason, on trial, and goes back by itself on demand', async () => {
    const [id, before, after] = await Promise.all([
      appliance(ada, 'Line 3'),
      issue(plant, 'line3.contoso.com', { name: 'before' }),
      issue(plant, 'line3.contoso.com', { name: 'after' }),
    ]);
    await ada.upload(id, plant.ca.folder, { ...uploadOf(before), fields: ['name=Before'] });
    await open(id, 'new');
    await choose([after.key, after.chain, after.crt], () => button('Choose files').click());
    await verdict('Accepted');
    // A certificate that names a CRL, where none shall be asked.
    await page.getByLabel('Use CRL to check certificate status').click();
    await verdict('Unsupported');
    await cause().getByText('if you do want CRL validation, say so in the form').waitFor();
    await page.getByText('Say why you want to use it.').waitFor();
    await page.getByLabel('Why do you want to use it all the same?').fill('Their CRL server is down for the move');
    await page.getByLabel(/^On trial: go back to “Before”/).click();
    await page.getByLabel('Certificate name').fill('After');
    await button(/^Send certificate/).click();
    await button('See the certificate').click();
    await inUse().getByText('Their CRL server is down for the move').waitFor();
    const trial = page.getByRole('region', { name: 'On trial' });
    await trial.getByText(/14:\d\d min/).waitFor();
    expect(await axeFindings(page)).toEqual([]);
    await screenshot(page, 'appliance-on-trial');
    await trial.getByRole('button', { name: 'Go back now' }).click();
    await page.getByRole('dialog', { name: 'Go back to “Before”?' }).getByRole('button', { name: 'Go back' }).click();
    await inUse().getByText(fingerprint(before)).waitFor();
    await trial.waitFor({ state: 'detached' });
    // Once more undoes it; this time nobody is on trial.
    await button('Go back to this one').click();
    await page.getByRole('dialog').getByRole('button', { name: 'Go back' }).click();
    await inUse().getByText(fingerprint(after)).waitFor();
  });

  test('does not pass over that it does not know whom the server trusts', async () => {
    const [id, files] = await Promise.all([appliance(ada, 'Line 11'), issue(plant, 'line11.contoso.com')]);
    await page.route('**/trust-bundle', (route) => route.abort());
    await open(id, 'new');
    await choose([files.key, files.chain, files.crt], () => button('Choose files').click());
    await page.getByText('Whether this server trusts the CA was not checked').waitFor();
    await page.unroute('**/trust-bundle');
    await button('Try again').click();
    await page.getByText('Whether this server trusts the CA was not checked').waitFor({ state: 'detached' });
    await page.getByText('against the trust anchors').waitFor();
  });

  test('waits for a time, and is activated or given up before', async () => {
    const [id, first] = await Promise.all([appliance(ada, 'Line 4'), issue(plant, 'line4.contoso.com')]);
    await open(id, 'new');
    await choose([first.key, first.chain, first.crt], () => button('Choose files').click());
    const day = new Date(Date.now() + 30 * DAY).toISOString().slice(0, 10);
    await page.getByLabel('At a time').click();
    // A time that somebody took away is not “at once”.
    await page.getByLabel('Activation time').fill('');
    await page.getByText('Say at what day and time it shall be used.').waitFor();
    expect(await button(/^Send certificate/).isDisabled()).toBe(true);
    await page.getByLabel('Activation time').fill(`${day}T02:00`);
    await button(/^Send certificate/).click();
    await page.getByText('was let in and waits').waitFor();
    await button('See the certificate').click();
    const waiting = page.getByRole('region', { name: 'Waiting' });
    await waiting.getByText(/in \d+ days, at .*, 02:00/).waitFor();
    await waiting.getByRole('button', { name: 'Activate now' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Activate' }).click();
    await inUse().getByText(fingerprint(first)).waitFor();
  });

  test('offers an administrator to trust the root, and only after its fingerprint was compared', async () => {
    const stranger = await Plant.make(join(web.folder, 'stranger'), 'Fabrikam');
    const files = await issue(stranger, 'line5.contoso.com');
    await open(await appliance(ada, 'Line 5'), 'new');
    await choose([files.key, files.chain, files.crt], () => button('Choose files').click());
    await verdict('Refused');
    const offer = page.getByRole('region', { name: 'Trust this CA' });
    await offer.getByText('Is “Fabrikam Root CA” your own CA?').waitFor();
    await offer.getByRole('button', { name: 'Add it as a trust anchor…' }).click();
    const trustIt = offer.getByRole('button', { name: 'Trust this CA' });
    expect(await trustIt.isDisabled()).toBe(true);
    const published = new X509Certificate(readFileSync(stranger.root)).fingerprint256;
    await offer.getByLabel('Fingerprint that your CA publishes').fill(published);
    await offer.evaluate((element) => element.scrollIntoView({ block: 'center' }));
    await screenshot(page, 'appliance-unknown-root');
    await trustIt.click();
    await verdict('Accepted');
    await button(/^Send certificate/).click();
    await button('See the certificate').click();
    await inUse().getByText(fingerprint(files)).waitFor();
    stranger.stop();
  });

  test('says in the page what only the server could know', async () => {
    const passphrase = 'Correct-Horse:9';
    const [id, first, second, foreign] = await Promise.all([
      appliance(ada, 'Line 8'),
      issue(plant, 'line8.contoso.com', { name: 'eighth', passphrase }),
      issue(plant, 'line8.contoso.com', { name: 'ninth' }),
      issue(plant, 'line8.contoso.com', { name: 'foreign', passphrase }),
    ]);
    await ada.upload(id, plant.ca.folder, { ...uploadOf(first), fields: [`passphrase=${passphrase}`] });
    await open(id, 'new');
    await page.getByLabel('Keep the passphrase of the previous certificate').click();
    await choose([foreign.key, second.chain, second.crt], () => button('Choose files').click());
    // The page cannot open the key, and says so; it does not guess.
    await verdict('Accepted');
    await button('Send certificate and key to the server').click();
    await page.getByRole('alert').filter({ hasText: 'The certificate was refused' }).waitFor();
    await cause()
      .getByRole('heading', { name: /does not belong|not the certificate's|no pair|other key/ })
      .waitFor();
    // Mended with what was typed still there.
    await choose([second.key], () => button('Choose files').click());
    await button('Send certificate and key to the server').click();
    await button('See the certificate').click();
    await inUse().getByText(fingerprint(second)).waitFor();
  });

  test('turns red by itself when the certificate is revoked', async () => {
    const [id, files] = await Promise.all([appliance(ada, 'Line 6'), issue(plant, 'line6.contoso.com')]);
    await ada.upload(id, plant.ca.folder, uploadOf(files));
    await open(id);
    await now().getByText('Ready').waitFor();
    plant.revoke(files);
    await uploadCrls(ada, plant);
    await now().getByText('Revoked', { exact: true }).waitFor();
    await now().getByText('encrypted traffic of this appliance halts').waitFor();
    await screenshot(page, 'appliance-revoked');
  });

  test('turns red by itself when the certificate expires', async () => {
    const expires = brief.getByRole('region', { name: 'State now' });
    await expires.getByText('Expired', { exact: true }).waitFor();
    await expires.getByText('encrypted traffic of this appliance halts').waitFor();
    await expires.getByRole('button', { name: 'Upload a certificate' }).waitFor();
  });

  test('does nothing that no page may do', () => {
    expect(web.faults).toEqual([]);
  });
});

const DAY = 86_400_000;
