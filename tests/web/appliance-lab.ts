import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page, Request } from 'playwright-core';
import { toPem } from '../../src/making/encode/der.ts';
import { encodeName, subjectAttributes } from '../../src/making/encode/name-fields.ts';
import { keyToPem, newKey } from '../../src/making/issue/key.ts';
import { write } from '../cli/program.ts';
import { type Administrator, json } from '../e2e/administrator.ts';
import type { Plant } from './plant.ts';

const DAY = 86_400_000;

/** Files of one bundle. */
export interface Files {
  readonly crt: string;
  readonly key: string;
  readonly chain: string;
  readonly der: Uint8Array;
  /** The lines of the private key's Base64: what must be in no request. */
  readonly secret: readonly string[];
}

/** Bundles with keys of their own: no two appliances may share one. */
export async function issue(
  { ca }: Plant,
  hostname: string,
  { name = hostname, passphrase, from = -3_600_000, to = 400 * DAY }: IssueOptions = {},
): Promise<Files> {
  const key = await newKey(2048);
  const subject = { country: 'US', organization: 'Contoso', organizationalUnit: 'Plant', commonName: hostname };
  const der = ca.sign({
    subject: encodeName(subjectAttributes(subject)),
    subjectPublicKeyInfo: key.spki,
    names: [hostname],
    notBefore: new Date(Date.now() + from),
    notAfter: new Date(Date.now() + to),
    crlUrl: ca.crlUrl,
  });
  ca.record(der, new Date());
  const pem = keyToPem(key.privateKey, passphrase);
  const plain = keyToPem(key.privateKey);
  return {
    crt: write(ca.folder, `${name}.crt`, toPem('CERTIFICATE', der)),
    key: write(ca.folder, `${name}.key`, pem),
    chain: join(ca.folder, 'chain.pem'),
    der,
    // The first lines of an open key hold its modulus, which every certificate shows.
    secret: [...linesOf(passphrase === undefined ? '' : pem), ...linesOf(plain).slice(8)],
  };
}

const linesOf = (pem: string): string[] => pem.split('\n').filter((line) => line.length === 64);

interface IssueOptions {
  /** Of the files. */
  readonly name?: string;
  readonly passphrase?: string;
  readonly from?: number;
  readonly to?: number;
}

export async function trust(ada: Administrator, file: string): Promise<void> {
  const certificate = readFileSync(file, 'utf8');
  const { fingerprint } = (await ada.curl('/api/v1/anchors/inspect', ...json('POST', { certificate }))).json[0];
  const added = await ada.curl('/api/v1/anchors', ...json('POST', { certificate, fingerprint }));
  if (added.status !== 201) throw new Error(added.text);
}

export async function appliance(ada: Administrator, name: string, more: Record<string, string> = {}): Promise<string> {
  const hostname = `${name.toLowerCase().replaceAll(' ', '')}.contoso.com`;
  const made = await ada.curl('/api/v1/appliances', ...json('POST', { name, hostname, crl: 'on', ...more }));
  if (made.status !== 201) throw new Error(made.text);
  return made.json.id;
}

/** Everything that a page sends, from now on. */
export class Traffic {
  readonly #requests: Request[] = [];

  constructor(page: Page) {
    page.on('request', (request) => this.#requests.push(request));
  }

  /** `POST /api/v1/crls/for`: whatever is no mere reading. */
  get changes(): string[] {
    return this.#requests
      .filter((request) => request.method() !== 'GET')
      .map((request) => `${request.method()} ${new URL(request.url()).pathname}`);
  }

  /** The requests that hold one of these texts, in address, headers or body. */
  holding(texts: readonly string[]): string[] {
    return this.#requests
      .filter((request) => {
        const all = [request.url(), JSON.stringify(request.headers()), request.postDataBuffer()?.toString('latin1')];
        return texts.some((text) =>
          all.some((part) => part?.includes(text) || part?.includes(encodeURIComponent(text))),
        );
      })
      .map((request) => `${request.method()} ${request.url()}`);
  }
}

/** The lists of a lab CA, handed in as they are now. */
export async function uploadCrls(ada: Administrator, { ca }: Plant): Promise<void> {
  for (const name of ['issuing.crl', 'root.crl']) {
    const file = ['-H', 'Content-Type: application/pkix-crl', '--data-binary', `@${join(ca.folder, name)}`];
    const kept = await ada.curl('/api/v1/crls', '-X', 'POST', ...file);
    if (kept.status > 299) throw new Error(kept.text);
  }
}
