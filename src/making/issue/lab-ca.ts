import { createHash, createPrivateKey, type KeyObject } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { shellWord } from '../../core/base/shell-word.ts';
import { DerError } from '../../core/der/errors.ts';
import { toHex } from '../../core/der/values.ts';
import { parseCertificate } from '../../core/x509/certificate.ts';
import { parseCrl } from '../../core/x509/crl.ts';
import { cRLDistributionPoints } from '../../core/x509/extensions/crl-distribution-points.ts';
import { cRLNumber } from '../../core/x509/extensions/crl-number.ts';
import { ATTRIBUTE } from '../../core/x509/name.ts';
import {
  type CertificateFields,
  randomSerialNumber,
  type RevokedEntry,
  signCertificate,
  signCrl,
} from './certificate-fields.ts';
import { PRIVATE, PUBLIC, replaceFile, writeNew } from './durable-files.ts';
import { toPem } from '../encode/der.ts';
import {
  authorityKeyIdentifierExtension,
  basicConstraintsExtension,
  crlDistributionPointsExtension,
  crlNumberExtension,
  keyUsageExtension,
  subjectKeyIdentifierExtension,
} from '../encode/extension-fields.ts';
import { keyIdentifier } from './key-identifier.ts';
import { withLock } from './folder-lock.ts';
import { type KeySize, keyToPem, newKey, spkiOf } from './key.ts';
import { appendToLedger, type LedgerEntry, readLedger } from './ledger.ts';
import { type AttributeText, encodeName } from '../encode/name-fields.ts';
import { APPLIANCE_EXTENDED_KEY_USAGE, APPLIANCE_KEY_USAGE } from '../encode/request-info.ts';
import { extKeyUsageExtension, subjectAltNameExtension } from '../encode/extension-fields.ts';
import { signingAlgorithm } from './sign.ts';

const DAY = 86_400_000;

/** The files of a lab CA: a root, an issuing CA below it, their CRLs and the ledger of what was issued. */
export const CA_FILES = {
  rootCertificate: 'root.crt',
  rootKey: 'root.key',
  issuingCertificate: 'issuing.crt',
  issuingKey: 'issuing.key',
  chain: 'chain.pem',
  rootCrl: 'root.crl',
  issuingCrl: 'issuing.crl',
  ledger: 'ledger.jsonl',
} as const;

export interface LabCaOptions {
  readonly name: string;
  readonly organization: string;
  readonly country: string;
  /** Encrypts both keys. */
  readonly passphrase: string;
  readonly now: Date;
  readonly keySize?: KeySize;
  /** Where CRLs will be served, e.g. `http://crl.lab.example:8080`; absent: certificates name no distribution point. */
  readonly crlBaseUrl?: string;
}

export class LabCaError extends Error {
  override readonly name = 'LabCaError';
}

/** Makes a CA in an empty or new folder. @throws {LabCaError} where one lies there already. */
export async function createLabCa(folder: string, options: LabCaOptions): Promise<LabCa> {
  if (existsSync(join(folder, CA_FILES.rootKey))) {
    throw new LabCaError(`There is a CA in ${folder} already. Name another folder, or move that one away.`);
  }
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const { now, keySize = 2048 } = options;
  const [root, issuing] = await Promise.all([newKey(keySize), newKey(keySize)]);
  const named = (role: string): Uint8Array => encodeName(caName(options, role));
  const rootCertificate = signCertificate(
    {
      ...validity(now, 20 * 365),
      issuer: named('Root CA'),
      subject: named('Root CA'),
      subjectPublicKeyInfo: root.spki,
      extensions: caExtensions(root.spki, root.spki),
    },
    signingAlgorithm(root.privateKey),
  );
  const issuingCertificate = signCertificate(
    {
      ...validity(now, 10 * 365),
      issuer: named('Root CA'),
      subject: named('Issuing CA'),
      subjectPublicKeyInfo: issuing.spki,
      extensions: [
        ...caExtensions(issuing.spki, root.spki, 0),
        ...distributionPoint(options.crlBaseUrl, CA_FILES.rootCrl),
      ],
    },
    signingAlgorithm(root.privateKey),
  );
  const write = (name: string, text: string, mode: number): void => replaceFile(join(folder, name), text, mode);
  write(CA_FILES.rootCertificate, toPem('CERTIFICATE', rootCertificate), PUBLIC);
  write(CA_FILES.issuingCertificate, toPem('CERTIFICATE', issuingCertificate), PUBLIC);
  write(CA_FILES.chain, toPem('CERTIFICATE', issuingCertificate) + toPem('CERTIFICATE', rootCertificate), PUBLIC);
  write(CA_FILES.issuingKey, keyToPem(issuing.privateKey, options.passphrase), PRIVATE);
  // Last: where it lies, the CA is complete.
  if (!writeNew(join(folder, CA_FILES.rootKey), keyToPem(root.privateKey, options.passphrase), PRIVATE)) {
    throw new LabCaError(`Another CA was just made in ${folder}.`);
  }
  const ca = openLabCa(folder, options.passphrase);
  ca.newCrls(now);
  return ca;
}

