import type { Element } from '../der/element.ts';
import { DerError } from '../der/errors.ts';
import { TAG } from '../der/tags.ts';
import { toHex } from '../der/values.ts';
import { isPlainName } from './plain-name.ts';
import { UPPER_BOUNDS } from './upper-bounds.data.ts';
import type { Certificate, Time } from '../x509/certificate.ts';
import type { Extension } from '../x509/extension.ts';
import { authorityKeyIdentifier } from '../x509/extensions/authority-key-identifier.ts';
import { subjectKeyIdentifier } from '../x509/extensions/subject-key-identifier.ts';
import { deviationsOf, knownExtension } from '../x509/known-extensions.ts';
import type { Name } from '../x509/name.ts';

/** One departure from RFC 5280. */
export interface Flaw {
  readonly status: 'refused' | 'unsupported' | 'warning';
  readonly path: string;
  readonly element?: Element;
  readonly offset?: number;
  readonly found: string;
  readonly message: string;
  readonly fix?: string;
}

const NONE: readonly Flaw[] = [];

/** Everything that RFC 5280 forbids and that can be seen in the certificate alone, worst first. */
export function flawsOf(certificate: Certificate): readonly Flaw[] {
  const flaws: Flaw[] = [];
  checkFields(certificate, flaws);
  checkExtensions(certificate, flaws);
  return flaws.length === 0 ? NONE : limited(flaws.sort((a, b) => WEIGHT[a.status] - WEIGHT[b.status]));
}

// A certificate made to hurt has 50 000 of them; nobody reads more, and the report must not become larger than the file.
const MOST_FLAWS = 100;

function limited(flaws: readonly Flaw[]): readonly Flaw[] {
  const next = flaws[MOST_FLAWS];
  if (next === undefined) return flaws;
  const rest = `${flaws.length - MOST_FLAWS} more flaws`;
  const { status, path } = next;
  const last: Flaw = { status, path, found: rest, message: `The certificate has ${rest}; only the first are listed.` };
  return [...flaws.slice(0, MOST_FLAWS), last];
}

const WEIGHT = { refused: 0, unsupported: 1, warning: 2 } as const;

function checkFields(certificate: Certificate, flaws: Flaw[]): void {
  const { serialNumber: serial, version } = certificate;
  checkName(certificate.issuer, 'tbsCertificate.issuer', flaws);
  checkName(certificate.subject, 'tbsCertificate.subject', flaws);
  readable('tbsCertificate.subjectPublicKeyInfo', flaws, () => certificate.subjectPublicKeyInfo.bits);
  if (version !== 3) {
    const spelledOut = version === 1 && certificate.versionElement !== undefined;
    flaws.push({
      // Version 1 is the default, which DER leaves out.
      status: spelledOut ? 'refused' : 'unsupported',
      path: 'tbsCertificate.version',
      ...(certificate.versionElement !== undefined && { element: certificate.versionElement }),
      found: `version ${version}`,
      message: `The certificate is X.509 version ${version}, which knows no extensions: without subjectAltName current clients refuse it.`,
      fix: 'Have the CA issue a version 3 certificate; with openssl 3: openssl x509 -req -in sensor.csr -CA ca.crt -CAkey ca.key -sha256 -days 365 -copy_extensions copy -out sensor.crt',
    });
  }
  // RFC 5280 §4.1.2.2: a positive integer of at most 20 octets.
  const first = serial.bytes[serial.contentOffset]!;
  const negative = first >= 0x80;
  const zero = serial.contentLength === 1 && first === 0;
  if (negative || zero || serial.contentLength > 20) {
    const found = zero
      ? 'serial number 0'
      : negative
        ? 'a negative serial number'
        : `a serial number of ${serial.contentLength} octets`;
    flaws.push({
      status: 'unsupported',
      path: 'tbsCertificate.serialNumber',
      element: serial,
      found: `${found} (${toHex(serial.content().subarray(0, 24))})`,
      message: `The certificate has ${found}; it must be positive and at most 20 octets long.`,
    });
  }
  checkTime(certificate.notBefore, 'notBefore', flaws);
  checkTime(certificate.notAfter, 'notAfter', flaws);
}

// RFC 5280 §4.1.2.5: "validity dates through the year 2049 as UTCTime; … in 2050 or later MUST be encoded as GeneralizedTime".
const YEAR_2050 = 2524608000;
const YEAR_1950 = -631152000;

function checkTime({ element, seconds }: Time, field: string, flaws: Flaw[]): void {
  if (element.tag === TAG.UTC_TIME || seconds >= YEAR_2050 || seconds < YEAR_1950) return;
  flaws.push({
    status: 'unsupported',
    path: `tbsCertificate.validity.${field}`,
    element,
    found: 'GeneralizedTime before 2050',
    message: `The date ${field} is written as GeneralizedTime, which is only allowed from 2050 on.`,
  });
}

