import { constants, sign } from 'node:crypto';
import { nullValue, oid, sequence } from '../../encode/der.ts';
import {
  basicConstraintsExtension,
  crlDistributionPointsExtension,
  EXTENDED_KEY_USAGE,
  extension,
  extKeyUsageExtension,
  keyUsageExtension,
  subjectAltNameExtension,
} from '../../encode/extension-fields.ts';
import { keyToPem } from '../key.ts';
import { encodeName } from '../../encode/name-fields.ts';
import { type SigningAlgorithm, signingAlgorithm } from '../sign.ts';
import type { Animal } from './animal.ts';
import { type Ca, CN, type Park, pem, subject } from './park.ts';

type Changes = NonNullable<Parameters<Park['leaf']>[0]>;
type Words = Pick<Animal, 'name' | 'why'> & Partial<Animal>;

/** One field of the certificate is wrong. */
export const fieldAnimals = (park: Park): Animal[] => [
  ...encoding(park),
  ...signatures(park),
  ...validity(park),
  ...keys(park),
  ...subjects(park),
  ...extensions(park),
];

/** The animal of a certificate that differs in `changes`; its rule is the beginning of its name. */
function certificate(
  park: Park,
  rule: string,
  [status, changes]: readonly ['refused' | 'unsupported' | 'warning', Changes],
  words: Words,
): Animal {
  const key = changes.key ?? park.keys.sensor;
  return {
    rule,
    files: park.bundle({ crt: pem(park.leaf(changes)), key: keyToPem(key) }),
    verdict: status === 'warning' ? 'accepted' : status,
    leads: `${status} ${rule}`,
    ...words,
  };
}

function encoding(park: Park): Animal[] {
  const rule = 'crt-well-formed';
  const unknown = extension('1.3.6.1.4.1.55555.1', nullValue(), true);
  return [
    certificate(park, rule, ['refused', { extensions: { again: keyUsageExtension(['digitalSignature']) } }], {
      name: 'crt-well-formed-extension-twice',
      why: 'The extension keyUsage stands in the certificate twice, so that two readers may read two things.',
    }),
    certificate(park, rule, ['refused', { extensions: { unknown } }], {
      name: 'crt-well-formed-unknown-critical',
      why: 'A company-internal extension is marked critical: whoever does not know it must refuse the certificate.',
    }),
    certificate(park, rule, ['unsupported', { serialNumber: 0n }], {
      name: 'crt-well-formed-serial-zero',
      why: 'The serial number is 0, as hand-made CAs like to begin.',
    }),
  ];
}

function signatures(park: Park): Animal[] {
  const by = park.issuing;
  const rule = 'crt-signature-algorithm';
  return [
    certificate(park, rule, ['refused', { algorithm: signingAlgorithm(by.key, 'sha1') }], {
      name: 'crt-signature-algorithm-sha1',
      why: 'The CA still signs with SHA-1, for which collisions have been computed.',
      also: ['refused crt-signature-hash'],
    }),
    certificate(park, rule, ['unsupported', { algorithm: signingAlgorithm(by.key, 'sha384') }], {
      name: 'crt-signature-algorithm-sha384',
      why: 'SHA-384 is sound, but nobody promises that the appliance takes it.',
      also: ['unsupported crt-signature-hash'],
    }),
    elliptic(park),
    certificate(park, 'crt-signature-hash', ['refused', { algorithm: pssWithSha1(by) }], {
      name: 'crt-signature-hash',
      why: 'RSA-PSS, which leaves the hash to its parameters, and these say SHA-1.',
      also: ['unsupported crt-signature-algorithm'],
    }),
  ];
}

function elliptic(park: Park): Animal {
  const by = park.ca({ name: 'Contoso EC CA', key: park.keys.elliptic, by: park.root });
  return {
    name: 'crt-signature-algorithm-ecdsa',
    rule: 'crt-signature-algorithm',
    why: 'The CA has an elliptic-curve key. Sound, and not promised by anybody.',
    files: park.bundle({ crt: pem(park.leaf({ by })), chain: park.chain(by, park.root) }),
    verdict: 'unsupported',
    leads: 'unsupported crt-signature-algorithm',
  };
}

