import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AxeBuilder } from '@axe-core/playwright';
import { type Browser, type BrowserContext, chromium, type Locator, type Page } from 'playwright-core';
import { Administrator, PASSWORD } from '../e2e/administrator.ts';
import { Served } from '../e2e/served.ts';

const SCREENS = fileURLToPath(new URL('../../docs/screens/', import.meta.url));

export type Scheme = 'light' | 'dark';

/** A real server, and a real browser in front of it. */
export class Console {
  readonly folder: string;
  readonly served: Served;
  readonly browser: Browser;
  /** What no page may ever do: errors in it, violations of the security policy, requests to anybody else. */
  readonly faults: string[] = [];

  private constructor(folder: string, served: Served, browser: Browser) {
    this.folder = folder;
    this.served = served;
    this.browser = browser;
  }

  static async start(environment: Record<string, string> = {}): Promise<Console> {
    const folder = mkdtempSync(join(tmpdir(), 'certgate-web-'));
    const [served, browser] = await Promise.all([Served.start(folder, environment), launchChromium()]);
    return new Console(folder, served, browser);
  }

  async stop(): Promise<void> {
    await this.browser.close();
    await this.served.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** A browser window of its own: no cookies of another. What goes wrong in it is in {@link faults}. */
  async open(path: string, options: OpenOptions = {}): Promise<Page> {
    const page = await this.openEmpty(options);
    await page.goto(`${this.served.origin}${path}`);
    return page;
  }

  /** The same that has not gone anywhere yet: to listen from the first request on. */
  async openEmpty(options: OpenOptions = {}): Promise<Page> {
    const context = await this.context(options);
    // Less than vitest's own, so that a failure says what was waited for.
    context.setDefaultTimeout(10_000);
    const page = await context.newPage();
    this.#watch(page);
    return page;
  }

  #watch(page: Page): void {
    page.on('pageerror', (error) => this.faults.push(`error in the page: ${error.stack ?? error.message}`));
    page.on('console', (message) => {
      // A refusal of the server is an answer like others; the browser logs it all the same.
      if (message.type() !== 'error' || message.text().startsWith('Failed to load resource')) return;
      this.faults.push(`console: ${message.text()}`);
    });
    page.on('request', (request) => {
      const url = request.url();
      if (!url.startsWith(this.served.origin) && !/^(data|blob|about):/.test(url)) this.faults.push(`asked ${url}`);
    });
  }

  context({
    scheme = 'light',
    width = 1280,
    height = 800,
    zone = 'Europe/Berlin',
  }: OpenOptions = {}): Promise<BrowserContext> {
    return this.browser.newContext({
      ignoreHTTPSErrors: true,
      colorScheme: scheme,
      viewport: { width, height },
      timezoneId: zone,
      locale: 'en-GB',
      reducedMotion: 'reduce',
    });
  }

  /** The first administrator, by the API: the same that {@link signedIn} signs in. */
  setUp(): Promise<Administrator> {
    return Administrator.setUp(this.served);
  }

  /** A window at `path` in which somebody is signed in already: for tests that are not about signing in. */
  async enter(path = '/', options: OpenOptions & { name?: string; password?: string } = {}): Promise<Page> {
    const { name = 'ada', password = PASSWORD } = options;
    const page = await this.open('/sign-in', options);
    const data = { name, password };
    const answer = await page.request.post(`${this.served.origin}/api/v1/session`, { data });
    if (!answer.ok()) throw new Error(`${name} cannot sign in: ${answer.status()} ${await answer.text()}`);
    await page.goto(this.served.origin + path);
    return page;
  }

  /** A window in which somebody has signed in through the page, at `path`. */
  async signedIn(path = '/', options: OpenOptions & { name?: string; password?: string } = {}): Promise<Page> {
    const { name = 'ada', password = PASSWORD } = options;
    const page = await this.open(path, options);
    await page.getByLabel('Name').fill(name);
    await page.getByRole('textbox', { name: 'Password' }).fill(password);
    await page.keyboard.press('Enter');
    await page.getByRole('navigation', { name: 'Main' }).waitFor({ state: 'attached' });
    return page;
  }
}

