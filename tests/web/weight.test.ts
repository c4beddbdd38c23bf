import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Administrator, PASSWORD } from '../e2e/administrator.ts';
import { requires } from '../requires.ts';
import { Console } from './console.ts';
import { importCsv } from './made-up-fleet.ts';

const MANY = 10_000;
const KIB = 1024;
// As the developer tools of Chromium have it.
const SLOW_3G = { offline: false, latency: 2000, downloadThroughput: 50_000, uploadThroughput: 50_000 };

// What is measured is printed: docs/benchmarks.md tells of it. No test here depends on how fast a machine is.
describe.skipIf(!requires('chromium'))('what the console costs', { timeout: 120_000 }, () => {
  let web: Console;
  let ada: Administrator;

  beforeAll(async () => {
    web = await Console.start();
    ada = await web.setUp();
  }, 120_000);
  afterAll(() => web?.stop());

  test('sign-in and overview load at most 250 kB, and nothing of the engine', async () => {
    const page = await web.openEmpty();
    const loaded = listen(page);
    await page.goto(`${web.served.origin}/sign-in`);
    await page.getByLabel('Name').fill('ada');
    await page.getByRole('textbox', { name: 'Password' }).fill(PASSWORD);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Three steps to a watched fleet' }).waitFor();
    const answers = await loaded();
    const total = answers.reduce((sum, { bytes }) => sum + bytes, 0);
    const lines = answers.filter(({ bytes }) => bytes > 2 * KIB).map(({ path, bytes }) => `${kib(bytes)} ${path}`);
    console.log(`sign-in and overview: ${kib(total)} in ${answers.length} answers\n${lines.join('\n')}`);
    expect(total).toBeLessThanOrEqual(250_000);
    for (const { path, text } of answers.filter(({ path }) => path.endsWith('.js'))) {
      // Names of a rule, of a curve, and of what a certificate is signed with.
      for (const heavy of ['crt-public-key', 'secp256r1', 'sha256WithRSAEncryption']) {
        expect(text.includes(heavy), `${heavy} in ${path}`).toBe(false);
      }
    }
    await page.context().close();
  });

  test('is there soon', async () => {
    const figures: string[] = [];
    const measure = async (name: string, path: string, conditions?: typeof SLOW_3G): Promise<void> => {
      const page = path === '/sign-in' ? await web.openEmpty() : await web.enter('/preflight');
      // Each from nothing: what the sign-in left in the cache would flatter the overview.
      const session = await page.context().newCDPSession(page);
      await session.send('Network.enable');
      await session.send('Network.setCacheDisabled', { cacheDisabled: true });
      if (conditions !== undefined) await session.send('Network.emulateNetworkConditions', conditions);
      await page.addInitScript(noteWhenThere, 'input:enabled, main h2');
      await page.goto(web.served.origin + path, { timeout: 90_000 });
      const there = await page.waitForFunction(() => Reflect.get(window, 'certgateThere'), undefined, {
        timeout: 90_000,
      });
      figures.push(`${name}: ${Math.round(Number(await there.jsonValue()))} ms`);
      await page.context().close();
    };
    await measure('sign-in', '/sign-in');
    await measure('overview', '/');
    await Promise.all([measure('sign-in, slow 3G', '/sign-in', SLOW_3G), measure('overview, slow 3G', '/', SLOW_3G)]);
    console.log(`from navigation to the first enabled field, or the content:\n${figures.join('\n')}`);
    expect(figures).toHaveLength(4);
  });

  test('10,000 appliances keep 60 rows in the document at most, wherever one scrolls', async () => {
    const lines = Array.from({ length: MANY }, (_, i) => `Sensor ${i},sensor-${i}.contoso.com,Site ${i % 40}`);
    await importCsv(ada, web.folder, ['name,hostname,site', ...lines]);
    const page = await web.enter('/appliances');
    await page.getByRole('status').getByText('10,000 appliances in service').waitFor({ timeout: 60_000 });
    for (const step of [120, 3000]) {
      await web.browser.startTracing(page, { categories: ['toplevel'] });
      const { rows, frames, longest } = await page.evaluate(scrollThrough, { step, most: 220 });
      const busiest = busiestTask((await web.browser.stopTracing()).toString());
      console.log(
        `${step} px a frame, ${frames} frames: ${rows} rows at most, longest task ${longest} ms, ${busiest} ms of them CPU`,
      );
      expect(rows).toBeGreaterThan(10);
      expect(rows).toBeLessThanOrEqual(60);
    }
    expect(await page.evaluate(() => window.scrollY + window.innerHeight >= document.body.scrollHeight - 2)).toBe(true);
    await page.getByRole('row').filter({ hasText: 'Sensor 9999' }).waitFor();
    await page.getByRole('link', { name: 'Sensor 9999', exact: true }).focus();
    await page.keyboard.press('Home');
    await page.getByRole('link', { name: 'Sensor 0', exact: true }).waitFor();
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Sensor 0');
    await page.context().close();
  });

  test('did nothing that a page must not do', () => expect(web.faults).toEqual([]));
});