function checkName(name: Name, path: string, flaws: Flaw[]): void {
  if (isPlainName(name.element)) return;
  readable(path, flaws, () => {
    for (const rdn of name.rdns) {
      for (const attribute of rdn) {
        const { oid, value } = attribute;
        // Only these can hold octets that are no text.
        const { tag } = value;
        const fallible =
          tag === TAG.UTF8_STRING ? !isAscii(value) : tag === TAG.BMP_STRING || tag === TAG.UNIVERSAL_STRING;
        if (fallible) void attribute.text;
        const most = UPPER_BOUNDS[oid];
        if (most === undefined || value.contentLength <= most) continue;
        const length = [...attribute.text].length;
        if (length <= most) continue;
        flaws.push({
          status: 'warning',
          path,
          element: attribute.element,
          found: `${attribute.shortName} of ${length} characters`,
          message: `${attribute.shortName} has ${length} characters; RFC 5280 allows ${most}.`,
          fix: `Use a shorter ${attribute.shortName} in the next request.`,
        });
      }
    }
  });
}

function isAscii({ bytes, contentOffset, end }: Element): boolean {
  for (let i = contentOffset; i < end; i++) if (bytes[i]! >= 0x80) return false;
  return true;
}

function checkExtensions(certificate: Certificate, flaws: Flaw[]): void {
  const { list } = certificate.extensions;
  let authority = false;
  let subject = false;
  let repeated = false;
  for (let i = 0; i < list.length; i++) {
    const extension = list[i]!;
    authority ||= extension.oid === authorityKeyIdentifier.oid;
    subject ||= extension.oid === subjectKeyIdentifier.oid;
    checkExtension(extension, flaws);
    // Quick for the ten of a real certificate; a thousand of one kind end it at the second.
    for (let j = 0; j < i && !repeated; j++) repeated = list[j]!.oid === extension.oid;
  }
  if (repeated) for (const extension of certificate.extensions.duplicates()) reportDuplicate(extension, flaws);
  // RFC 5280 §4.2.1.1: the authority key identifier may be left out of self-signed certificates only.
  if (!authority && !certificate.subject.element.sameBytes(certificate.issuer.element)) missing('authority', flaws);
  if (!subject) missing('subject', flaws);
}

function checkExtension(extension: Extension, flaws: Flaw[]): void {
  const type = knownExtension(extension.oid);
  if (type === undefined && !extension.critical) return;
  if (type !== undefined && isInOrder(extension)) return;
  const name = type?.name ?? extension.oid;
  const path = `tbsCertificate.extensions.${name}`;
  if (type === undefined) {
    flaws.push({
      status: 'refused',
      path,
      element: extension.element,
      found: `critical extension ${extension.oid}`,
      message: `The certificate has a critical extension that nobody here knows (${extension.oid}); "critical" means: refuse what you do not understand.`,
      fix: 'Have the CA issue the certificate without that extension, or with the extension not critical.',
    });
    return;
  }
  readable(path, flaws, () => {
    for (const { code, offset, message } of deviationsOf(extension)) {
      flaws.push({
        status: NOT_DER.has(code) ? 'refused' : 'unsupported',
        path,
        offset,
        found: message,
        message: `The extension ${name} is oddly encoded: ${message}.`,
      });
    }
  });
}

function isInOrder(extension: Extension): boolean {
  try {
    return deviationsOf(extension).length === 0;
  } catch (error) {
    if (error instanceof DerError) return false;
    throw error;
  }
}

/** X.690 §11 leaves one encoding for each value: these are others. */
const NOT_DER: ReadonlySet<string> = new Set(['default-encoded', 'not-minimal']);

function reportDuplicate(extension: Extension, flaws: Flaw[]): void {
  const name = knownExtension(extension.oid)?.name ?? extension.oid;
  if (flaws.some(({ element }) => element === extension.element)) return;
  flaws.push({
    status: 'refused',
    path: `tbsCertificate.extensions.${name}`,
    element: extension.element,
    found: `${name} twice`,
    message: `The certificate has the extension ${name} more than once; which one counts?`,
  });
}

function missing(whose: 'authority' | 'subject', flaws: Flaw[]): void {
  flaws.push({
    status: 'warning',
    path: 'tbsCertificate.extensions',
    found: `no ${whose}KeyIdentifier`,
    message: `The certificate has no ${whose} key identifier: with several CAs of the same name, readers must try each of them.`,
    fix: `Have the CA add it; with openssl, in the extensions section: ${whose}KeyIdentifier = ${whose === 'subject' ? 'hash' : 'keyid'}`,
  });
}

/** Runs `read`; what it throws becomes a refusal. */
function readable(path: string, flaws: Flaw[], read: () => unknown): void {
  try {
    read();
  } catch (error) {
    if (!(error instanceof DerError)) throw error;
    flaws.push({
      status: 'refused',
      path,
      offset: error.offset,
      found: error.message,
      message: `A field of the certificate is damaged (${path}): ${error.message}.`,
    });
  }
}
