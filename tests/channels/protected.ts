import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { toHex } from '../../src/core/der/values.ts';
import { parseCertificate } from '../../src/core/x509/certificate.ts';
import { toPem } from '../../src/making/encode/der.ts';
import { keyToPem, newKey } from '../../src/making/issue/key.ts';
import { createLabCa, type LabCa } from '../../src/making/issue/lab-ca.ts';
import { encodeName, subjectAttributes } from '../../src/making/encode/name-fields.ts';
import { PROGRAM, write } from '../cli/program.ts';
import { Administrator, json } from '../e2e/administrator.ts';
import { type Answer, run, Served, serverEnvironment } from '../e2e/served.ts';

export interface Issued {
  readonly base: string;
  readonly der: Uint8Array;
}

/** A real server with a real lab CA behind it, whose CRLs it can fetch, and appliances with certificates. */
export class Plant {
  readonly folder: string;
  readonly ca: LabCa;
  served!: Served;
  ada!: Administrator;
  readonly #crlServer: Server;
  readonly #crlUrl: string;
  #issued = 0;
  readonly #children: ChildProcess[] = [];

  private constructor(folder: string, ca: LabCa, crlServer: Server) {
    this.folder = folder;
    this.ca = ca;
    this.#crlServer = crlServer;
    this.#crlUrl = `http://127.0.0.1:${(crlServer.address() as AddressInfo).port}`;
  }

  static async build(): Promise<Plant> {
    const folder = mkdtempSync(join(tmpdir(), 'certgate-plant-'));
    const crls = createServer((asked, answer) => answer.end(readFileSync(join(folder, 'ca', asked.url!.slice(1)))));
    await once(crls.listen(0, '127.0.0.1'), 'listening');
    const crlBaseUrl = `http://127.0.0.1:${(crls.address() as AddressInfo).port}`;
    const now = new Date(Date.now() - 86_400_000);
    const names = { name: 'Plant Lab', organization: 'Contoso', country: 'US', passphrase: 'x' };
    const ca = await createLabCa(join(folder, 'ca'), { ...names, now, crlBaseUrl });
    ca.newCrls(new Date());
    write(folder, 'root.pem', toPem('CERTIFICATE', ca.root.certificate));
    write(folder, 'chain.pem', ca.chainPem);
    const plant = new Plant(folder, ca, crls);
    await plant.startServer();
    plant.ada = await Administrator.setUp(plant.served);
    await plant.trustRoot();
    return plant;
  }

  async startServer(): Promise<void> {
    this.served = await Served.start(join(this.folder, 'server'), { CERTGATE_CRL_HOSTS: '127.0.0.1' });
    if (this.ada !== undefined) this.ada.served = this.served;
  }

  async trustRoot(): Promise<string> {
    const certificate = readFileSync(join(this.folder, 'root.pem'), 'utf8');
    const [candidate] = (await this.post('/anchors/inspect', { certificate }, 200)).json;
    return (await this.post('/anchors', { certificate, fingerprint: candidate.fingerprint })).json.id;
  }

  async ask(method: string, path: string, body?: unknown, headers: readonly string[] = []): Promise<Answer> {
    const sent = body === undefined ? ['-X', method] : json(method, body);
    return this.ada.curl(`/api/v1${path}`, ...sent, ...headers.flatMap((header) => ['-H', header]));
  }

  /** @throws where the answer is another */
  async post(path: string, body: unknown, status = 201): Promise<Answer> {
    const answer = await this.ask('POST', path, body);
    if (answer.status !== status) throw new Error(`POST ${path}: ${answer.status} ${answer.text}`);
    return answer;
  }

  // eslint-disable-next-line typescript/no-explicit-any
  async get(path: string): Promise<any> {
    const answer = await this.ask('GET', path);
    if (answer.status !== 200) throw new Error(`GET ${path}: ${answer.status} ${answer.text}`);
    return answer.json;
  }

  async issue(hostname: string): Promise<Issued> {
    const key = await newKey(2048);
    const base = `cert${this.#issued++}`;
    const subject = { country: 'US', organization: 'Contoso', organizationalUnit: 'Plant', commonName: hostname };
    const der = this.ca.sign({
      subject: encodeName(subjectAttributes(subject)),
      subjectPublicKeyInfo: key.spki,
      names: [hostname],
      notBefore: new Date(Date.now() - 3_600_000),
      notAfter: new Date(Date.now() + 90 * 86_400_000),
      crlUrl: `${this.#crlUrl}/issuing.crl`,
    });
    this.ca.record(der, new Date());
    write(this.folder, `${base}.crt`, toPem('CERTIFICATE', der));
    write(this.folder, `${base}.key`, keyToPem(key.privateKey));
    return { base, der };
  }

