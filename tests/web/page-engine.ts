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
  /** The appliance whose page it is: anchors, CRLs and fleet are those of the server. Somebody must be signed in. */
  readonly appliance?: string;
}

const assets = join(import.meta.dirname, '../../dist/web/assets');

/**
 * Asks the engine that the console ships, in the browser, as the pages ask it: the built worker under the policy of the
 * server, one check after the other.
 */
export async function askInPage(page: Page, questions: readonly Question[]): Promise<Report[]> {
  const worker = readdirSync(assets).find((name) => /^check\.worker-.*\.js$/.test(name));
  if (worker === undefined) throw new Error('dist/web has no engine: node tools/build.mjs --web-only');
  const asked = questions.map(({ crt, key, chain, trust, crls, appliance, ...rest }, id) => ({
    ...rest,
    id,
    appliance,
    files: Object.entries({ crt, key, chain }).flatMap(([part, bytes]) =>
      bytes === undefined ? [] : [{ name: part, as: part, bytes: base64(bytes) }],
    ),
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
    readonly appliance: string | undefined;
    readonly files: readonly { readonly name: string; readonly as: string; readonly bytes: string }[];
    readonly passphrase?: string | undefined;
    readonly circumstances: object;
    readonly trust: readonly string[] | undefined;
    readonly crls: readonly string[] | undefined;
  }[];
}

/** Runs in the browser: it must be complete by itself. */
async function answerAll({ url, asked }: Asked): Promise<Report[]> {
  const bytes = (text: string): Uint8Array => Uint8Array.from(atob(text), (one) => one.charCodeAt(0));
  const text = (octets: Uint8Array): string => btoa(String.fromCharCode(...octets));
  const worker = new Worker(url, { type: 'module' });
  let refs = 0;
  const ship = (crl: string) => ({ ref: refs++, bytes: bytes(crl) });
  const ask = (request: object): Promise<{ certificates: Uint8Array[]; report?: Report }> => {
    const answer = new Promise<{ kind: string; message?: string; answer?: never }>((resolve, reject) => {
      worker.addEventListener('message', ({ data }) => resolve(data as never), { once: true });
      worker.addEventListener('error', ({ message }) => reject(new Error(message)), { once: true });
    });
    worker.postMessage(request, []);
    return answer.then(({ message, answer: said }) => said ?? Promise.reject(new Error(message)));
  };
  const fromServer = async (id: string, files: object[]) => {
    const { certificates } = await ask({ id: 0, kind: 'recognise', files });
    const { csrfToken } = (await (await fetch('/api/v1/session')).json()) as { csrfToken: string };
    const post = async (path: string) => {
      const headers = { 'Content-Type': 'application/json', 'X-CSRF-Token': csrfToken };
      const body = JSON.stringify({ certificates: certificates.map(text) });
      return (await fetch(`/api/v1${path}`, { method: 'POST', headers, body })).json();
    };
    const { held, replies, at } = (await post('/crls/for')) as {
      held: string[];
      replies: { url: string; crl?: string }[];
      at: string;
    };
    const fleet = await post(`/appliances/${id}/claims-for`);
    const trust = new Uint8Array(await (await fetch('/api/v1/trust-bundle')).arrayBuffer());
    const shipped = replies.map((reply) => ({ ...reply, crl: reply.crl === undefined ? undefined : ship(reply.crl) }));
    return {
      fleet,
      trust: trust.length === 0 ? [] : [trust],
      serverCrls: { at, held: held.map(ship), replies: shipped },
    };
  };
  const reports: Report[] = [];
  for (const { id, appliance, files, passphrase, circumstances, trust, crls } of asked) {
    const opened = files.map((file) => ({ ...file, bytes: bytes(file.bytes) }));
    const server = appliance === undefined ? undefined : await fromServer(appliance, opened);
    const anchors = server?.trust ?? trust?.map(bytes);
    const { report } = await ask({
      id,
      kind: 'check',
      files: opened,
      passphrase,
      circumstances: {
        ...circumstances,
        ...(anchors !== undefined && { trust: anchors }),
        ...(server !== undefined && { fleet: server.fleet }),
      },
      crls: crls?.map(ship),
      serverCrls: server?.serverCrls,
    });
    if (report === undefined) throw new Error(`${id}: no report`);
    reports.push(report);
  }
  worker.terminate();
  return reports;
}