interface OpenOptions {
  readonly scheme?: Scheme;
  readonly width?: number;
  readonly height?: number;
  readonly zone?: string;
}

export const launchChromium = (): Promise<Browser> =>
  chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: [
      // As root, in a container, there is no sandbox to be had; the pages are our own.
      '--no-sandbox',
      // What a window is told to overlook, a download on a new connection does not: it was cancelled.
      '--ignore-certificate-errors',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });

const seenByAxe = new Set<string>();

/**
 * What axe finds on a page, in both colour schemes, as lines to read; empty where all is well.
 * @param within a selector: only in there, e.g. in a dialog before a page that was looked at already
 */
export async function axeFindings(page: Page, within?: string): Promise<string[]> {
  const lines: string[] = [];
  // A tooltip under the mouse lies outside of every landmark.
  await page.mouse.move(0, 0);
  await page.getByRole('tooltip').first().waitFor({ state: 'hidden' });
  // A page or dialog is looked at when it is first seen, its further states where CERTGATE_AXE is `all`: axe takes a second.
  const place = `${new URL(page.url()).pathname.replace(/[0-9a-f-]{36}/, ':id')} ${within ?? ''}`;
  if (seenByAxe.has(place) && process.env['CERTGATE_AXE'] !== 'all') return lines;
  seenByAxe.add(place);
  // Light last: the pictures that follow are light.
  for (const scheme of ['dark', 'light'] as const) {
    await page.emulateMedia({ colorScheme: scheme });
    await page.locator(`html[data-mantine-color-scheme=${scheme}]`).waitFor();
    // Colours that are handed down end their change a frame later.
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
    const axe = new AxeBuilder({ page });
    // Of the second scheme the colours alone are new.
    if (scheme === 'dark') axe.withRules(['color-contrast', 'link-in-text-block']);
    const { violations } = await (within === undefined ? axe : axe.include(within)).analyze();
    for (const { id, nodes } of violations) {
      for (const { html, failureSummary } of nodes)
        lines.push(`${scheme} ${id}: ${html.slice(0, 200)} ${failureSummary}`);
    }
  }
  return lines;
}

/** Goes to something by the Tab key alone, as somebody without a mouse does. @throws where it cannot be reached */
export async function tabTo(page: Page, target: Locator): Promise<void> {
  for (let pressed = 0; pressed < 100; pressed += 1) {
    if (await target.evaluate((element) => element === element.ownerDocument.activeElement)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`The Tab key does not lead to ${String(target)}`);
}

/** What makes a page wider than a narrow telephone; empty is right. Leaves the page at its old size. */
export async function overflowAt360(page: Page): Promise<string[]> {
  const before = page.viewportSize()!;
  await page.setViewportSize({ width: 360, height: 740 });
  const wide = await page.evaluate(async () => {
    // Transitions to the new width end with a frame, however short they are.
    for (let frame = 0; frame < 3; frame += 1) await new Promise((resolve) => requestAnimationFrame(resolve));
    const { clientWidth, scrollWidth } = document.documentElement;
    if (scrollWidth <= clientWidth) return [];
    const beyond = [...document.querySelectorAll('body *')].filter(
      (element) => element.getBoundingClientRect().right > clientWidth + 0.5,
    );
    return beyond.map(({ tagName, className, textContent }) => `${tagName} ${className} ${textContent.slice(0, 60)}`);
  });
  await page.setViewportSize(before);
  return wide;
}

/** Pictures for docs/screens, renewed where CERTGATE_SCREENS is set. */
export async function screenshot(page: Page, name: string, { top = false, fullPage = false } = {}): Promise<void> {
  if (process.env['CERTGATE_SCREENS'] === undefined) return;
  mkdirSync(SCREENS, { recursive: true });
  // From its top: the header stays where the window is scrolled to, which would be the middle of a full picture.
  if (fullPage || top) await page.evaluate(() => window.scrollTo(0, 0));
  await page.screenshot({ path: join(SCREENS, `${name}.png`), animations: 'disabled', caret: 'hide', fullPage });
}