  /** An appliance with an active certificate. */
  async appliance(name: string, hostname: string, role = 'sensor'): Promise<{ id: string; issued: Issued }> {
    const { id } = (await this.post('/appliances', { name, hostname, role, crl: 'on' })).json;
    return { id, issued: await this.renew(id, hostname) };
  }

  async renew(id: string, hostname: string): Promise<Issued> {
    const issued = await this.issue(hostname);
    const answer = await this.ada.upload(id, this.folder, { base: issued.base, chain: 'chain.pem' });
    if (answer.json?.outcome !== 'activated') throw new Error(answer.text);
    return issued;
  }

  /** Takes a certificate back, and hands the new CRL in. */
  async revoke({ der }: Issued): Promise<void> {
    this.ca.revoke(toHex(parseCertificate(der).serialNumber.content()), 1, new Date());
    this.ca.newCrls(new Date());
    const file = ['-H', 'Content-Type: application/pkix-crl', '--data-binary', `@${this.folder}/ca/issuing.crl`];
    const answer = await this.ada.curl('/api/v1/crls', '-X', 'POST', ...file);
    if (answer.status !== 200) throw new Error(answer.text);
  }

  async channel(input: object): Promise<string> {
    return (await this.post('/channels', { listen: { host: '127.0.0.1', port: 0 }, ...input })).json.id;
  }

  async change(path: string, change: object): Promise<void> {
    const { headers } = await this.ask('GET', path);
    const answer = await this.ask('PATCH', path, change, [`If-Match: ${headers['etag']}`]);
    if (answer.status !== 200) throw new Error(answer.text);
  }

  /** The state of a channel as soon as it is so. */
  // eslint-disable-next-line typescript/no-explicit-any
  async until(id: string, holds: (state: any) => boolean): Promise<any> {
    for (let tried = 0; ; tried++) {
      const state = await this.get(`/channels/${id}/state`);
      if (holds(state)) return state;
      if (tried === 200) throw new Error(`still ${JSON.stringify(state)}\n${this.said()}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** The log of the server and its processes, without requests. */
  said(): string {
    return this.served.output.replaceAll(/.*"msg":"request".*\n/g, '');
  }

  /** `certgate …` on the server's host. */
  certgate(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
    const environment = Object.entries(serverEnvironment(join(this.folder, 'server'))).map(([k, v]) => `${k}=${v}`);
    return run('env', ['-i', ...environment, process.execPath, PROGRAM, ...args]);
  }

  /** The same, left running; its output is the server's. */
  start(args: string[], environment: Record<string, string> = {}): ChildProcess & { said: () => string } {
    const env = { ...serverEnvironment(join(this.folder, 'server')), ...environment };
    const child = spawn(process.execPath, [PROGRAM, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (part: Buffer) => (output += part.toString()));
    this.#children.push(child);
    return Object.assign(child, { said: () => output });
  }

  /** Processes that outlived a server which a test killed: they name this plant's folder, which nobody else does. */
  #strays(): number[] {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
      .filter((pid) => {
        try {
          return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(join(this.folder, 'server'));
        } catch {
          return false;
        }
      })
      .map(Number);
  }

  async raze(): Promise<void> {
    await this.served?.stop();
    for (const child of this.#children) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    for (const pid of this.#strays()) process.kill(pid, 'SIGKILL');
    this.#crlServer.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** What a browser gets; the reason where it gets nothing. */
  async curl(port: number, hostname: string, ...more: string[]): Promise<string> {
    const to = [`--resolve`, `${hostname}:${port}:127.0.0.1`, `https://${hostname}:${port}/`];
    const answer = await run('curl', ['-sS', '--max-time', '5', '--cacert', `${this.folder}/root.pem`, ...more, ...to]);
    return answer.code === 0 ? answer.stdout : `curl ${answer.code}: ${answer.stderr}`;
  }

  async dial(port: number, hostname: string): Promise<TLSSocket> {
    const ca = readFileSync(join(this.folder, 'root.pem'));
    const socket = connectTls({ host: '127.0.0.1', port, servername: hostname, ca });
    socket.on('error', () => undefined);
    await once(socket, 'secureConnect');
    return socket;
  }
}