// RSASSA-PSS-params: every field DEFAULT, which is SHA-1, MGF1 with SHA-1 and a salt of 20 octets (RFC 4055 §3.1).
const pssWithSha1 = ({ key }: Ca): SigningAlgorithm => ({
  identifier: sequence(oid('1.2.840.113549.1.1.10'), sequence()),
  sign: (data) => sign('sha1', data, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 20 }),
});

function validity(park: Park): Animal[] {
  return [
    certificate(park, 'crt-valid-from', ['refused', { notBefore: park.day(30) }], {
      name: 'crt-valid-from',
      why: 'It becomes valid in a month: issued for a change window to come, or the clock of the CA is wrong.',
    }),
    certificate(park, 'crt-valid-to', ['refused', { notBefore: park.day(-400), notAfter: park.day(-35) }], {
      name: 'crt-valid-to',
      why: 'It expired five weeks ago, and nothing else is wrong.',
    }),
    certificate(park, 'crt-expires-soon', ['warning', { notAfter: park.day(10) }], {
      name: 'crt-expires-soon',
      why: 'It has ten days left: in order, and high time.',
    }),
  ];
}

function keys(park: Park): Animal[] {
  const { short, odd, exponent3, close, elliptic } = park.keys;
  const rule = 'crt-public-key';
  return [
    certificate(park, rule, ['refused', { key: short }], {
      name: 'crt-public-key-1024',
      why: 'RSA with 1024 bits: below the minimum, and within reach of a wealthy attacker.',
      also: ['refused key-length'],
    }),
    certificate(park, rule, ['unsupported', { key: odd }], {
      name: 'crt-public-key-3072',
      why: 'RSA with 3072 bits lies between the two sizes that are promised.',
      also: ['unsupported key-length'],
    }),
    certificate(park, rule, ['unsupported', { key: elliptic }], {
      name: 'crt-public-key-ec',
      why: 'An elliptic-curve key. Sound, and not promised by anybody.',
      also: ['unsupported key-length'],
    }),
    {
      ...certificate(park, 'key-length', ['refused', { key: short, cn: 'sensor-4.contoso.com' }], {
        name: 'key-length',
        why: 'The private key has 1024 bits.',
      }),
      leads: 'refused crt-public-key',
      also: ['refused key-length'],
      ledByAnother:
        "a short private key's certificate has a short public key, and what the certificate says stands first",
    },
    certificate(park, 'key-weak', ['refused', { key: close }], {
      name: 'key-weak-close-primes',
      why: 'The two primes of the key are neighbours (CVE-2022-26320): anybody computes the private key within a second.',
    }),
    certificate(park, 'key-weak', ['unsupported', { key: exponent3 }], {
      name: 'key-weak-exponent-3',
      why: 'The public exponent is 3, as old hardware likes it.',
    }),
  ];
}

