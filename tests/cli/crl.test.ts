import { readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { requires } from '../requires.ts';
import { certgateAside, type CheckJson, Lab, scratch, write } from './program.ts';

let folder: string;
let server: Server;
let asked: string[];
let answer: Uint8Array | undefined;

const CONFIG = `[ca]
default_ca = lab
[lab]
database = index.txt
crlnumber = crlnumber
default_md = sha256
default_crl_days = 30
`;

describe.skipIf(!requires('openssl'))('certgate check against a CRL', () => {
  beforeAll(async () => {
    folder = scratch();
    asked = [];
    server = createServer(({ url = '' }, response) => {
      asked.push(url);
      response.writeHead(answer === undefined ? 404 : 200, { 'content-type': 'application/pkix-crl' }).end(answer);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/ca.crl`;
    const lab = new Lab(folder);
    lab.issue('good', { cn: 'good.contoso.com', crl: url });
    lab.issue('revoked', { cn: 'revoked.contoso.com', crl: url });
    write(
      folder,
      'chain.pem',
      readFileSync(join(folder, 'ca.pem'), 'utf8') + readFileSync(join(folder, 'root.pem'), 'utf8'),
    );
    write(folder, 'ca.cnf', CONFIG);
    write(folder, 'index.txt', '');
    write(folder, 'crlnumber', '01\n');
    const ca = ['ca', '-config', 'ca.cnf', '-cert', 'ca.pem', '-keyfile', 'ca.key.pem'];
    lab.openssl(...ca, '-revoke', 'revoked.crt');
    lab.openssl(...ca, '-gencrl', '-out', 'ca.crl.pem');
    lab.openssl('crl', '-in', 'ca.crl.pem', '-outform', 'DER', '-out', 'ca.crl');
  }, 60_000);
  afterAll(() => {
    server.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** The refusals of one check, with a cache of CRLs of its own. */
  async function refusals(name: string, ...args: readonly string[]): Promise<string[]> {
    const bundle = ['--crt', `${name}.crt`, '--key', `${name}.key`, '--chain', 'chain.pem'];
    const env = { XDG_CACHE_HOME: scratch() };
    const { stdout } = await certgateAside(['check', ...bundle, '--format', 'json', ...args], folder, env);
    rmSync(env.XDG_CACHE_HOME, { recursive: true });
    const [report] = (JSON.parse(stdout) as CheckJson).reports;
    return report!.findings.filter(({ status }) => status === 'refused').map(({ rule }) => rule);
  }

  test('fetches it from where the certificate says, and refuses what is revoked', async () => {
    answer = readFileSync(join(folder, 'ca.crl'));
    expect(await refusals('good', '--crl', 'on')).toEqual([]);
    expect(await refusals('revoked', '--crl', 'on')).toEqual(['revocation-status']);
    expect(asked).toContain('/ca.crl');
  });
  test('refuses when nothing can be fetched', async () => {
    answer = undefined;
    expect(await refusals('good', '--crl', 'on')).toEqual(['crl-reachable']);
  });
  test('asks nobody with --crl-file, nor without --crl on', async () => {
    asked = [];
    for (const args of [
      ['--crl-file', 'ca.crl'],
      ['--crl-file', 'ca.crl.pem'],
      ['--crl', 'on', '--crl-file', 'ca.crl'],
    ]) {
      expect(await refusals('good', ...args)).toEqual([]);
      expect(await refusals('revoked', ...args)).toEqual(['revocation-status']);
    }
    expect(await refusals('revoked')).toEqual([]);
    expect(await refusals('revoked', '--crl', 'off')).toEqual([]);
    expect(asked).toEqual([]);
  });
  test('inspect says who signed it', async () => {
    const { stdout } = await certgateAside(['inspect', 'ca.crl', 'ca.pem'], folder, {});
    expect(stdout).toContain('Revoked certificates');
    expect(stdout).toContain('✓ ca.crl was signed by ca.pem.');
  });
  test('of a wildcard after --crl-file the CRLs are CRLs and the certificates certificates', async () => {
    const { stdout } = await certgateAside(
      ['check', '--format', 'json', '--crl-file', 'ca.crl', 'ca.crl', 'revoked.crt', 'revoked.key', 'chain.pem'],
      folder,
      {},
    );
    const { reports } = JSON.parse(stdout) as CheckJson;
    expect(reports.map(({ bundle, verdict }) => [bundle, verdict])).toEqual([['revoked.crt', 'refused']]);
  });
});
