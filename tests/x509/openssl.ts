import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Runs `openssl` in a folder of its own that is gone afterwards; a `ca.key` (EC P-256) lies in it. */
export function withOpenssl<T>(use: (run: (...args: string[]) => Buffer, folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'certgate-x509-'));
  const run = (...args: string[]): Buffer =>
    execFileSync('openssl', args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  try {
    run('genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256', '-out', 'ca.key');
    return use(run, folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const CONFIG = `[req]
distinguished_name = name
prompt = no
[name]
C = DE
O = Contoso
CN = sensor.contoso.com
`;

/** A self-signed certificate with these extension lines (and sections they point to), DER. */
export const certificateWith = (extensions: string, sections = '', args: readonly string[] = []): Uint8Array =>
  withOpenssl((run, folder) => {
    writeFileSync(join(folder, 'c.cnf'), `${CONFIG}[ext]\n${extensions}\n${sections}`);
    run(
      'req',
      '-x509',
      '-new',
      '-key',
      'ca.key',
      '-config',
      'c.cnf',
      '-extensions',
      'ext',
      '-days',
      '30',
      '-outform',
      'DER',
      '-out',
      'c.der',
      ...args,
    );
    return new Uint8Array(readFileSync(join(folder, 'c.der')));
  });

/** A certification request with these extension lines, DER. */
export const requestWith = (extensions: string, attributes = ''): Uint8Array =>
  withOpenssl((run, folder) => {
    const config = CONFIG.replace('[name]', 'req_extensions = ext\nattributes = attributes\n[name]');
    writeFileSync(join(folder, 'c.cnf'), `${config}[attributes]\n${attributes}\n[ext]\n${extensions}\n`);
    run('req', '-new', '-key', 'ca.key', '-config', 'c.cnf', '-outform', 'DER', '-out', 'c.der');
    return new Uint8Array(readFileSync(join(folder, 'c.der')));
  });

/** A CRL with these serial numbers (hex) and reasons, and these extension lines, DER. */
export const crlWith = (
  entries: readonly (readonly [serial: string, reason: string])[],
  extensions: string,
): Uint8Array =>
  withOpenssl((run, folder) => {
    writeFileSync(
      join(folder, 'c.cnf'),
      `${CONFIG}[ext]\nbasicConstraints = critical,CA:TRUE\n
[ca]
default_ca = lab
[lab]
database = index.txt
crlnumber = crlnumber
default_md = sha256
[crl]
${extensions}
`,
    );
    run('req', '-x509', '-new', '-key', 'ca.key', '-config', 'c.cnf', '-extensions', 'ext', '-out', 'ca.crt');
    const lines = entries.map(
      ([serial, reason]) => `R\t300101000000Z\t260101000000Z,${reason}\t${serial}\tunknown\t/CN=x\n`,
    );
    writeFileSync(join(folder, 'index.txt'), lines.join(''));
    writeFileSync(join(folder, 'crlnumber'), '2A\n');
    run(
      'ca',
      '-gencrl',
      '-config',
      'c.cnf',
      '-crlexts',
      'crl',
      '-crldays',
      '7',
      '-keyfile',
      'ca.key',
      '-cert',
      'ca.crt',
      '-out',
      'crl.pem',
    );
    run('crl', '-in', 'crl.pem', '-outform', 'DER', '-out', 'crl.der');
    return new Uint8Array(readFileSync(join(folder, 'crl.der')));
  });

/** Every extension that openssl can write, in one certificate. */
export const EVERY_EXTENSION = {
  lines: `basicConstraints = critical,CA:TRUE,pathlen:3
keyUsage = critical,digitalSignature,keyCertSign,decipherOnly
extendedKeyUsage = serverAuth,clientAuth,1.2.3.4
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid:always,issuer:always
subjectAltName = DNS:sensor.contoso.com,IP:192.0.2.1,IP:2001:db8::1,URI:https://contoso.com/a,email:a@contoso.com,RID:1.2.3.4,otherName:1.3.6.1.4.1.311.20.2.3;UTF8:user@contoso.com,dirName:dir
issuerAltName = DNS:issuer.contoso.com
crlDistributionPoints = point1,point2
freshestCRL = URI:http://contoso.com/delta.crl
authorityInfoAccess = OCSP;URI:http://ocsp.contoso.com,caIssuers;URI:http://contoso.com/ca.cer
subjectInfoAccess = caRepository;URI:http://contoso.com/repository
nameConstraints = critical,permitted;DNS:contoso.com,permitted;IP:192.0.2.0/255.255.255.0,excluded;email:.evil.example
certificatePolicies = 1.2.3.4,@policy
policyMappings = 1.2.3.4:1.2.3.5
policyConstraints = requireExplicitPolicy:1,inhibitPolicyMapping:0
inhibitAnyPolicy = 2
1.2.3.4.5 = critical,DER:0500`,
  sections: `[dir]
C = DE
CN = directory
[point1]
fullname = URI:http://contoso.com/ca.crl
reasons = keyCompromise,CACompromise
CRLissuer = dirName:dir
[point2]
relativename = relative
[relative]
CN = part
[policy]
policyIdentifier = 1.3.5.8
CPS.1 = "https://contoso.com/cps"
userNotice.1 = @notice
[notice]
explicitText = "a notice"`,
};
