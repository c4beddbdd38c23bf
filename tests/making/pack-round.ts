import { spawn } from 'node:child_process';
import { createHash, createPrivateKey, createPublicKey } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { identify } from '../../src/core/files/identify.ts';
import { parseCsr } from '../../src/core/x509/csr.ts';
import { issue, namesFor } from '../../src/making/issue/issue.ts';
import { createLabCa, type LabCa } from '../../src/making/issue/lab-ca.ts';
import { toPem } from '../../src/making/encode/der.ts';
import { writePkcs7 } from '../../src/making/convert/pkcs7.ts';
import { parseCertificate } from '../../src/core/x509/certificate.ts';
import { nodeCrypto } from '../../src/platform/crypto/node-crypto.ts';
import { certgate, PROGRAM } from '../cli/program.ts';

/** A site through the real program, there and back, killed in the middle of making and of taking in. */
export interface Round {
  readonly appliances: number;
  readonly bits: 2048 | 4096;
  readonly kills: number;
}

export interface Figures {
  /** Keys on the disk when each kill fell. */
  readonly keysAtKills: readonly number[];
  readonly lost: number;
  readonly doubled: number;
  readonly ready: number;
  readonly secondsToMake: number;
  readonly secondsToImport: number;
}

const nameOf = (i: number): string => `sensor-${String(i + 1).padStart(3, '0')}`;

export function siteCsv(count: number): string {
  const rows = Array.from(
    { length: count },
    (_, i) => `${nameOf(i)},${nameOf(i)}.contoso.com,sensor,Plant 7,Contoso Inc.,OT Security,US`,
  );
  return ['name,host name,role,site,O,OU,C', ...rows, ''].join('\n');
}

/** Keys by appliance: the SHA-256 of what lies on the disk. */
function keysOf(pack: string): Map<string, string> {
  const folder = join(pack, 'appliances');
  const names = existsSync(folder) ? readdirSync(folder) : [];
  const digest = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex');
  return new Map(
    names.flatMap((name) => {
      const path = join(folder, name, `${name}.key`);
      return existsSync(path) ? [[name, digest(path)] as const] : [];
    }),
  );
}

/** Starts the program and kills it when `when` says so; true where it had to. */
function killedWhen(args: readonly string[], cwd: string, when: () => boolean): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [PROGRAM, ...args], { cwd, stdio: 'ignore' });
    const look = setInterval(() => when() && child.kill('SIGKILL'), 2);
    child.once('error', reject);
    child.once('exit', (_, signal) => {
      clearInterval(look);
      resolve(signal === 'SIGKILL');
    });
  });
}

export async function runPackRound(folder: string, { appliances, bits, kills }: Round): Promise<Figures> {
  const pack = join(folder, 'pack');
  writeFileSync(join(folder, 'site.csv'), siteCsv(appliances));
  const make = ['pack', 'new', 'site.csv', 'pack', '--bits', String(bits)];
  const seen = new Map<string, string>();
  const keysAtKills: number[] = [];
  let changed = 0;
  const compare = (): void => {
    for (const [name, digest] of keysOf(pack)) {
      if (seen.has(name) && seen.get(name) !== digest) changed += 1;
      seen.set(name, digest);
    }
  };
  const started = performance.now();
  for (let i = 1; i <= kills; i++) {
    const enough = Math.floor((appliances * i) / (kills + 1));
    await killedWhen(make, folder, () => keysOf(pack).size >= enough);
    compare();
    keysAtKills.push(keysOf(pack).size);
  }
  const made = certgate([...make, '--format', 'json'], { cwd: folder });
  if (made.code !== 0) throw new Error(`pack new: ${made.code} ${made.stderr}`);
  compare();
  const secondsToMake = (performance.now() - started) / 1000;
  const publicKeys = publicKeysOf(pack);

  await signAll(folder, pack);
  const arrived = (): boolean =>
    existsSync(join(pack, 'appliances', nameOf(appliances >> 1), `${nameOf(appliances >> 1)}.crt`));
  await killedWhen(['pack', 'import', 'pack'], folder, arrived);
  compare();
  const before = performance.now();
  const imported = certgate(['pack', 'import', 'pack', '--trust', 'ca/root.crt', '--format', 'json'], { cwd: folder });
  if (imported.code !== 0) throw new Error(`pack import: ${imported.code} ${imported.stderr}\n${imported.stdout}`);
  compare();
  const manifest = JSON.parse(imported.stdout) as { appliances: { state: string; publicKeySha256: string }[] };
  return {
    keysAtKills,
    lost: appliances - seen.size + changed,
    doubled: appliances - new Set(publicKeys.values()).size,
    ready: manifest.appliances.filter(({ state }) => state === 'ready').length,
    secondsToMake: round(secondsToMake),
    secondsToImport: round((performance.now() - before) / 1000),
  };
}

