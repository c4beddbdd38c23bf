import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bytesOf, type Case, parseCase } from '../../cases/case.ts';
import { judgeCase } from '../../cases/judge.ts';
import type { Finding, Report } from '../../src/core/base/finding.ts';
import { createBundleChecker } from '../../src/core/check/check-bundle.ts';
import { RunFleet } from '../../src/core/check/run-fleet.ts';
import { toHex } from '../../src/core/der/values.ts';
import { identify } from '../../src/core/files/identify.ts';
import { parseCertificate } from '../../src/core/x509/certificate.ts';
import type { Animal } from '../../src/making/issue/zoo/animal.ts';
import { CN, Park } from '../../src/making/issue/zoo/park.ts';
import { animalsOf } from '../../src/making/issue/zoo/zoo.ts';
import { nodeCrypto } from '../../src/platform/crypto/node-crypto.ts';
import type { FleetFacts } from '../../web/src/check/request.ts';
import { json } from '../e2e/administrator.ts';
import { requires } from '../requires.ts';
import { Console } from './console.ts';
import { type Issued, Plant } from './plant.ts';
import { askInPage, type Question } from './page-engine.ts';

const folder = join(import.meta.dirname, '../../cases');
const at = new Date(Math.floor(Date.now() / 1000) * 1000);
const bytes = (file: string | Uint8Array | undefined): Uint8Array | undefined =>
  typeof file === 'string' ? new TextEncoder().encode(file) : file;