const caName = ({ name, organization, country }: LabCaOptions, role: string): AttributeText[] => [
  ['2.5.4.6', country],
  ['2.5.4.10', organization],
  ['2.5.4.3', `${name} ${role}`],
];

const validity = (now: Date, days: number): Pick<CertificateFields, 'serialNumber' | 'notBefore' | 'notAfter'> => ({
  serialNumber: randomSerialNumber(),
  notBefore: new Date(now.getTime() - 5 * 60_000),
  notAfter: new Date(now.getTime() + days * DAY),
});

const caExtensions = (spki: Uint8Array, issuerSpki: Uint8Array, pathLen?: number): Uint8Array[] => [
  basicConstraintsExtension(true, pathLen),
  keyUsageExtension(['keyCertSign', 'cRLSign']),
  subjectKeyIdentifierExtension(keyIdentifier(spki)),
  authorityKeyIdentifierExtension(keyIdentifier(issuerSpki)),
];

const distributionPoint = (baseUrl: string | undefined, file: string): Uint8Array[] =>
  baseUrl === undefined ? [] : [crlDistributionPointsExtension([`${baseUrl.replace(/\/$/, '')}/${file}`])];

/** @throws {LabCaError} where there is no CA, or the passphrase is not the one of its keys. */
export function openLabCa(folder: string, passphrase: string): LabCa {
  if (!existsSync(join(folder, CA_FILES.rootKey))) {
    throw new LabCaError(`There is no CA in ${folder}. Make one with: certgate ca new ${shellWord(folder)}`);
  }
  return new LabCa(folder, passphrase);
}

export interface IssueOptions {
  /** DER Name and SubjectPublicKeyInfo, as the request has them. */
  readonly subject: Uint8Array;
  readonly subjectPublicKeyInfo: Uint8Array;
  /** DNS names and IP addresses. */
  readonly names: readonly string[];
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** Undefined: as the CA's own certificates do. */
  readonly crlUrl?: string | undefined;
}

export interface Issuer {
  readonly certificate: Uint8Array;
  readonly key: KeyObject;
}

/** A CA for labs and air gaps: keys in encrypted files, no revocation service but its CRLs. */
export class LabCa {
  readonly folder: string;
  readonly root: Issuer;
  readonly issuing: Issuer;

  constructor(folder: string, passphrase: string) {
    this.folder = folder;
    this.root = readIssuer(folder, CA_FILES.rootCertificate, CA_FILES.rootKey, passphrase);
    this.issuing = readIssuer(folder, CA_FILES.issuingCertificate, CA_FILES.issuingKey, passphrase);
  }

  get chainPem(): string {
    return readFileSync(join(this.folder, CA_FILES.chain), 'latin1');
  }

  ledger(): LedgerEntry[] {
    return readLedger(join(this.folder, CA_FILES.ledger));
  }

  /** Signs an appliance's certificate, DER; entered in the ledger by `record` once the caller is content with it. */
  sign(options: IssueOptions): Uint8Array {
    const { issuing } = this;
    const issuingSpki = spkiOf(issuing.key);
    return signCertificate(
      {
        serialNumber: randomSerialNumber(),
        issuer: parseCertificate(issuing.certificate).subject.element.der(),
        notBefore: options.notBefore,
        notAfter: options.notAfter,
        subject: options.subject,
        subjectPublicKeyInfo: options.subjectPublicKeyInfo,
        extensions: [
          basicConstraintsExtension(false),
          keyUsageExtension(APPLIANCE_KEY_USAGE),
          extKeyUsageExtension(APPLIANCE_EXTENDED_KEY_USAGE),
          subjectAltNameExtension(options.names),
          subjectKeyIdentifierExtension(keyIdentifier(options.subjectPublicKeyInfo)),
          authorityKeyIdentifierExtension(keyIdentifier(issuingSpki)),
          ...(options.crlUrl === undefined ? [] : [crlDistributionPointsExtension([options.crlUrl])]),
        ],
      },
      signingAlgorithm(issuing.key),
    );
  }

  /** Where this CA's certificates say that the issuing CA's CRL lies; undefined where the CA names none. */
  get crlUrl(): string | undefined {
    const points = parseCertificate(this.issuing.certificate).get(cRLDistributionPoints)?.points ?? [];
    const names = points.flatMap(({ distributionPoint }) => distributionPoint?.fullName?.names ?? []);
    const urls = names.flatMap((name) => (name.kind === 'uniformResourceIdentifier' ? [name.value] : []));
    return urls[0]?.replace(/[^/]*$/, CA_FILES.issuingCrl);
  }

