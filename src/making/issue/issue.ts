import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Report } from '../../core/base/finding.ts';
import type { Crypto } from '../../core/base/ports.ts';
import { createBundleChecker } from '../../core/check/check-bundle.ts';
import type { CheckOptions } from '../../core/check/options.ts';
import { parseCertificate } from '../../core/x509/certificate.ts';
import type { CertificationRequest } from '../../core/x509/csr.ts';
import { subjectAltName } from '../../core/x509/extensions/subject-alt-name.ts';
import { formatIpAddress } from '../../core/x509/describe/general-name.ts';
import { ATTRIBUTE } from '../../core/x509/name.ts';
import { toPem } from '../encode/der.ts';
import { CA_FILES, type LabCa, LabCaError } from './lab-ca.ts';
import type { LedgerEntry } from './ledger.ts';

type Fleet = NonNullable<CheckOptions['fleet']>;

/** What is to be issued. */
export interface Wanted {
  /** What the report calls it. */
  readonly name: string;
  /** DER Name and SubjectPublicKeyInfo. */
  readonly subject: Uint8Array;
  readonly subjectPublicKeyInfo: Uint8Array;
  /** DNS names and IP addresses. */
  readonly names: readonly string[];
  readonly days: number;
  /** Whether the certificate says where its CRL lies. */
  readonly crl: boolean;
  readonly role?: 'sensor' | 'ha' | undefined;
  /** The key file and its passphrase, where they are at hand: they are judged, too. */
  readonly key?: Uint8Array | undefined;
  readonly passphrase?: string | Uint8Array | undefined;
  /** Issue what is unsupported, too. */
  readonly allowUnsupported?: boolean;
  /** Called when all is well and before anything is entered: brings a key that was made for this to the disk. */
  readonly keepKey?: () => void;
}

export interface Issued {
  /** How the certificate would be judged, or is. */
  readonly report: Report;
  /** DER; undefined where the report speaks against it. */
  readonly certificate: Uint8Array | undefined;
}

/**
 * Signs a certificate and issues it only where `check` accepts it: what is refused appears neither in the ledger nor
 * anywhere else.
 * @throws {LabCaError} where the CA ends before the certificate would
 */
export async function issue(ca: LabCa, wanted: Wanted, now: Date, crypto: Crypto): Promise<Issued> {
  const notAfter = new Date(now.getTime() + wanted.days * 86_400_000);
  const end = new Date(parseCertificate(ca.issuing.certificate).notAfter.seconds * 1000);
  if (notAfter > end) {
    throw new LabCaError(
      `The CA itself is valid until ${day(end)}, the certificate would be until ${day(notAfter)}. Ask for fewer days.`,
    );
  }
  if (ca.crlsDue(now)) ca.newCrls(now);
  const crlUrl = wanted.crl ? ca.crlUrl : undefined;
  const certificate = ca.sign({
    subject: wanted.subject,
    subjectPublicKeyInfo: wanted.subjectPublicKeyInfo,
    names: wanted.names,
    // A clock that is a little behind must not make a new certificate one of the future.
    notBefore: new Date(now.getTime() - 5 * 60_000),
    notAfter,
    crlUrl,
  });
  const crls = [CA_FILES.issuingCrl, CA_FILES.rootCrl].map((name) => readFileSync(join(ca.folder, name)));
  const check = createBundleChecker(
    {
      at: now,
      trust: [ca.root.certificate],
      fleet: fleetOf(ca.ledger(), commonNameOf(certificate)),
      ...(crlUrl === undefined ? { crl: 'off' as const } : { crl: 'on' as const, crls }),
      ...(wanted.role !== undefined && { role: wanted.role }),
    },
    crypto,
  );
  const files = { key: wanted.key, passphrase: wanted.passphrase };
  const chain = Buffer.from(ca.chainPem, 'latin1');
  const report = await check({ crt: Buffer.from(toPem('CERTIFICATE', certificate)), chain, ...files }, wanted.name);
  const good = report.verdict === 'accepted' || (report.verdict === 'unsupported' && wanted.allowUnsupported === true);
  if (good) {
    wanted.keepKey?.();
    ca.record(certificate, now);
  }
  return { report, certificate: good ? certificate : undefined };
}

const day = (at: Date): string => at.toISOString().slice(0, 10);

const commonNameOf = (der: Uint8Array): string | undefined => parseCertificate(der).subject.all(ATTRIBUTE.CN)[0]?.text;

/** What a request or certificate is for: dNSName and iPAddress entries, as text. @throws {DerError} */
export function namesOf(signed: Pick<CertificationRequest, 'extensions'>): string[] {
  const names = signed.extensions.get(subjectAltName)?.names ?? [];
  return names.flatMap((name) =>
    name.kind === 'dNSName' ? [name.value] : name.kind === 'iPAddress' ? [formatIpAddress(name.octets)] : [],
  );
}

/**
 * What this CA issued, as the rules on uniqueness see it: an appliance is known by its CN, so a renewal is no conflict,
 * and a key that went from one appliance to another is.
 */
function fleetOf(ledger: readonly LedgerEntry[], commonName: string | undefined): Fleet {
  const issued = ledger.flatMap((entry) => (entry.event === 'issued' ? [entry] : []));
  const matches = (which: (entry: (typeof issued)[number]) => boolean) =>
    issued.filter(which).map((entry) => ({
      appliance: entry.commonName ?? entry.subject,
      active: true,
      same: commonName !== undefined && entry.commonName?.toLowerCase() === commonName.toLowerCase(),
    }));
  return {
    withCommonName: (name) => matches((entry) => entry.commonName?.toLowerCase() === name),
    withCertificate: (fingerprint) => matches((entry) => entry.fingerprint === fingerprint),
    withKey: (fingerprint) => matches((entry) => entry.key === fingerprint),
  };
}

/** The common name first, then the other names of a request or certificate, each once. @throws {DerError} */
export function namesFor(request: Pick<CertificationRequest, 'subject' | 'extensions'>): string[] {
  const commonName = request.subject.all(ATTRIBUTE.CN)[0]?.text;
  return [...new Set([...(commonName === undefined ? [] : [commonName]), ...namesOf(request)])];
}