describe.skipIf(!requires('chromium'))('the check in the page says what the server says', { timeout: 60_000 }, () => {
  let web: Console;
  let page: Page;
  let park: Park;
  let animals: Animal[];
  beforeAll(async () => {
    [web, park] = await Promise.all([Console.start({ CERTGATE_CRL_HOSTS: '127.0.0.1' }), Park.open(at)]);
    [page, animals] = await Promise.all([web.open('/preflight'), animalsOf(park, 20_000)]);
  });
  afterAll(() => web.stop());

  test('on every golden case', async () => {
    const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.case'));
    const cases = names.map((name) => parseCase(readFileSync(join(folder, name), 'utf8'), name));
    expect(cases.length).toBeGreaterThan(60);
    const [here, there] = await Promise.all([
      Promise.all(cases.map((golden, i) => judgeCase(golden, nodeCrypto, names[i]!))),
      askInPage(
        page,
        cases.map((golden, i) => questionOf(golden, names[i]!)),
      ),
    ]);
    for (const [i, report] of there.entries()) expect(report, names[i]).toEqual(plain(here[i]!));
  });

  test('on every animal of the zoo', async () => {
    // What only a server brings is fetched by a server; here nobody fetches.
    const asked = animals.map((animal) => ({ animal, question: zooQuestion(animal) }));
    expect(asked.length).toBeGreaterThan(70);
    const [here, there] = await Promise.all([
      Promise.all(asked.map(({ question }) => onServer(question))),
      askInPage(
        page,
        asked.map(({ question }) => question),
      ),
    ]);
    for (const [i, { animal }] of asked.entries()) expect(there[i], animal.name).toEqual(plain(here[i]!));
  });

  test('on trust anchors, roles, profiles, times to come and a fleet', async () => {
    const { crt, key, chain } = parts(animals.find(({ name }) => name === 'all-in-order')!);
    const circumstances = { at: at.toISOString(), crl: 'off', name: 'x', hostname: CN } as const;
    const root = chain!;
    const match = { appliance: 'Other', active: true, same: false };
    const questions: Question[] = [
      { crt: crt!, key, chain, circumstances, trust: [root] },
      { crt: crt!, key, circumstances, trust: [root] },
      { crt: crt!, key, chain, circumstances, trust: [] },
      { crt: crt!, key, chain, circumstances: { ...circumstances, role: 'ha', profile: 'defender-iot-strict' } },
      { crt: crt!, key, chain, circumstances: { ...circumstances, at: '2050-01-01T00:00:00Z' } },
      { crt: crt!, circumstances: { ...circumstances, upload: true } },
      {
        crt: crt!,
        key,
        chain,
        circumstances: { ...circumstances, fleet: { commonName: [match], certificate: [match], key: [match] } },
      },
    ];
    const here = await Promise.all(questions.map(onServer));
    expect(await askInPage(page, questions)).toEqual(here.map(plain));
  });

  test('on an upload, with anchors, CRLs and fleet of the server: good, revoked, and the CRL server down', async () => {
    const plant = await Plant.make(join(web.folder, 'ca'), 'Contoso Root');
    const administrator = await web.setUp();
    const certificate = readFileSync(plant.root, 'utf8');
    const { fingerprint256: fingerprint } = new X509Certificate(certificate);
    const added = await administrator.curl('/api/v1/anchors', ...json('POST', { certificate, fingerprint }));
    expect(added.status, added.text).toBe(201);
    const signedIn = await web.enter('/');
    const forUpload = { crl: 'on', role: 'sensor', upload: true } as const;
    const outcomes: string[][] = [];
    let first: Issued | undefined;
    for (const [host, before] of [
      ['good.contoso.com', () => {}],
      ['revoked.contoso.com', (issued: Issued) => plant.revoke(issued)],
      ['down.contoso.com', () => void (plant.crls.down = true)],
      ['twin.contoso.com', () => {}],
    ] as const) {
      // Half a day, so that no day ends between the page and the server.
      const own = host !== 'twin.contoso.com';
      const base = own ? host : 'good.contoso.com';
      const issued = own ? await plant.issue(host, { to: 400.5 * 86_400_000 }) : first!;
      first ??= issued;
      before(issued);
      const body = { name: host, hostname: host, crl: 'on' };
      const { id } = (await administrator.curl('/api/v1/appliances', ...json('POST', body))).json;
      const question = {
        crt: new Uint8Array(readFileSync(issued.crt)),
        key: new Uint8Array(readFileSync(issued.key)),
        chain: new Uint8Array(readFileSync(join(plant.ca.folder, 'chain.pem'))),
        appliance: id,
        circumstances: { ...forUpload, at: new Date().toISOString(), hostname: host, name: base },
      } as const;
      // As people do: first the page, then the upload.
      const [inPage] = await askInPage(signedIn, [question]);
      const form = { base, chain: 'chain.pem', fields: ['crl=on'] };
      const answer = await administrator.upload(id, plant.ca.folder, form);
      const path = `/api/v1/appliances/${id}/uploads/${answer.json.uploadId}`;
      const server = (await administrator.curl(path)).json.report as Report;
      expect(inPage!.findings, host).toEqual(server.findings);
      const problems = server.findings.filter(({ status }) => !['pass', 'not-applicable'].includes(status));
      outcomes.push(problems.map(({ status, rule }) => `${status} ${rule}`));
    }
    expect(outcomes[0]).toEqual([]);
    expect(outcomes[1]).toContain('refused revocation-status');
    // The list of before serves.
    expect(outcomes[2]).toContain('warning crl-reachable');
    expect(outcomes[3]).toEqual(
      expect.arrayContaining(['refused fleet-unique-certificate', 'refused fleet-unique-key']),
    );
    plant.stop();
  });

  describe('but for keys that a browser cannot open', () => {
    // The whole list: whatever else openssl writes, the page opens as the server does.
    const lacking = ['des-cbc', 'des-ede3-cbc', 'camellia-256-cbc', 'aria-256-cbc'];
    const having = ['aes-128-cbc', 'aes-256-cbc', 'rc2-cbc', 'rc2-40-cbc', 'scrypt'];
    const about = ['key-file', 'key-passphrase', 'key-matches-crt', 'key-length', 'key-weak'];

    test('these are not checked, and the report says that the server can', async () => {
      const questions = [...lacking, ...having].map((cipher) => encrypted(cipher));
      const here = (await Promise.all(questions.map(onServer))).map(plain);
      const there = await askInPage(page, questions);
      for (const [i, cipher] of lacking.entries()) {
        const [server, browser] = [here[i]!, there[i]!];
        expect(others(browser), cipher).toEqual(others(server));
        const file = browser.findings.find(({ rule }) => rule === 'key-file')!;
        expect(file, cipher).toMatchObject({ status: 'not-checked' });
        expect(file.message).toMatch(/which a browser cannot open; the server can/);
        expect(file.fix).toMatch(/the server opens such a key at the upload/);
        for (const { rule, status } of browser.findings.filter(isAboutKey))
          expect(['not-checked', 'not-applicable', statusOf(server, rule)], `${cipher} ${rule}`).toContain(status);
        expect(browser.complete).toBe(false);
      }
      expect(there.slice(lacking.length)).toEqual(here.slice(lacking.length));
    });

    const isAboutKey = ({ rule }: Finding): boolean => about.includes(rule);
    const others = ({ findings }: Report) => findings.filter((finding) => !isAboutKey(finding));
    const statusOf = ({ findings }: Report, rule: string) => findings.find((one) => one.rule === rule)?.status;

    function encrypted(cipher: string): Question {
      const { crt, key, chain } = parts(animals.find(({ name }) => name === 'all-in-order')!);
      const how = cipher === 'scrypt' ? ['-scrypt', '-scrypt_N', '4096'] : ['-v2', cipher];
      const legacy = ['-provider', 'legacy', '-provider', 'default'];
      const file = execFileSync('openssl', ['pkcs8', '-topk8', ...legacy, ...how, '-passout', 'pass:secret'], {
        input: key,
        stdio: ['pipe', 'pipe', 'ignore'],
      });
      const circumstances = { at: at.toISOString(), crl: 'off', name: cipher } as const;
      return { crt: crt!, key: new Uint8Array(file), chain, passphrase: 'secret', circumstances };
    }
  });

  /** A bundle of the zoo as the program would be asked about it; of two in a folder the first, the other as its fleet. */
  function zooQuestion(animal: Animal): Question {
    const { passphrase, hostname, crl = 'off', crlFiles } = animal.asking ?? {};
    const { crt, key, chain } = parts(animal);
    const fleet = fleetOf(animal);
    return {
      crt: crt!,
      key,
      chain,
      passphrase,
      crls: crlFiles?.map((file) => bytes(animal.files[file])!),
      circumstances: {
        at: at.toISOString(),
        crl,
        name: animal.name,
        ...(hostname !== undefined && { hostname }),
        ...(fleet !== undefined && { fleet }),
      },
    };
  }
});