function subjects(park: Park): Animal[] {
  const cn = (text: string, san = text): Changes => ({
    subject: subject({ CN: text }),
    extensions: { subjectAltName: subjectAltNameExtension([san]) },
  });
  return [
    certificate(park, 'crt-subject-cn', ['refused', { subject: subject({ CN: '' }) }], {
      name: 'crt-subject-cn-missing',
      why: 'The subject has no CN: the CA only filled in subjectAltName.',
    }),
    certificate(park, 'crt-subject-cn', ['refused', cn('192.0.2.17')], {
      name: 'crt-subject-cn-address',
      why: 'The CN is an IP address. It belongs into subjectAltName, beside the name.',
    }),
    certificate(park, 'crt-subject-cn', ['refused', {}], {
      name: 'crt-subject-cn-other-host',
      why: "It is another sensor's certificate: this one is called sensor-2.contoso.com.",
      asking: { hostname: 'sensor-2.contoso.com' },
    }),
    certificate(park, 'crt-subject-cn', ['unsupported', cn('sensor')], {
      name: 'crt-subject-cn-short-name',
      why: 'The short name without a domain, as Windows shows it.',
    }),
    certificate(park, 'crt-subject-country', ['refused', { subject: subject({ C: '' }) }], {
      name: 'crt-subject-country-missing',
      why: 'No country.',
    }),
    certificate(park, 'crt-subject-country', ['unsupported', { subject: subject({ C: 'UK' }) }], {
      name: 'crt-subject-country-uk',
      why: 'UK is what people say; the code of the United Kingdom is GB.',
    }),
    certificate(park, 'crt-subject-organization', ['refused', { subject: subject({ O: '' }) }], {
      name: 'crt-subject-organization',
      why: 'No organisation, as in domain-validated certificates.',
    }),
    certificate(park, 'crt-subject-org-unit', ['refused', { subject: subject({ OU: '' }) }], {
      name: 'crt-subject-org-unit',
      why: 'No organisational unit: public CAs may not issue it since 2022. Your private CA may.',
    }),
    certificate(park, 'crt-wildcard', ['refused', cn('*.contoso.com')], {
      name: 'crt-wildcard-cn',
      why: 'One wildcard certificate for all sensors.',
    }),
    certificate(
      park,
      'crt-wildcard',
      ['refused', { extensions: { subjectAltName: subjectAltNameExtension([CN, '*.contoso.com']) } }],
      { name: 'crt-wildcard-san', why: 'The CN is right, but a wildcard hides in subjectAltName.' },
    ),
  ];
}

const CRL_URL = 'http://crl.contoso.com/issuing.crl';

function extensions(park: Park): Animal[] {
  const root = park.root;
  const self: Ca = { ...root, name: encodeName(subject()), key: park.keys.sensor };
  return [
    certificate(park, 'crt-subject-alt-name', ['warning', { extensions: { subjectAltName: undefined } }], {
      name: 'crt-subject-alt-name-absent',
      why: 'No subjectAltName: the appliance takes it, browsers do not.',
    }),
    certificate(
      park,
      'crt-key-usage',
      ['unsupported', { extensions: { extKeyUsage: extKeyUsageExtension([EXTENDED_KEY_USAGE.clientAuth]) } }],
      { name: 'crt-key-usage-client-only', why: "A user's certificate on a server: it may only prove clients." },
    ),
    certificate(
      park,
      'crt-key-usage',
      ['unsupported', { extensions: { keyUsage: keyUsageExtension(['keyEncipherment']) } }],
      {
        name: 'crt-key-usage-no-signature',
        why: 'keyUsage allows keyEncipherment only: the TLS of twenty years ago.',
      },
    ),
    certificate(
      park,
      'crt-not-ca',
      ['unsupported', { extensions: { basicConstraints: basicConstraintsExtension(true) } }],
      {
        name: 'crt-not-ca',
        why: 'CA:TRUE: whoever has the key of this sensor could issue certificates for all others.',
      },
    ),
    {
      ...certificate(park, 'crt-self-signed', ['unsupported', { by: self }], {
        name: 'crt-self-signed',
        why: 'Signed by itself, as the appliance makes one at its first start: for a test only.',
        also: ['not-checked chain-matches-crt', 'not-checked trust-path'],
      }),
      files: park.bundle({ crt: pem(park.leaf({ by: self })), chain: '' }),
    },
    certificate(
      park,
      'crt-crl-distribution-point',
      ['unsupported', { extensions: { crl: crlDistributionPointsExtension([CRL_URL]) } }],
      {
        name: 'crt-crl-distribution-point-needless',
        why: 'You do not validate against a CRL; then the certificate should name none.',
      },
    ),
  ];
}
