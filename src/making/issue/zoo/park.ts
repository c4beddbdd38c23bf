import { generateKeyPair, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import { ATTRIBUTE } from '../../../core/x509/name.ts';
import { toPem } from '../../encode/der.ts';
import { signCertificate } from '../certificate-fields.ts';
import {
  authorityKeyIdentifierExtension,
  basicConstraintsExtension,
  crlDistributionPointsExtension,
  extKeyUsageExtension,
  keyUsageExtension,
  subjectAltNameExtension,
  subjectKeyIdentifierExtension,
} from '../../encode/extension-fields.ts';
import { keyIdentifier } from '../key-identifier.ts';
import { keyToPem, spkiOf } from '../key.ts';
import { type AttributeText, encodeName } from '../../encode/name-fields.ts';
import { APPLIANCE_EXTENDED_KEY_USAGE, APPLIANCE_KEY_USAGE } from '../../encode/request-info.ts';
import { type SigningAlgorithm, signingAlgorithm } from '../sign.ts';
import type { BundleParts } from './animal.ts';
import { closePrimesKey } from './weak-key.ts';

const generate = promisify(generateKeyPair);
const DAY = 86_400_000;

export interface Ca {
  readonly name: Uint8Array;
  readonly key: KeyObject;
  readonly certificate: Uint8Array;
  readonly serialNumber: bigint;
}

/** What an appliance's certificate in order is made of; recipes change one thing. */
export interface LeafFields {
  readonly subject: readonly AttributeText[];
  readonly key: KeyObject;
  readonly by: Ca;
  readonly serialNumber: bigint;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly algorithm: SigningAlgorithm;
  /** By name, so that a recipe can replace or drop one (undefined). In this order. */
  readonly extensions: Readonly<Record<string, Uint8Array | undefined>>;
}

export const CN = 'sensor.contoso.com';
const CA_SUBJECT: readonly AttributeText[] = [
  [ATTRIBUTE.C, 'US'],
  [ATTRIBUTE.O, 'Contoso Inc.'],
];

/** A subject in order, attributes replaced by short name; an empty text drops one. */
export function subject(changes: Partial<Record<'C' | 'O' | 'OU' | 'CN', string>> = {}): AttributeText[] {
  const parts = { C: 'US', O: 'Contoso Inc.', OU: 'Contoso Labs', CN, ...changes };
  return Object.entries(parts)
    .filter(([, text]) => text !== '')
    .map(([type, text]) => [ATTRIBUTE[type as keyof typeof parts], text] as const);
}

/** The keys of the zoo: few, since an RSA key takes its time, and made all at once. */
async function makeKeys() {
  const rsa = async (modulusLength: number, publicExponent = 0x10001): Promise<KeyObject> =>
    (await generate('rsa', { modulusLength, publicExponent })).privateKey;
  const elliptic = async (): Promise<KeyObject> => (await generate('ec', { namedCurve: 'P-256' })).privateKey;
  const names = ['root', 'issuing', 'stranger', 'sensor', 'other', 'short', 'odd', 'exponent3', 'elliptic', 'close'];
  const made = await Promise.all([
    rsa(2048),
    rsa(2048),
    rsa(2048),
    rsa(2048),
    rsa(2048),
    rsa(1024),
    rsa(3072),
    rsa(2048, 3),
    elliptic(),
    closePrimesKey(),
  ]);
  return Object.fromEntries(names.map((name, i) => [name, made[i]!])) as Record<KeyName, KeyObject>;
}

type KeyName =
  | 'root'
  | 'issuing'
  | 'stranger'
  | 'sensor'
  | 'other'
  | 'short'
  | 'odd'
  | 'exponent3'
  | 'elliptic'
  | 'close';

/** What all recipes share: a lab of root, issuing CA and one sensor, and the time it all is about. */
export class Park {
  readonly now: Date;
  readonly keys: Readonly<Record<KeyName, KeyObject>>;
  readonly root: Ca;
  readonly issuing: Ca;
  #serial = 0x1000n;

  constructor(now: Date, keys: Readonly<Record<KeyName, KeyObject>>) {
    this.now = now;
    this.keys = keys;
    this.root = this.ca({ name: 'Contoso Root CA', key: keys.root });
    this.issuing = this.ca({ name: 'Contoso Issuing CA', key: keys.issuing, by: this.root });
  }

  static async open(now: Date): Promise<Park> {
    // Certificates know whole seconds.
    return new Park(new Date(Math.floor(now.getTime() / 1000) * 1000), await makeKeys());
  }

  day(days: number): Date {
    return new Date(this.now.getTime() + days * DAY);
  }

  nextSerial(): bigint {
    return ++this.#serial;
  }

  /** A CA; without `by` it signs itself. */
  ca(fields: CaFields): Ca {
    const name = encodeName([...CA_SUBJECT, [ATTRIBUTE.CN, fields.name]]);
    const by = fields.by ?? { name, key: fields.key };
    const spki = spkiOf(fields.key);
    const serialNumber = this.nextSerial();
    const certificate = signCertificate(
      {
        serialNumber,
        issuer: by.name,
        notBefore: this.day(-2000),
        notAfter: this.day(fields.endsInDays ?? 3000),
        subject: name,
        subjectPublicKeyInfo: spki,
        extensions: [
          basicConstraintsExtension(fields.cA ?? true),
          keyUsageExtension(['keyCertSign', 'cRLSign']),
          subjectKeyIdentifierExtension(keyIdentifier(spki)),
          authorityKeyIdentifierExtension(keyIdentifier(spkiOf(by.key))),
          ...(fields.crlUrl === undefined ? [] : [crlDistributionPointsExtension([fields.crlUrl])]),
          ...(fields.more ?? []),
        ],
      },
      signingAlgorithm(by.key),
    );
    return { name, key: fields.key, certificate, serialNumber };
  }

  /** A sensor's certificate, DER: in order save for what is changed. */
  leaf(changes: Partial<LeafFields> & { readonly cn?: string } = {}): Uint8Array {
    const fields = this.#fields(changes);
    return signCertificate(
      {
        ...fields,
        issuer: fields.by.name,
        subject: encodeName(fields.subject),
        subjectPublicKeyInfo: spkiOf(fields.key),
        extensions: Object.values(fields.extensions).filter((one) => one !== undefined),
      },
      fields.algorithm,
    );
  }

  #fields({ cn = CN, extensions, ...changes }: Partial<LeafFields> & { readonly cn?: string }): LeafFields {
    const key = changes.key ?? this.keys.sensor;
    const by = changes.by ?? this.issuing;
    return {
      subject: subject({ CN: cn }),
      serialNumber: changes.serialNumber ?? this.nextSerial(),
      notBefore: this.day(-10),
      notAfter: this.day(355),
      algorithm: signingAlgorithm(by.key),
      ...changes,
      key,
      by,
      extensions: {
        basicConstraints: basicConstraintsExtension(false),
        keyUsage: keyUsageExtension(APPLIANCE_KEY_USAGE),
        extKeyUsage: extKeyUsageExtension(APPLIANCE_EXTENDED_KEY_USAGE),
        subjectAltName: subjectAltNameExtension([cn]),
        subjectKeyIdentifier: subjectKeyIdentifierExtension(keyIdentifier(spkiOf(key))),
        authorityKeyIdentifier: authorityKeyIdentifierExtension(keyIdentifier(spkiOf(by.key))),
        ...extensions,
      },
    };
  }

  /** The certificate, the sensor's key and the chain; what is given takes their place. */
  bundle(parts: BundleParts & { readonly folder?: string } = {}): Record<string, string | Uint8Array> {
    const { crt, key = keyToPem(this.keys.sensor), chain = this.chain(), folder } = parts;
    const at = (name: string): string => (folder === undefined ? name : `${folder}/${name}`);
    return {
      [at('sensor.crt')]: crt ?? pem(this.leaf()),
      [at('sensor.key')]: key,
      ...(chain !== '' && { [at('chain.pem')]: chain }),
    };
  }

  chain(...cas: readonly Ca[]): string {
    return (cas.length === 0 ? [this.issuing, this.root] : cas).map(({ certificate }) => pem(certificate)).join('');
  }
}

export interface CaFields {
  readonly name: string;
  readonly key: KeyObject;
  readonly by?: Ca;
  readonly cA?: boolean;
  readonly endsInDays?: number;
  readonly crlUrl?: string;
  readonly more?: readonly Uint8Array[];
}

export const pem = (der: Uint8Array): string => toPem('CERTIFICATE', der);
