import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ChainInput, PathValidator } from '../src/core/path/validate.ts';
import { nodeCrypto } from '../src/platform/crypto/node-crypto.ts';
import {
  caExtensions,
  certificate,
  dnsName,
  type Key,
  makeKey,
  makeRsaKey,
  NOON,
  serverExtensions,
  toPem,
} from '../tests/paths/forge.ts';
import type { Bench, Contender } from './harness.ts';

const LEAVES = 200;

/** Root, issuing CA, and server certificates under it. */
interface Material {
  readonly root: Buffer;
  readonly ca: Buffer;
  readonly leaves: readonly Buffer[];
}

function material(newKey: () => Key): Material {
  const [rootKey, caKey, leafKey] = [newKey(), newKey(), newKey()];
  const root = certificate({
    subject: 'CN=Root',
    issuer: 'CN=Root',
    key: rootKey,
    signer: rootKey,
    extensions: caExtensions(rootKey, rootKey),
  });
  const ca = certificate({
    subject: 'CN=CA',
    issuer: 'CN=Root',
    key: caKey,
    signer: rootKey,
    extensions: caExtensions(caKey, rootKey),
  });
  const leaves = Array.from({ length: LEAVES }, (_, i) =>
    certificate({
      subject: `CN=sensor-${i}.example`,
      issuer: 'CN=CA',
      key: leafKey,
      signer: caKey,
      serial: i + 1,
      extensions: serverExtensions(leafKey, caKey, dnsName(`sensor-${i}.example`)),
    }),
  );
  return { root, ca, leaves };
}

const validator = ({ root }: Material): PathValidator =>
  new PathValidator({ trustAnchors: [root], profile: 'appliance' }, { crypto: nodeCrypto });

const question = ({ ca }: Material, leaf: Buffer, i: number): ChainInput => ({
  leaf,
  intermediates: [ca],
  at: new Date(NOON * 1000),
  purpose: 'server',
  peerNames: [{ kind: 'dns', value: `sensor-${i}.example` }],
});

function ours(name: string, made: Material, warm: boolean): Contender {
  const kept = validator(made);
  return {
    name,
    count: LEAVES,
    run: () => {
      for (const [i, leaf] of made.leaves.entries()) {
        const { valid } = (warm ? kept : validator(made)).validate(question(made, leaf, i));
        if (!valid) throw new Error(`${name}: refused`);
      }
    },
  };
}

/** CPU µs of `openssl verify` for all, its own start-up and the reading of one taken off. */
function openssl(name: string, { root, ca, leaves }: Material): Contender {
  const folder = mkdtempSync(join(tmpdir(), 'certgate-bench-'));
  process.once('exit', () => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'root.pem'), toPem(root));
  writeFileSync(join(folder, 'ca.pem'), toPem(ca));
  for (const [i, leaf] of leaves.entries()) writeFileSync(join(folder, `${i}.pem`), toPem(leaf));
  const cpu = (files: number): number => {
    const list = Array.from({ length: files }, (_, i) => `${i}.pem`).join(' ');
    const verify = `openssl verify -attime ${NOON} -purpose sslserver -CAfile root.pem -untrusted ca.pem ${list}`;
    const script = `TIMEFORMAT='%3U %3S'; { time ${verify} >/dev/null 2>&1; } 2>&1`;
    const out = execFileSync('bash', ['-c', script], { cwd: folder, encoding: 'utf8' });
    const [user = 0, system = 0] = out.trim().split(' ').map(Number);
    return user + system;
  };
  return { name, count: leaves.length - 1, run: () => (cpu(leaves.length) - cpu(1)) * 1e6 };
}

const rsa = material(() => makeRsaKey(2048));
const ec = material(makeKey);

const bench: Bench = {
  unit: 'chain of root, issuing CA and server certificate, the host name included; each certificate is a new one',
  reference: 'RSA 2048: openssl verify',
  contenders: [
    ours('RSA 2048: cold', rsa, false),
    ours('RSA 2048: CAs known', rsa, true),
    openssl('RSA 2048: openssl verify', rsa),
    ours('P-256: cold', ec, false),
    ours('P-256: CAs known', ec, true),
    openssl('P-256: openssl verify', ec),
  ],
};

export default bench;
