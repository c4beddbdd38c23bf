import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import type { Crypto } from '../../src/core/base/ports.ts';
import { TAG, contextConstructed, contextPrimitive } from '../../src/core/der/tags.ts';
import { checkRevocation } from '../../src/core/revocation/check-revocation.ts';
import { openCrl, type OpenCrl } from '../../src/core/revocation/open-crl.ts';
import type { CrlTrust, RevocationAnswer } from '../../src/core/revocation/question.ts';
import { Certificate } from '../../src/core/x509/certificate.ts';
import { resolveSignature } from '../../src/core/x509/signature-scheme.ts';
import { signatureOctets } from '../../src/core/x509/signed.ts';
import { signCertificate } from '../../src/making/issue/certificate-fields.ts';
import {
  boolean,
  concat,
  explicit,
  integer,
  oid,
  octetString,
  sequence,
  time,
  tlv,
} from '../../src/making/encode/der.ts';
import {
  authorityKeyIdentifierExtension,
  basicConstraintsExtension,
  keyUsageExtension,
  type KeyUsageName,
  subjectKeyIdentifierExtension,
} from '../../src/making/encode/extension-fields.ts';
import { keyIdentifier } from '../../src/making/issue/key-identifier.ts';
import { spkiOf } from '../../src/making/issue/key.ts';
import { encodeName } from '../../src/making/encode/name-fields.ts';
import { signed, signingAlgorithm } from '../../src/making/issue/sign.ts';
import { nodeCrypto } from '../../src/platform/crypto/node-crypto.ts';

export const AT = Math.floor(Date.UTC(2026, 5, 15, 12) / 1000);
export const at = (days: number): Date => new Date((AT + days * 86_400) * 1000);

export interface Authority {
  readonly name: string;
  readonly key: KeyObject;
  readonly certificate: Certificate;
}

export const nameOf = (text: string): Uint8Array => encodeName([['2.5.4.3', text]]);

export const ecKey = (): KeyObject => generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;

/** A CA, self-signed or below `parent`. */
export function authority(
  name: string,
  parent?: Authority,
  options: { key?: KeyObject; usage?: readonly KeyUsageName[] | null; cA?: boolean; extensions?: Uint8Array[] } = {},
): Authority {
  const key = options.key ?? ecKey();
  const spki = spkiOf(key);
  const usage = options.usage === undefined ? (['keyCertSign', 'cRLSign'] as const) : options.usage;
  const der = signCertificate(
    {
      serialNumber: BigInt(`0x${Buffer.from(keyIdentifier(spki)).toString('hex').slice(0, 14)}`),
      issuer: nameOf(parent?.name ?? name),
      subject: nameOf(name),
      notBefore: at(-100),
      notAfter: at(1000),
      subjectPublicKeyInfo: spki,
      extensions: [
        basicConstraintsExtension(options.cA ?? true),
        ...(usage === null ? [] : [keyUsageExtension(usage)]),
        subjectKeyIdentifierExtension(keyIdentifier(spki)),
        authorityKeyIdentifierExtension(keyIdentifier(parent === undefined ? spki : spkiOf(parent.key))),
        ...(options.extensions ?? []),
      ],
    },
    signingAlgorithm(parent?.key ?? key),
  );
  return { name, key, certificate: Certificate.parse(der) };
}

const leafKey = ecKey();

/** An end-entity certificate. */
export function leaf(issuer: Authority, serialNumber: bigint, extensions: readonly Uint8Array[] = []): Certificate {
  const der = signCertificate(
    {
      serialNumber,
      issuer: nameOf(issuer.name),
      subject: nameOf('sensor.contoso.com'),
      notBefore: at(-10),
      notAfter: at(300),
      subjectPublicKeyInfo: spkiOf(leafKey),
      extensions: [basicConstraintsExtension(false), ...extensions],
    },
    signingAlgorithm(issuer.key),
  );
  return Certificate.parse(der);
}

export const extension = (dotted: string, critical: boolean, value: Uint8Array): Uint8Array =>
  sequence(oid(dotted), ...(critical ? [boolean(true)] : []), octetString(value));

export const reason = (code: number): Uint8Array =>
  extension('2.5.29.21', false, tlv(TAG.ENUMERATED, Uint8Array.of(code)));

export const directoryName = (name: string): Uint8Array => tlv(contextConstructed(4), nameOf(name));
export const uri = (text: string): Uint8Array => tlv(contextPrimitive(6), Buffer.from(text, 'latin1'));

export const certificateIssuer = (name: string): Uint8Array =>
  extension('2.5.29.29', true, sequence(directoryName(name)));

const flags = (bits: number): Uint8Array => {
  // Two octets hold bits 0 to 8; the trailing zero bits are dropped.
  const octets = [0, 0];
  for (let bit = 0; bit < 16; bit++) if (bits & (1 << bit)) octets[bit >> 3]! |= 0x80 >> (bit & 7);
  while (octets.length > 0 && octets.at(-1) === 0) octets.pop();
  const last = octets.at(-1) ?? 0;
  const unused = last === 0 ? 0 : Math.log2(last & -last);
  return Uint8Array.of(unused, ...octets);
};

