import { readFileSync, statSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { parseCrl } from '../../core/x509/crl.ts';
import { CA_FILES, type LabCa, sha256 } from './lab-ca.ts';

export interface CrlServerOptions {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  /** How long a CRL is valid. */
  readonly days: number;
  /** Told of every request and every renewal, in a few words. */
  readonly log?: (line: string) => void;
  readonly now?: () => Date;
}

interface Served {
  readonly bytes: Buffer;
  readonly type: string;
  readonly etag: string;
  readonly lastModified: Date;
  readonly expires: Date | undefined;
}

// RFC 2585 §4: the media types of certificates and CRLs, which are served as DER.
const TYPES = { crl: 'application/pkix-crl', certificate: 'application/pkix-cert' } as const;
const LOOK_EVERY_MS = 1000;

/**
 * Serves a CA's CRLs over HTTP, as certificates name them: renewed when a third of their time is left and as soon as
 * something is revoked, by whichever process.
 */
export class CrlServer {
  readonly #ca: LabCa;
  readonly #options: CrlServerOptions;
  readonly #server: Server;
  #timer: NodeJS.Timeout | undefined;
  #ledger = '';
  #files = new Map<string, Served>();

  constructor(ca: LabCa, options: CrlServerOptions) {
    this.#ca = ca;
    this.#options = options;
    this.#server = createServer((request, response) => this.#answer(request, response));
    // Nobody has a reason to hold a connection to a CRL server for long.
    this.#server.requestTimeout = 10_000;
    this.#server.keepAliveTimeout = 5_000;
    this.#server.maxRequestsPerSocket = 100;
  }

  /** @throws what the system says where the port cannot be had */
  async start(): Promise<void> {
    this.refresh();
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(this.#options.port, this.#options.host, () => {
        this.#server.off('error', reject);
        resolve();
      });
    });
    this.#timer = setInterval(() => this.#refreshOrSay(), LOOK_EVERY_MS);
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Answers what was asked, then ends. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeIdleConnections();
    const late = setTimeout(() => this.#server.closeAllConnections(), 5_000);
    await closed;
    clearTimeout(late);
  }

  /** Makes new CRLs where they are due, and reads what is to be served. */
  refresh(): void {
    const now = this.#now();
    const ahead = (this.#options.days * 86_400_000) / 3;
    if (this.#ca.crlsDue(now, ahead)) {
      this.#ca.newCrls(now, this.#options.days);
      this.#options.log?.('new CRLs');
    }
    this.#ledger = this.#stateOfLedger();
    this.#files = new Map([
      [`/${CA_FILES.issuingCrl}`, this.#crl(CA_FILES.issuingCrl)],
      [`/${CA_FILES.rootCrl}`, this.#crl(CA_FILES.rootCrl)],
      [`/${CA_FILES.issuingCertificate}`, this.#certificate(this.#ca.issuing.certificate)],
      [`/${CA_FILES.rootCertificate}`, this.#certificate(this.#ca.root.certificate)],
    ]);
  }

  #now(): Date {
    return this.#options.now?.() ?? new Date();
  }

  /** A disk that is full for a while must not end the server: the CRLs at hand are good for days. */
  #refreshOrSay(): void {
    try {
      const soonest = Math.min(...[...this.#files.values()].map(({ expires }) => expires?.getTime() ?? Infinity));
      const due = soonest - this.#now().getTime() < (this.#options.days * 86_400_000) / 3;
      if (due || this.#ledger !== this.#stateOfLedger()) this.refresh();
    } catch (error) {
      this.#options.log?.(`the CRLs could not be renewed: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  #stateOfLedger(): string {
    const { size, mtimeMs } = statSync(join(this.#ca.folder, CA_FILES.ledger));
    return `${size} ${mtimeMs}`;
  }

  #crl(name: string): Served {
    const bytes = readFileSync(join(this.#ca.folder, name));
    const { thisUpdate, nextUpdate } = parseCrl(bytes);
    return {
      bytes,
      type: TYPES.crl,
      etag: `"${sha256(bytes).slice(0, 32)}"`,
      lastModified: new Date(thisUpdate.seconds * 1000),
      expires: nextUpdate && new Date(nextUpdate.seconds * 1000),
    };
  }

  #certificate(der: Uint8Array): Served {
    const bytes = Buffer.from(der);
    const { mtime } = statSync(join(this.#ca.folder, CA_FILES.rootCertificate));
    return {
      bytes,
      type: TYPES.certificate,
      etag: `"${sha256(der).slice(0, 32)}"`,
      lastModified: mtime,
      expires: undefined,
    };
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const path = (request.url ?? '/').split('?')[0]!;
    response.once('finish', () => this.#options.log?.(`${response.statusCode} ${request.method} ${path}`));
    response.setHeader('x-content-type-options', 'nosniff');
    const file = this.#files.get(path);
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.writeHead(405, { allow: 'GET, HEAD' }).end();
    } else if (file === undefined) {
      const names = [...this.#files.keys()].join('\n');
      response.writeHead(404, { 'content-type': 'text/plain; charset=utf-8' }).end(`Served here are:\n${names}\n`);
    } else this.#send(file, request, response);
  }

  #send(file: Served, request: IncomingMessage, response: ServerResponse): void {
    response.setHeader('etag', file.etag);
    response.setHeader('last-modified', file.lastModified.toUTCString());
    // A revocation must not hide behind a proxy's copy: everybody asks again, and is told when nothing has changed.
    response.setHeader('cache-control', 'no-cache');
    if (isUnchanged(file, request)) {
      response.writeHead(304).end();
      return;
    }
    response.writeHead(200, { 'content-type': file.type, 'content-length': file.bytes.length });
    response.end(request.method === 'HEAD' ? undefined : file.bytes);
  }
}

// RFC 9110 §13.2.2: If-None-Match counts, and If-Modified-Since only without it.
function isUnchanged({ etag, lastModified }: Served, { headers }: IncomingMessage): boolean {
  const tags = headers['if-none-match'];
  if (tags !== undefined) {
    return tags.split(',').some((tag) => tag.trim() === '*' || tag.trim().replace(/^W\//, '') === etag);
  }
  const since = headers['if-modified-since'];
  return since !== undefined && Date.parse(since) >= Math.floor(lastModified.getTime() / 1000) * 1000;
}
