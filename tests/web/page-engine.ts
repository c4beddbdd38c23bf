import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import type { Report } from '../../src/core/base/finding.ts';
import type { CheckCircumstances } from '../../web/src/check/request.ts';

/** What one check in the page is asked. */
export interface Question {
  readonly crt: Uint8Array;
  readonly key?: Uint8Array | undefined;
  readonly chain?: Uint8Array | undefined;
  readonly passphrase?: string | undefined;
  readonly circumstances: Omit<CheckCircumstances, 'crls' | 'trust' | 'at'> & { readonly at: string };
  readonly trust?: readonly Uint8Array[] | undefined;
  readonly crls?: readonly Uint8Array[] | undefined;
}

const assets = join(import.meta.dirname, '../../dist/web/assets');

/**
 * Asks the engine that the console ships, in the browser, as the pages ask it: the built worker under the policy of the
 * server, one check after the other.
 */
export async function askInPage(page: Page, questions: readonly Question[]): Promise<Report[]> {
  const worker = readdirSync(assets).find((name) => /^check\.worker-.*\.js$/.test(name));
  if (worker === undefined) throw new Error('dist/web has no engine: node tools/build.mjs --web-only');
  const asked = questions.map(({ crt, key, chain, passphrase, circumstances, trust, crls }, i) => ({
    id: i,
    files: Object.entries({ crt, key, chain }).flatMap(([part, bytes]) =>
      bytes === undefined ? [] : [{ name: part, as: part, bytes: base64(bytes) }],
    ),
    passphrase,
    circumstances,
    trust: trust?.map(base64),
    crls: crls?.map(base64),
  }));
  return page.evaluate(answerAll, { url: `/assets/${worker}`, asked });
}

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');

interface Asked {
  readonly url: string;
  readonly asked: readonly {
    readonly id: number;
    readonly files: readonly { readonly name: string; readonly as: string; readonly bytes: string }[];
    readonly passphrase: string | undefined;
    readonly circumstances: object;
    readonly trust: readonly string[] | undefined;
    readonly crls: readonly string[] | undefined;
  }[];
}

/** Runs in the browser: it must be complete by itself. */
async function answerAll({ url, asked }: Asked): Promise<Report[]> {
  const bytes = (text: string): Uint8Array => Uint8Array.from(atob(text), (one) => one.charCodeAt(0));
  const worker = new Worker(url, { type: 'module' });
  const reports: Report[] = [];
  for (const { id, files, passphrase, circumstances, trust, crls } of asked) {
    const answer = new Promise<{ kind: string; message?: string; answer?: { report?: Report } }>((resolve, reject) => {
      worker.addEventListener('message', ({ data }) => resolve(data as never), { once: true });
      worker.addEventListener('error', ({ message }) => reject(new Error(message)), { once: true });
    });
    worker.postMessage(
      {
        id,
        kind: 'check',
        files: files.map((file) => ({ ...file, bytes: bytes(file.bytes) })),
        ...(passphrase !== undefined && { passphrase }),
        circumstances: { ...circumstances, ...(trust !== undefined && { trust: trust.map(bytes) }) },
        ...(crls !== undefined && { crls: crls.map((crl, at) => ({ ref: 1000 * id + at, bytes: bytes(crl) })) }),
      },
      [],
    );
    const { kind, message, answer: said } = await answer;
    if (kind !== 'check' || said?.report === undefined) throw new Error(`${id}: ${message ?? 'no report'}`);
    reports.push(said.report);
  }
  worker.terminate();
  return reports;
}
