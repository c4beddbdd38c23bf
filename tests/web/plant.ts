import { existsSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { toHex } from '../../src/core/der/values.ts';
import { parseCertificate } from '../../src/core/x509/certificate.ts';
import { toPem } from '../../src/making/encode/der.ts';
import { keyToPem, newKey } from '../../src/making/issue/key.ts';
import { createLabCa, type LabCa } from '../../src/making/issue/lab-ca.ts';
import { encodeName, subjectAttributes } from '../../src/making/encode/name-fields.ts';
import { write } from '../cli/program.ts';

export interface Issued {
  /** NAME.crt and NAME.key, in PEM, below the folder of the CA. */
  readonly crt: string;
  readonly key: string;
  readonly der: Uint8Array;
}

/** A lab CA in a folder, the server of its CRLs, and what it issues. */
export class Plant {
  readonly ca: LabCa;
  readonly crls: CrlServer;
  private constructor(ca: LabCa, crls: CrlServer) {
    this.ca = ca;
    this.crls = crls;
  }

  static async make(folder: string, name: string): Promise<Plant> {
    const crls = await CrlServer.start(folder);
    return new Plant(await makeCa(folder, name, crls.url), crls);
  }

  stop(): void {
    this.crls.server.close();
  }

  get root(): string {
    return join(this.ca.folder, 'root.crt');
  }

  async issue(hostname: string, { from = -3_600_000, to = 400 * DAY } = {}): Promise<Issued> {
    const key = await newKey(2048);
    const subject = { country: 'US', organization: 'Contoso', organizationalUnit: 'Plant', commonName: hostname };
    const der = this.ca.sign({
      subject: encodeName(subjectAttributes(subject)),
      subjectPublicKeyInfo: key.spki,
      names: [hostname],
      notBefore: new Date(Date.now() + from),
      notAfter: new Date(Date.now() + to),
      crlUrl: this.ca.crlUrl,
    });
    this.ca.record(der, new Date());
    return {
      crt: write(this.ca.folder, `${hostname}.crt`, toPem('CERTIFICATE', der)),
      key: write(this.ca.folder, `${hostname}.key`, keyToPem(key.privateKey)),
      der,
    };
  }

  /** Revokes it, and publishes the new list. */
  revoke({ der }: Issued): void {
    this.ca.revoke(toHex(parseCertificate(der).serialNumber.content()), 1, new Date());
    this.ca.newCrls(new Date());
  }
}

const DAY = 86_400_000;

export const makeCa = (folder: string, name: string, crlBaseUrl?: string): Promise<LabCa> =>
  createLabCa(folder, {
    name,
    organization: 'Contoso',
    country: 'US',
    passphrase: 'x',
    now: new Date(),
    ...(crlBaseUrl !== undefined && { crlBaseUrl }),
  });

/** Serves the CRLs of a folder over HTTP until `down`. */
export class CrlServer {
  readonly server: Server;
  down = false;

  private constructor(server: Server) {
    this.server = server;
  }

  static async start(folder: string): Promise<CrlServer> {
    const server = createServer((request, response) => {
      const file = join(folder, String(request.url).slice(1));
      if (crls.down || !existsSync(file)) response.writeHead(503).end();
      else response.writeHead(200, { 'Content-Type': 'application/pkix-crl' }).end(readFileSync(file));
    });
    const crls = new CrlServer(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return crls;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }
}
