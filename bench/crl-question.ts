// One question to a CRL in a process of its own: node crl-question.mjs CRL ISSUER SERIAL MODE
import { readFileSync } from 'node:fs';
import { isSignedBy } from '../src/core/revocation/judge-crl.ts';
import { openCrl } from '../src/core/revocation/open-crl.ts';
import { Certificate } from '../src/core/x509/certificate.ts';
import { nodeCrypto } from '../src/platform/crypto/node-crypto.ts';

const [crlFile = '', issuerFile = '', serialHex = '', mode = 'question'] = process.argv.slice(2);
const serial = BigInt(`0x${serialHex}`);
const started = process.cpuUsage();
const spent = (): number => {
  const { user, system } = process.cpuUsage(started);
  return user + system;
};
const crl = openCrl(readFileSync(crlFile), { index: mode === 'index' ? 'now' : 'never' });
const opened = spent();
const said: Record<string, number> = { opened };
if (mode === 'question') {
  const issuer = Certificate.parse(readFileSync(issuerFile));
  if (!isSignedBy(crl, issuer, nodeCrypto) || !crl.isRevoked(serial).revoked) throw new Error('wrong answer');
} else {
  const LOOK_UPS = 1_000_000;
  const wanted = new Uint8Array(crl.entries.entryAt(crl.entries.offsets[0]!).userCertificate.content());
  const before = spent();
  let found = 0;
  for (let i = 0; i < LOOK_UPS; i++) {
    wanted[4] = i;
    wanted[5] = i >> 8;
    if (crl.find(wanted, crl.issuer) !== undefined) found++;
  }
  said['lookUp'] = (spent() - before) / LOOK_UPS;
  if (found > LOOK_UPS / 10 || !crl.isRevoked(serial).revoked) throw new Error('wrong answer');
}
const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
process.stdout.write(JSON.stringify({ ...said, cpu: userCPUTime + systemCPUTime, peakMiB: maxRSS / 1024 }));