  record(certificate: Uint8Array, now: Date): void {
    const { serialNumber, subject, subjectPublicKeyInfo, notBefore, notAfter } = parseCertificate(certificate);
    const commonName = subject.all(ATTRIBUTE.CN)[0]?.text;
    const entry: LedgerEntry = {
      event: 'issued',
      at: now.toISOString(),
      serial: serialHex(serialNumber.content()),
      subject: subject.toString(),
      notBefore: new Date(notBefore.seconds * 1000).toISOString(),
      notAfter: new Date(notAfter.seconds * 1000).toISOString(),
      fingerprint: sha256(certificate),
      key: sha256(subjectPublicKeyInfo.element.der()),
      ...(commonName !== undefined && { commonName }),
    };
    withLock(this.folder, () => this.#append(entry));
  }

  /** Enters a revocation; it takes effect with the next CRL. @throws {LabCaError} where the serial was never issued. */
  revoke(serial: string, reason: number, now: Date): void {
    const wanted = serial
      .toLowerCase()
      .replaceAll(/[:\s]/g, '')
      .replace(/^0+(?=.)/, '');
    withLock(this.folder, () => {
      const entries = this.ledger();
      if (!entries.some((entry) => entry.event === 'issued' && entry.serial === wanted)) {
        throw new LabCaError(`This CA issued no certificate with the serial number ${serial}.`);
      }
      if (entries.some((entry) => entry.event === 'revoked' && entry.serial === wanted)) {
        throw new LabCaError(`The certificate ${serial} is revoked already.`);
      }
      this.#append({ event: 'revoked', at: now.toISOString(), serial: wanted, reason });
    });
  }

  /** Whether the CRLs end within `aheadMs`, are not there, or do not yet say what the ledger does. */
  crlsDue(now: Date, aheadMs = 0): boolean {
    const entries = this.ledger();
    const last = entries.findLastIndex(({ event }) => event === 'crl');
    const entry = entries[last];
    if (entry?.event !== 'crl' || entries.slice(last).some(({ event }) => event === 'revoked')) return true;
    if (Date.parse(entry.nextUpdate) - aheadMs <= now.getTime()) return true;
    // The ledger is written first: a kill in between leaves CRLs that are older than it says.
    return [CA_FILES.issuingCrl, CA_FILES.rootCrl].some((name) => this.#numberOf(name) !== BigInt(entry.number));
  }

  /** Writes both CRLs anew (DER), under the next number. Returns the paths. */
  newCrls(now: Date, days = 7): string[] {
    return withLock(this.folder, () => {
      const entries = this.ledger();
      const numbers = entries.flatMap((entry) => (entry.event === 'crl' ? [BigInt(entry.number)] : []));
      const number = numbers.reduce((highest, next) => (next > highest ? next : highest), 0n) + 1n;
      const nextUpdate = new Date(now.getTime() + days * DAY);
      this.#append({ event: 'crl', at: now.toISOString(), number: `${number}`, nextUpdate: nextUpdate.toISOString() });
      const revoked = entries.flatMap((entry): RevokedEntry[] =>
        entry.event === 'revoked'
          ? [{ serialNumber: BigInt(`0x${entry.serial}`), revokedAt: new Date(entry.at), reason: entry.reason }]
          : [],
      );
      return [
        this.#writeCrl(CA_FILES.issuingCrl, this.issuing, { number, now, nextUpdate, revoked }),
        this.#writeCrl(CA_FILES.rootCrl, this.root, { number, now, nextUpdate, revoked: [] }),
      ];
    });
  }

  #numberOf(name: string): bigint | undefined {
    const path = join(this.folder, name);
    if (!existsSync(path)) return undefined;
    try {
      return parseCrl(readFileSync(path)).extensions.get(cRLNumber)?.value;
    } catch (error) {
      if (error instanceof DerError) return undefined;
      throw error;
    }
  }

  #writeCrl(
    name: string,
    issuer: Issuer,
    crl: { number: bigint; now: Date; nextUpdate: Date; revoked: readonly RevokedEntry[] },
  ): string {
    const der = signCrl(
      {
        issuer: parseCertificate(issuer.certificate).subject.element.der(),
        thisUpdate: crl.now,
        nextUpdate: crl.nextUpdate,
        revoked: crl.revoked,
        extensions: [
          authorityKeyIdentifierExtension(keyIdentifier(spkiOf(issuer.key))),
          crlNumberExtension(crl.number),
        ],
      },
      signingAlgorithm(issuer.key),
    );
    const path = join(this.folder, name);
    replaceFile(path, der);
    return path;
  }

  #append(entry: LedgerEntry): void {
    appendToLedger(join(this.folder, CA_FILES.ledger), entry);
  }
}

export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

const serialHex = (content: Uint8Array): string => toHex(content).replace(/^0+(?=.)/, '');

function readIssuer(folder: string, certificate: string, key: string, passphrase: string): Issuer {
  const pem = readFileSync(join(folder, certificate), 'latin1');
  const der = Buffer.from(pem.replaceAll(/-----[^-]+-----|\s/g, ''), 'base64');
  try {
    return { certificate: der, key: createPrivateKey({ key: readFileSync(join(folder, key)), passphrase }) };
  } catch {
    throw new LabCaError(`The passphrase does not open ${join(folder, key)}.`);
  }
}
