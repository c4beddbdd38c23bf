import type { Location } from '../base/finding.ts';
import type { FileCertificate } from '../files/bundle.ts';
import type { Certificate } from '../x509/certificate.ts';
import { isCaCertificate } from './certificate-facts.ts';
import { called, missingIssuerFix } from './chain-advice.ts';
import { type Ascent, sameOctets } from './chain-order.ts';
import { refused, unsupported, warning } from './define.ts';
import type { BundleSubject, Outcome } from './rule.ts';

const fileOf = ({ bundle }: BundleSubject): string => (bundle.chainFromCrt ? 'crt' : 'chain');
const placeOf = ({ file, block }: FileCertificate): Location => ({ file, block: block.index });

/** Writes a chain of what belongs to the certificate and nothing else, in order; out of a .crt that holds both, both. */
const tidy = ({ file }: FileCertificate): string =>
  file === 'chain'
    ? 'certgate convert sensor.crt chain.pem --only chain --out chain-new.pem'
    : 'certgate convert sensor.crt --name sensor-new';

/** The refusal where the way up ends before a root. */
export function broken(
  { end, top, path, impostor }: Ascent,
  subject: BundleSubject,
  pool: readonly Certificate[],
): Outcome {
  const issuer = called(top.issuer);
  const whose = top === subject.certificate ? 'the certificate' : called(top.subject);
  const location = { file: fileOf(subject) };
  const fix = () => missingIssuerFix(top, path.length === 0 ? 'first' : 'last');
  const required = `the certificate of ${top.issuer.toString()}`;
  if (end === 'issuer-wrong') {
    return refused({
      found: `${impostor!.subject.toString()} with another key`,
      required,
      location,
      message: `The chain holds a CA of the right name, ${issuer}, but it did not sign ${whose}: its key is another one. Perhaps the CA was renewed, and this is its old or its new certificate.`,
      fix: () =>
        `Ask your CA for the certificate of ${issuer} that signed this one, save it as issuer.crt; this must print OK: openssl verify -partial_chain -trusted issuer.crt sensor.crt. Then put it in place of the other.`,
    });
  }
  if (path.length > 0) {
    return refused({
      found: `the chain ends at ${top.subject.toString()}`,
      required: `a chain up to the root: ${required}`,
      location,
      message: `The chain ends at ${called(top.subject)}; its issuer ${issuer} is neither in the chain nor among the trusted roots.`,
      fix,
    });
  }
  const found = pool.map((one) => one.subject.toString()).join(' | ');
  // Two CAs may differ in another part of their names alone.
  const alike = pool.some((one) => called(one.subject) === issuer);
  const others = pool.map(({ subject: name }) => (alike ? `"${name.toString()}"` : called(name))).join(', ');
  const wanted = alike ? `"${top.issuer.toString()}"` : issuer;
  return refused({
    found: found === '' ? 'no CA certificate' : found,
    required,
    location,
    message: `The chain does not hold the issuer of ${whose}, ${wanted}; it holds ${others === '' ? 'no CA at all' : others}.`,
    fix,
  });
}

/** Nothing where the file lists the way up in its order. */
export function inWrongOrder({ path }: Ascent, distinct: readonly FileCertificate[]): Outcome[] {
  const places = path
    .map((one) => distinct.findIndex(({ certificate }) => certificate === one))
    .filter((place) => place >= 0);
  if (places.every((place, i) => i === 0 || place > places[i - 1]!)) return [];
  const order = distinct.map(({ certificate }) => certificate!.subject.toString()).join(' → ');
  return [
    unsupported({
      found: order,
      location: { file: distinct[0]!.file },
      message: `The chain is in the wrong order (${distinct.map(({ certificate }) => called(certificate!.subject)).join(', ')}); the issuer of the certificate must come first, the root last.`,
      fix: `Put it in order: ${tidy(distinct[0]!)}`,
    }),
  ];
}

// End-entity certificates are chain-file's to mention.
export const strangers = ({ path }: Ascent, distinct: readonly FileCertificate[]): Outcome[] =>
  distinct
    .filter(({ certificate }) => !path.includes(certificate!) && isCaCertificate(certificate!))
    .map((one) => {
      const { subject } = one.certificate!;
      return unsupported({
        found: subject.toString(),
        location: placeOf(one),
        message: `The chain also holds the CA ${called(subject)}, which has nothing to do with this certificate.`,
        fix: `Take it out of the chain: ${tidy(one)}`,
      });
    });

export const duplicates = (all: readonly FileCertificate[], distinct: readonly FileCertificate[]): Outcome[] =>
  all
    .filter((one) => !distinct.includes(one))
    .map((one) =>
      warning({
        found: `${one.certificate!.subject.toString()} again`,
        location: placeOf(one),
        message: `The certificate of ${called(one.certificate!.subject)} stands in the chain twice.`,
        fix: `Take one of them out: ${tidy(one)}`,
      }),
    );

/** The way up ends in a trust anchor (`--trust`) before the file itself has brought a root. */
export function rootElsewhere({ top, path }: Ascent, subject: BundleSubject, pool: readonly Certificate[]): Outcome {
  const location = { file: fileOf(subject) };
  const inFile = pool.some(({ der }) => sameOctets(der, top.der));
  if (!inFile && path.length === 1 && !top.isSelfIssued) {
    return refused({
      found: `issuer ${top.subject.toString()} only among the trusted certificates`,
      required: `the certificate of ${top.subject.toString()}`,
      location,
      message: `The chain does not hold the issuer of the certificate, ${called(top.subject)}; you trust that CA yourself, but the appliance only has the file.`,
      fix: () => missingIssuerFix(subject.certificate, 'first'),
    });
  }
  if (!inFile) {
    return warning({
      found: `root ${top.subject.toString()} only among the trusted roots`,
      location,
      message: `The root ${called(top.subject)} is not in the chain file, only among your trusted roots; the appliance wants it in the file.`,
      fix: 'Append the root: cat root-ca.crt >> chain.pem',
    });
  }
  return warning({
    found: `the chain ends at ${top.subject.toString()}, a trusted certificate that is no root`,
    location,
    message: `The chain ends at ${called(top.subject)}, which you trust; the appliance wants the way up to the root in the file.`,
    fix: () => missingIssuerFix(top, 'last'),
  });
}