const HALLS = ['hall-1', 'hall-2'];

/** The three files of an animal; where it is two bundles, those of the first. */
function parts({ files }: Animal): Pick<Question, 'key' | 'chain'> & { readonly crt: Uint8Array | undefined } {
  const of = (name: string) => bytes(files[name] ?? files[`${HALLS[0]}/${name}`]);
  return { crt: of('sensor.crt'), key: of('sensor.key'), chain: of('chain.pem') };
}

/** What the first of two bundles has in common with the second. */
function fleetOf({ files }: Animal): FleetFacts | undefined {
  const [mine, other] = HALLS.map((hall) => bytes(files[`${hall}/sensor.crt`]));
  if (mine === undefined || other === undefined) return undefined;
  const fleet = new RunFleet(nodeCrypto);
  fleet.add(`${HALLS[1]}/sensor.crt`, other);
  const seen = fleet.without(`${HALLS[0]}/sensor.crt`);
  const certificate = parseCertificate(identify(mine).blocks[0]!.der);
  const sha256 = (octets: Uint8Array) => toHex(nodeCrypto.digest('sha256', octets));
  return {
    commonName: seen.withCommonName(CN),
    certificate: seen.withCertificate(sha256(certificate.der)),
    key: seen.withKey(sha256(certificate.subjectPublicKeyInfo.element.der())),
  };
}

/** What structured cloning leaves of it. */
const plain = (report: Report): Report => structuredClone(report);

function questionOf({ files, options }: Case, name: string): Question {
  const all = (section: string): Uint8Array[] | undefined => {
    const found = files.filter((file) => file.section === section).map(bytesOf);
    return found.length === 0 ? undefined : found;
  };
  const { passphrase, ...circumstances } = options;
  return {
    crt: all('crt')![0]!,
    key: all('key')?.[0],
    chain: all('chain')?.[0],
    passphrase,
    circumstances: { ...circumstances, name },
    trust: all('trust'),
    crls: all('crl-file'),
  };
}

/** The same question, asked of the engine with Node's crypto, as the server asks it. */
function onServer({ crt, key, chain, passphrase, circumstances, trust, crls }: Question): Promise<Report> {
  const { fleet, ...rest } = circumstances;
  const check = createBundleChecker(
    {
      ...rest,
      ...(trust !== undefined && { trust }),
      ...(crls !== undefined && { crls }),
      ...(fleet !== undefined && {
        fleet: {
          withCommonName: () => fleet.commonName,
          withCertificate: () => fleet.certificate,
          withKey: () => fleet.key,
        },
      }),
    },
    nodeCrypto,
  );
  return check({ crt, key, chain, passphrase });
}