export interface PointFields {
  readonly names?: readonly Uint8Array[];
  readonly reasons?: number;
  readonly crlIssuer?: string;
}

/** cRLDistributionPoints. */
export const distributionPoints = (...points: readonly PointFields[]): Uint8Array =>
  extension(
    '2.5.29.31',
    false,
    sequence(
      ...points.map(({ names, reasons, crlIssuer }) =>
        sequence(
          ...(names === undefined ? [] : [explicit(0, explicit(0, ...names))]),
          ...(reasons === undefined ? [] : [tlv(contextPrimitive(1), flags(reasons))]),
          ...(crlIssuer === undefined ? [] : [tlv(contextConstructed(2), directoryName(crlIssuer))]),
        ),
      ),
    ),
  );

export interface ScopeFields {
  readonly names?: readonly Uint8Array[];
  readonly user?: boolean;
  readonly ca?: boolean;
  readonly reasons?: number;
  readonly indirect?: boolean;
  readonly attribute?: boolean;
}

/** issuingDistributionPoint. */
export const issuingDistributionPoint = (scope: ScopeFields): Uint8Array => {
  const flag = (number: number, on: boolean | undefined): Uint8Array[] =>
    on === true ? [tlv(contextPrimitive(number), Uint8Array.of(0xff))] : [];
  return extension(
    '2.5.29.28',
    true,
    sequence(
      ...(scope.names === undefined ? [] : [explicit(0, explicit(0, ...scope.names))]),
      ...flag(1, scope.user),
      ...flag(2, scope.ca),
      ...(scope.reasons === undefined ? [] : [tlv(contextPrimitive(3), flags(scope.reasons))]),
      ...flag(4, scope.indirect),
      ...flag(5, scope.attribute),
    ),
  );
};

export interface Entry {
  readonly serial: bigint;
  readonly extensions?: readonly Uint8Array[];
}

export interface CrlOptions {
  readonly number?: bigint;
  readonly base?: bigint;
  readonly revoked?: readonly (bigint | Entry)[];
  readonly scope?: ScopeFields;
  /** In days from AT. */
  readonly from?: number;
  readonly to?: number | null;
  readonly extensions?: readonly Uint8Array[];
  readonly signer?: KeyObject;
}

export function crlDer(issuer: Authority, options: CrlOptions = {}): Uint8Array {
  const { number = 1n, base, revoked = [], scope, from = -1, to = 7 } = options;
  const algorithm = signingAlgorithm(options.signer ?? issuer.key);
  const entries = revoked.map((entry) => {
    const { serial, extensions = [] } = typeof entry === 'bigint' ? { serial: entry } : entry;
    return sequence(integer(serial), time(at(-2)), ...(extensions.length === 0 ? [] : [sequence(...extensions)]));
  });
  const tbs = sequence(
    integer(1),
    algorithm.identifier,
    nameOf(issuer.name),
    time(at(from)),
    ...(to === null ? [] : [time(at(to))]),
    ...(entries.length === 0 ? [] : [sequence(...entries)]),
    explicit(
      0,
      sequence(
        authorityKeyIdentifierExtension(keyIdentifier(spkiOf(options.signer ?? issuer.key))),
        extension('2.5.29.20', false, integer(number)),
        ...(base === undefined ? [] : [extension('2.5.29.27', true, integer(base))]),
        ...(scope === undefined ? [] : [issuingDistributionPoint(scope)]),
        ...(options.extensions ?? []),
      ),
    ),
  );
  return signed(tbs, algorithm);
}

export const crl = (issuer: Authority, options?: CrlOptions): OpenCrl => openCrl(crlDer(issuer, options));

/** Flips one bit of the signature. */
export function forged(der: Uint8Array): Uint8Array {
  const copy = concat([der]);
  copy[copy.length - 3]! ^= 1;
  return copy;
}

export function trustIn(signers: readonly Authority[], crypto: Crypto = nodeCrypto): CrlTrust {
  return {
    verifySignature(list, signer) {
      const { list: certificateList } = list;
      const how = resolveSignature(certificateList.signatureAlgorithm, signer.subjectPublicKeyInfo);
      if (how.problem !== undefined) return false;
      return crypto.verify(how.scheme, how.key, certificateList.tbs.der(), signatureOctets(certificateList));
    },
    crlSigners: (name) => signers.map(({ certificate }) => certificate).filter(({ subject }) => subject.equals(name)),
  };
}

/** The answer, and that it is the same whichever way round the CRLs come. */
export function ask(
  certificate: Certificate,
  issuer: Authority,
  crls: readonly OpenCrl[],
  options: { signers?: readonly Authority[]; at?: number } = {},
): RevocationAnswer {
  const question = {
    certificate,
    issuer: issuer.certificate,
    at: options.at ?? AT,
    trust: trustIn(options.signers ?? []),
  };
  const answer = checkRevocation({ ...question, crls });
  const reversed = checkRevocation({ ...question, crls: crls.toReversed() });
  if (answer.status !== reversed.status) throw new Error(`the order decides: ${answer.status}, ${reversed.status}`);
  return answer;
}