const round = (seconds: number): number => Math.round(seconds * 10) / 10;

/** Opens every key with its passphrase; a key that does not open, or is not the one of its request, is lost. */
function publicKeysOf(pack: string): Map<string, string> {
  const keys = new Map<string, string>();
  for (const name of readdirSync(join(pack, 'appliances'))) {
    const at = (ending: string): string => join(pack, 'appliances', name, `${name}.${ending}`);
    const passphrase = readFileSync(at('passphrase.txt'), 'utf8').trim();
    const privateKey = createPrivateKey({ key: readFileSync(at('key')), passphrase });
    const spki = createPublicKey(privateKey as unknown as string).export({ type: 'spki', format: 'der' });
    const request = readRequest(join(pack, 'requests', `${name}.csr`));
    if (!spki.equals(request.subjectPublicKeyInfo.element.der())) throw new Error(`${name}: request and key differ`);
    keys.set(name, spki.toString('base64'));
    const leftOver = readdirSync(join(pack, 'appliances', name)).filter((file) => file.startsWith('.'));
    if (leftOver.length > 0) throw new Error(`${name}: left over ${leftOver.join()}`);
  }
  return keys;
}

const readRequest = (path: string) => parseCsr(identify(readFileSync(path)).blocks[0]!.der);

/** The CA's side: signs every request, and sends the answers back as CAs do: under names of its own, some in a zip, some as PKCS#7. */
async function signAll(folder: string, pack: string): Promise<void> {
  const ca: LabCa = await createLabCa(join(folder, 'ca'), {
    name: 'Contoso',
    organization: 'Contoso Inc.',
    country: 'US',
    passphrase: 'Lab-Passphrase-1',
    now: new Date(),
  });
  const out = join(folder, 'answers');
  mkdirSync(join(out, 'bundle'), { recursive: true });
  for (const [i, name] of readdirSync(join(pack, 'requests')).entries()) {
    const request = readRequest(join(pack, 'requests', name));
    const { certificate } = await issue(
      ca,
      {
        name,
        subject: request.subject.element.der(),
        subjectPublicKeyInfo: request.subjectPublicKeyInfo.element.der(),
        names: namesFor(request),
        days: 365,
        crl: false,
      },
      new Date(),
      nodeCrypto,
    );
    const der = certificate!;
    const serial = Buffer.from(parseCertificate(der).serialNumber.content()).toString('hex');
    if (i % 3 === 0) writeFileSync(join(out, `${serial}.cer`), der);
    else if (i % 3 === 1) writeFileSync(join(out, `${serial}.p7b`), writePkcs7([der, ca.issuing.certificate]));
    else writeFileSync(join(out, 'bundle', `${serial}.txt`), toPem('CERTIFICATE', der));
  }
  writeFileSync(join(out, 'our chain.pem'), ca.chainPem);
  const { execFileSync } = await import('node:child_process');
  execFileSync('zip', ['-q', '-r', join(folder, 'bundle.zip'), 'bundle'], { cwd: out });
  rmSync(join(out, 'bundle'), { recursive: true });
  renameSync(join(folder, 'bundle.zip'), join(out, 'bundle.zip'));
  mkdirSync(join(pack, 'replies'), { recursive: true });
  for (const name of readdirSync(out)) renameSync(join(out, name), join(pack, 'replies', name));
}
