import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Crypto } from '../../core/base/ports.ts';
import { createPrivateKey, type KeyObject } from 'node:crypto';
import { CrlServer } from './crl-server.ts';
import { PRIVATE, writeNew } from './durable-files.ts';
import { toPem } from '../encode/der.ts';
import { issue } from './issue.ts';
import { keyToPem, newKey, spkiOf } from './key.ts';
import { createLabCa, type LabCa, LabCaError, openLabCa } from './lab-ca.ts';
import { encodeName, subjectAttributes } from '../encode/name-fields.ts';
import { newPassphrase } from './passphrase.ts';

/** The three parties of the connections that certificates protect. */
const PARTIES = [
  { name: 'sensor', role: 'sensor' },
  { name: 'ha', role: 'ha' },
  { name: 'partner', role: undefined },
] as const;

export interface LabBundle {
  readonly name: string;
  readonly hostname: string;
  readonly crt: string;
  readonly key: string;
  readonly chain: string;
}

export interface Lab {
  readonly folder: string;
  readonly ca: LabCa;
  /** One passphrase for all its keys. */
  readonly passphraseFile: string;
  readonly root: string;
  readonly bundles: readonly LabBundle[];
  readonly server: CrlServer;
  /** Of the CRL of the issuing CA. */
  readonly crlUrl: string;
}

export interface LabOptions {
  readonly host: string;
  /** 0: a free one, which the certificates then name. A lab that exists keeps its port. */
  readonly port: number;
  readonly crypto: Crypto;
  readonly log?: (line: string) => void;
}

const CRL_DAYS = 7;

/**
 * A CA, its CRL server and three bundles that `check` accepts, names and addresses of this machine included, in one
 * folder. Where the folder holds such a lab it is completed, where needed, and served again.
 * The caller closes `server`.
 */
export async function openLab(folder: string, options: LabOptions): Promise<Lab> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const passphraseFile = join(folder, 'passphrase.txt');
  writeNew(passphraseFile, `${newPassphrase()}\n`, PRIVATE);
  const passphrase = readFileSync(passphraseFile, 'utf8').trim();
  const { ca, server } = await serveCa(join(folder, 'ca'), passphrase, options);
  try {
    const bundles: LabBundle[] = [];
    for (const party of PARTIES) bundles.push(await makeBundle({ folder, ca, passphrase }, party, options.crypto));
    const root = join(folder, 'ca', 'root.crt');
    return { folder, ca, passphraseFile, root, bundles, server, crlUrl: ca.crlUrl! };
  } catch (error) {
    await server.close();
    throw error;
  }
}

/** The port must be known before the CA's first certificate names it. */
async function serveCa(
  folder: string,
  passphrase: string,
  options: LabOptions,
): Promise<{ ca: LabCa; server: CrlServer }> {
  const { host, log } = options;
  const serve = (ca: LabCa, port: number): CrlServer =>
    new CrlServer(ca, { host, port, days: CRL_DAYS, ...(log !== undefined && { log }) });
  if (existsSync(join(folder, 'root.key'))) {
    const ca = openLabCa(folder, passphrase);
    const server = serve(ca, Number(new URL(ca.crlUrl ?? `http://${host}:${options.port}`).port || 80));
    await server.start();
    return { ca, server };
  }
  const port = await portToName(host, options.port);
  const ca = await createLabCa(folder, {
    name: 'Certgate Lab',
    organization: 'Certgate Lab',
    country: 'US',
    passphrase,
    now: new Date(),
    crlBaseUrl: `http://${host.includes(':') ? `[${host}]` : host}:${port}`,
  });
  const server = serve(ca, port);
  await server.start();
  return { ca, server };
}

/** The port itself, or for 0 a free one; certificates will name it, so that it must be to be had. */
async function portToName(host: string, port: number): Promise<number> {
  const { createServer } = await import('node:net');
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject);
    probe.listen(port, host, () => {
      const { port: found } = probe.address() as { port: number };
      probe.close(() => resolve(found));
    });
  });
}

interface Surroundings {
  readonly folder: string;
  readonly ca: LabCa;
  readonly passphrase: string;
}

async function makeBundle(
  { folder, ca, passphrase }: Surroundings,
  { name, role }: (typeof PARTIES)[number],
  crypto: Crypto,
): Promise<LabBundle> {
  const hostname = `${name}.lab.example`;
  const path = (ending: string): string => join(folder, name, `${name}.${ending}`);
  const bundle = { name, hostname, crt: path('crt'), key: path('key'), chain: path('pem') };
  if (existsSync(bundle.crt)) return bundle;
  mkdirSync(join(folder, name), { recursive: true, mode: 0o700 });
  const privateKey = await keyAt(bundle.key, passphrase);
  const { report, certificate } = await issue(
    ca,
    {
      name: hostname,
      subject: encodeName(
        subjectAttributes({
          country: 'US',
          organization: 'Certgate Lab',
          organizationalUnit: 'Training',
          commonName: hostname,
        }),
      ),
      subjectPublicKeyInfo: spkiOf(privateKey),
      names: [hostname, 'localhost', '127.0.0.1', '::1'],
      days: 365,
      crl: true,
      role,
      key: readFileSync(bundle.key),
      passphrase,
    },
    new Date(),
    crypto,
  );
  if (certificate === undefined) {
    throw new LabCaError(`The certificate of ${hostname} was not issued: ${report.findings[0]?.message}`);
  }
  writeNew(bundle.chain, ca.chainPem);
  writeNew(bundle.crt, toPem('CERTIFICATE', certificate));
  return bundle;
}

/** The key that lies there, or a new one. */
async function keyAt(path: string, passphrase: string): Promise<KeyObject> {
  if (!existsSync(path)) writeNew(path, keyToPem((await newKey(2048)).privateKey, passphrase), PRIVATE);
  return createPrivateKey({ key: readFileSync(path), passphrase });
}