const kib = (bytes: number): string => `${(bytes / KIB).toFixed(1)} KiB`;

interface Loaded {
  readonly path: string;
  /** On the wire, heads included. */
  readonly bytes: number;
  readonly text: string;
}

/** Everything that a page asks for from now on. */
function listen(page: Page): () => Promise<Loaded[]> {
  const answers: Promise<Loaded>[] = [];
  page.on('requestfinished', (request) => {
    if (request.url().endsWith('/events')) return;
    const read = async (): Promise<Loaded> => {
      const [sizes, response] = await Promise.all([request.sizes(), request.response()]);
      const path = new URL(request.url()).pathname;
      const text = path.endsWith('.js') ? await response!.text() : '';
      return { path, bytes: sizes.responseBodySize + sizes.responseHeadersSize, text };
    };
    answers.push(read());
  });
  return () => Promise.all(answers);
}

/** In the page: when the first of `selector` is there, in milliseconds since the navigation began. */
function noteWhenThere(selector: string): void {
  const note = (): void => {
    if (Reflect.get(window, 'certgateThere') !== undefined || document.querySelector(selector) === null) return;
    Reflect.set(window, 'certgateThere', performance.now());
  };
  new MutationObserver(note).observe(document, { subtree: true, childList: true, attributes: true });
}

/** In the page: from the top towards the end, a step a frame; rows that are in the document, and the longest task. */
async function scrollThrough({ step, most }: { step: number; most: number }) {
  const tasks: number[] = [];
  const observer = new PerformanceObserver((list) => tasks.push(...list.getEntries().map(({ duration }) => duration)));
  observer.observe({ type: 'longtask' });
  window.scrollTo(0, 0);
  let [rows, frames] = [0, 0];
  const frame = (): Promise<unknown> => new Promise((done) => requestAnimationFrame(done));
  const isAtEnd = (): boolean => window.scrollY + window.innerHeight >= document.body.scrollHeight - 2;
  while (frames < most && !isAtEnd()) {
    window.scrollBy(0, step);
    await frame();
    rows = Math.max(rows, document.querySelectorAll('[role=row]').length);
    frames += 1;
  }
  // Those of the last frames are reported a moment later.
  await new Promise((done) => setTimeout(done, 100));
  observer.disconnect();
  return { rows, frames, longest: tasks.length === 0 ? 'under 50' : Math.round(Math.max(...tasks)) };
}

interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  /** Of the thread, in microseconds. */
  readonly tdur?: number;
  readonly args: { readonly name?: string };
}

/** Of the page's thread, in milliseconds of its own time: what others do on the machine does not count. */
function busiestTask(trace: string): string {
  const { traceEvents } = JSON.parse(trace) as { traceEvents: TraceEvent[] };
  const threadOf = ({ pid, tid }: TraceEvent): string => `${pid} ${tid}`;
  const pages = traceEvents.filter(({ name, args }) => name === 'thread_name' && args.name === 'CrRendererMain');
  const threads = new Set(pages.map(threadOf));
  const tasks = traceEvents.filter(
    (event) => event.ph === 'X' && event.name.endsWith('RunTask') && threads.has(threadOf(event)),
  );
  return (Math.max(0, ...tasks.map(({ tdur = 0 }) => tdur)) / 1000).toFixed(1);
}
