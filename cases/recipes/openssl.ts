import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeTlv, inside, parseTlv, type Tlv } from './tlv.ts';

/** A folder for openssl's files, gone when the recipes are done. */
export const workshop = mkdtempSync(join(tmpdir(), 'certgate-cases-'));
process.on('exit', () => rmSync(workshop, { recursive: true, force: true }));

export const path = (name: string): string => join(workshop, name);
export const read = (name: string): string => readFileSync(path(name), 'latin1');
export const write = (name: string, data: string | Uint8Array): string => {
  writeFileSync(path(name), data);
  return path(name);
};

/** Runs openssl in the workshop; a failure shows what openssl said. */
export function openssl(...args: string[]): Buffer {
  return execFileSync('openssl', args, { cwd: workshop, stdio: ['ignore', 'pipe', 'pipe'] });
}

let files = 0;
export const fresh = (suffix: string): string => `f${++files}.${suffix}`;

/** A private key in PKCS#8 PEM, made once per name. */
export function key(name: string, ...algorithm: string[]): string {
  const file = `${name}.key`;
  if (!made.has(file)) {
    openssl('genpkey', ...(algorithm.length > 0 ? algorithm : rsa(2048)), '-out', file);
    made.add(file);
  }
  return file;
}
const made = new Set<string>();
export const rsa = (bits: number): string[] => ['-algorithm', 'RSA', '-pkeyopt', `rsa_keygen_bits:${bits}`];
export const ec = (curve: string): string[] => [
  '-algorithm',
  'EC',
  '-pkeyopt',
  `ec_paramgen_curve:${curve}`,
  '-pkeyopt',
  'ec_param_enc:named_curve',
];

/** A certificate and the key that signs with it. */
export interface Authority {
  /** PEM file in the workshop. */
  readonly crt: string;
  readonly key: string;
}

export interface Order {
  /** `/C=US/O=…`, openssl's form. */
  readonly subject: string;
  readonly key: string;
  /** Undefined: self-signed. */
  readonly by?: Authority;
  /** Lines of an openssl extensions section. */
  readonly extensions?: readonly string[];
  /** YYYYMMDDHHMMSSZ. */
  readonly from?: string;
  readonly to?: string;
  /** `sha256` unless told otherwise. */
  readonly digest?: string;
  readonly signing?: readonly string[];
}

/** Issues with `openssl ca`, which knows fixed dates; the PEM file in the workshop. */
export function issue(order: Order): string {
  const csr = fresh('csr');
  const crt = fresh('crt');
  const blank = write('req.cnf', '[req]\ndistinguished_name=dn\nprompt=no\nutf8=yes\nstring_mask=utf8only\n[dn]\n');
  openssl('req', '-new', '-config', blank, '-key', order.key, '-subj', order.subject, '-out', csr);
  const database = write(fresh('db'), '');
  write(`${database.slice(workshop.length + 1)}.attr`, 'unique_subject = no\n');
  const config = write(
    fresh('cnf'),
    `[ca]\ndefault_ca=x\n[x]\ndatabase=${database}\nnew_certs_dir=${workshop}\nrand_serial=yes\nemail_in_dn=yes\npreserve=yes\npolicy=any\ndefault_md=${order.digest ?? 'sha256'}\nunique_subject=no\nstring_mask=utf8only\n` +
      `[any]\n${POLICY}\n[ext]\n${(order.extensions ?? []).join('\n')}\n`,
  );
  const signer =
    order.by === undefined ? ['-selfsign', '-keyfile', order.key] : ['-cert', order.by.crt, '-keyfile', order.by.key];
  const dates = ['-startdate', order.from ?? '20260101000000Z', '-enddate', order.to ?? '20280101000000Z'];
  openssl(
    'ca',
    '-batch',
    '-notext',
    '-utf8',
    '-config',
    config,
    '-in',
    csr,
    '-out',
    crt,
    '-extensions',
    'ext',
    ...signer,
    ...dates,
    ...(order.signing ?? []),
  );
  return crt;
}

const POLICY = [
  'countryName',
  'stateOrProvinceName',
  'localityName',
  'organizationName',
  'organizationalUnitName',
  'commonName',
  'emailAddress',
]
  .map((name) => `${name}=optional`)
  .join('\n');

/** Changes the signed part of a certificate as no CA would, and signs it again with the right key. */
export function alter(crt: string, signer: string, change: (tbs: Tlv, certificate: Tlv) => void): string {
  const certificate = parseTlv(derOf(crt));
  const fields = inside(certificate);
  change(fields[0]!, certificate);
  const tbs = write(fresh('tbs'), encodeTlv(fields[0]!));
  const signature = openssl('dgst', '-sha256', '-sign', signer, tbs);
  fields[2] = { tag: 0x03, value: Buffer.concat([Uint8Array.from([0]), signature]) };
  const out = fresh('crt');
  write(out, pemOf('CERTIFICATE', encodeTlv(certificate)));
  return out;
}

export const derOf = (pemFile: string): Buffer =>
  Buffer.from(read(pemFile).replace(/-----[^-]+-----|\s/g, ''), 'base64');

export const pemOf = (label: string, der: Uint8Array): string =>
  `-----BEGIN ${label}-----\n${Buffer.from(der)
    .toString('base64')
    .replace(/.{1,64}/g, '$&\n')}-----END ${label}-----\n`;
