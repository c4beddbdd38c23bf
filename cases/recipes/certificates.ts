import {
  altered,
  chain,
  elliptic,
  good,
  goodChain,
  issuing,
  keys,
  leaf,
  made,
  read,
  renewed,
  root,
  selfSigned,
  SUBJECT,
} from './materials.ts';
import type { Recipe } from './recipe.ts';
import { extension, extensionsOf, inside, raw, rdn, seq, set, oid, TBS } from './tlv.ts';

const C = '550406';
const O = '55040a';
const OU = '55040b';
const CN = '550403';
const withName = (...rdns: ReturnType<typeof rdn>[]): string =>
  read(altered((tbs) => (inside(tbs)[TBS.subject] = seq(...rdns)), {}));
const name = (changes: { C?: string; O?: string; OU?: string; CN?: string }): string => {
  const parts = { C: 'US', O: 'Contoso Inc.', OU: 'Contoso Labs', CN: 'sensor.contoso.com', ...changes };
  return Object.entries(parts)
    .filter(([, value]) => value !== '')
    .map(([type, value]) => `/${type}=${value}`)
    .join('');
};
const cn = (text: string, san = `DNS:${text}`): string =>
  read(leaf({ subject: name({ CN: text }), ext: { subjectAltName: san } }));
const CRL_URL = 'URI:http://crl.contoso.com/issuing.crl';

const wellFormed: Recipe[] = [
  {
    name: 'crt-well-formed/truncated',
    why: 'The download stopped in the middle: half of the certificate is missing.',
    crt: cutShort(read(good)),
  },
  {
    name: 'crt-well-formed/extension-twice',
    why: 'The extension keyUsage stands in the certificate twice.',
    crt: read(altered((tbs) => extensionsOf(tbs).push(extension('551d0f', true, Uint8Array.from([3, 2, 7, 0x80]))))),
  },
  {
    name: 'crt-well-formed/unknown-critical-extension',
    why: 'A company-internal extension is marked critical; whoever does not know it must refuse the certificate.',
    crt: read(altered((tbs) => extensionsOf(tbs).push(extension('2b0601040182370a', true, Uint8Array.from([5, 0]))))),
  },
  {
    name: 'crt-well-formed/unknown-extension',
    why: 'An unknown extension that is not critical may be ignored, and is.',
    crt: read(altered((tbs) => extensionsOf(tbs).push(extension('2b0601040182370a', false, Uint8Array.from([5, 0]))))),
  },
  {
    name: 'crt-well-formed/malformed-extension',
    why: 'The value of authorityKeyIdentifier is cut short: the field cannot be read, and rules that need it cannot tell.',
    crt: read(
      altered((tbs) => extensionsOf(tbs).push(extension('551d23', false, Uint8Array.from([0x30, 9, 0x80]))), {
        ext: { authorityKeyIdentifier: 'none' },
      }),
    ),
  },
  {
    name: 'crt-well-formed/critical-false-spelled-out',
    why: 'An old CA writes out critical=FALSE, which DER forbids and everybody reads.',
    crt: read(
      altered(
        (tbs) => extensionsOf(tbs).push(extension('551d0e', 'spelled-out-false', Uint8Array.from([4, 2, 1, 2]))),
        { ext: { subjectKeyIdentifier: 'none' } },
      ),
    ),
  },
  {
    name: 'crt-well-formed/version-1',
    why: 'openssl x509 -req without -extfile makes a version 1 certificate, without any extension.',
    crt: read(
      altered((tbs) => {
        inside(tbs).splice(0, 1);
        inside(tbs).pop();
      }),
    ),
  },
  {
    name: 'crt-well-formed/serial-zero',
    why: 'The serial number is 0, as hand-made CAs like to begin.',
    crt: read(altered((tbs) => (inside(tbs)[TBS.serial] = raw(2, [0])))),
  },
  {
    name: 'crt-well-formed/serial-negative',
    why: 'The serial number is negative: a random number whose first bit was set.',
    crt: read(altered((tbs) => (inside(tbs)[TBS.serial] = raw(2, [0x9a, 1, 2, 3])))),
  },
  {
    name: 'crt-well-formed/serial-of-21-octets',
    why: 'The serial number has 21 octets.',
    crt: read(altered((tbs) => (inside(tbs)[TBS.serial] = raw(2, [1, ...Array<number>(20).fill(7)])))),
  },
  {
    name: 'crt-well-formed/generalized-time-before-2050',
    why: 'notAfter is a GeneralizedTime although it lies before 2050.',
    crt: read(altered((tbs) => (inside(inside(tbs)[TBS.validity])[1] = raw(0x18, '20280101000000Z')))),
  },
  {
    name: 'crt-well-formed/organisation-of-80-characters',
    why: 'O has 80 characters, RFC 5280 allows 64; readers take it.',
    crt: withName(
      rdn(C, 'US', 0x13),
      rdn(O, 'Contoso '.repeat(10).trimEnd() + '.'),
      rdn(OU, 'Contoso Labs'),
      rdn(CN, 'sensor.contoso.com'),
    ),
  },
  {
    name: 'crt-well-formed/no-key-identifiers',
    why: 'Neither subject nor authority key identifier.',
    crt: read(leaf({ ext: { subjectKeyIdentifier: 'none', authorityKeyIdentifier: 'none' } })),
  },
  {
    name: 'crt-well-formed/broken-utf-8-in-subject',
    why: 'The organisation claims to be UTF-8 and is not.',
    crt: withName(
      rdn(C, 'US', 0x13),
      set(seq(oid(O), raw(0x0c, [0x43, 0xff, 0xfe]))),
      rdn(OU, 'Contoso Labs'),
      rdn(CN, 'sensor.contoso.com'),
    ),
  },
  {
    name: 'crt-well-formed/broken-utf-8-in-issuer',
    why: "The issuer's name claims to be UTF-8 and is not; what quotes it must go on without.",
    crt: read(
      altered(
        (tbs) => (inside(tbs)[TBS.issuer] = seq(rdn(C, 'US', 0x13), set(seq(oid(CN), raw(0x0c, [0x43, 0xff, 0xfe]))))),
      ),
    ),
  },
];

const signature: Recipe[] = [
  { name: 'crt-signature-algorithm/sha1', why: 'The CA still signs with SHA-1.', crt: read(leaf({ digest: 'sha1' })) },
  { name: 'crt-signature-algorithm/md5', why: 'The CA signs with MD5.', crt: read(leaf({ digest: 'md5' })) },
  {
    name: 'crt-signature-algorithm/sha384',
    why: 'SHA-384 is sound, but nobody promises that the appliance takes it.',
    crt: read(leaf({ digest: 'sha384' })),
  },
  {
    name: 'crt-signature-algorithm/rsa-pss',
    why: 'RSA-PSS with SHA-256: the hash is right, the algorithm is unsupported.',
    crt: read(leaf({ signing: ['-sigopt', 'rsa_padding_mode:pss', '-sigopt', 'rsa_pss_saltlen:32'] })),
  },
  {
    name: 'crt-signature-algorithm/ecdsa',
    why: 'The CA has an elliptic-curve key.',
    crt: read(leaf({ by: elliptic })),
    chain: read(elliptic.crt),
  },
  {
    name: 'crt-signature-algorithm/ed25519',
    why: 'A self-signed Ed25519 certificate: no hash to choose, nothing of it supported.',
    crt: read(selfSigned({ key: keys.ed25519, digest: 'null' })),
    key: read(keys.ed25519),
    chain: null,
  },
  {
    name: 'crt-signature-algorithm/inner-differs',
    why: 'The signed part names SHA-384, the outside SHA-256: somebody tampered with it.',
    crt: read(altered((tbs) => (inside(tbs)[TBS.signature] = seq(oid('2a864886f70d01010c'), raw(5, []))))),
  },
];

const validity: Recipe[] = [
  { name: 'crt-valid-from/not-yet', why: 'It becomes valid next year.', crt: read(leaf({ from: '20270101000000Z' })) },
  {
    name: 'crt-valid-from/minutes-ahead',
    why: "The CA's clock is five minutes ahead.",
    options: { at: '2026-06-01T00:00:00Z' },
    crt: read(leaf({ from: '20260601000500Z' })),
  },
  {
    name: 'crt-valid-from/this-very-second',
    why: 'notBefore is the second judged for: valid.',
    options: { at: '2026-06-01T00:00:00.400Z' },
    crt: read(leaf({ from: '20260601000000Z' })),
  },
  {
    name: 'crt-valid-to/expired',
    why: 'It expired a month ago, and nothing else is wrong.',
    crt: read(leaf({ from: '20250501000000Z', to: '20260501000000Z' })),
  },
  {
    name: 'crt-valid-to/this-very-second',
    why: 'notAfter is the second judged for: still valid, parts of a second do not count.',
    options: { at: '2026-06-01T00:00:00.900Z' },
    crt: read(leaf({ to: '20260601000000Z' })),
  },
  {
    name: 'crt-valid-to/one-second-ago',
    why: 'It expired one second ago.',
    options: { at: '2026-06-01T00:00:01Z' },
    crt: read(leaf({ to: '20260601000000Z' })),
  },
  {
    name: 'crt-expires-soon/ten-days',
    why: 'It has ten days left: in order, and high time.',
    crt: read(leaf({ to: '20260611000000Z' })),
  },
  {
    name: 'crt-expires-soon/thirty-days',
    why: 'Exactly thirty days left: no warning yet.',
    crt: read(leaf({ to: '20260701000000Z' })),
  },
];

const publicKey: Recipe[] = [
  {
    name: 'crt-public-key/rsa-4096',
    why: 'RSA 4096 is in order.',
    crt: read(leaf({ key: keys.rsa4096 })),
    key: read(keys.rsa4096),
  },
  {
    name: 'crt-public-key/rsa-3072',
    why: 'RSA 3072 lies between the two promised sizes.',
    crt: read(leaf({ key: keys.rsa3072 })),
    key: read(keys.rsa3072),
  },
  {
    name: 'crt-public-key/rsa-1024',
    why: 'RSA 1024 is below the minimum.',
    crt: read(leaf({ key: keys.rsa1024 })),
    key: read(keys.rsa1024),
  },
  {
    name: 'crt-public-key/ec-p256',
    why: 'An elliptic-curve key under an RSA CA.',
    crt: read(leaf({ key: keys.p256 })),
    key: read(keys.p256),
  },
  {
    name: 'crt-public-key/ed25519',
    why: 'An Ed25519 key under an RSA CA.',
    crt: read(leaf({ key: keys.ed25519 })),
    key: read(keys.ed25519),
  },
];

const crl: Recipe[] = [
  {
    name: 'crt-crl-distribution-point/on-and-absent',
    why: 'You validate against a CRL, and the certificate names none.',
    options: { crl: 'on' },
    crt: read(good),
  },
  {
    name: 'crt-crl-distribution-point/on-and-http',
    why: 'You validate against a CRL, and it is there over http.',
    options: { crl: 'on' },
    crt: read(leaf({ ext: { crlDistributionPoints: CRL_URL } })),
  },
  {
    name: 'crt-crl-distribution-point/on-and-ldap-only',
    why: 'A Windows CA put only its ldap address in, which the appliance cannot fetch.',
    options: { crl: 'on' },
    crt: read(leaf({ ext: { crlDistributionPoints: 'URI:ldap:///CN=Issuing?certificateRevocationList' } })),
  },
  {
    name: 'crt-crl-distribution-point/on-and-https-only',
    why: 'The CRL is only offered over https.',
    options: { crl: 'on' },
    crt: read(leaf({ ext: { crlDistributionPoints: 'URI:https://crl.contoso.com/issuing.crl' } })),
  },
  {
    name: 'crt-crl-distribution-point/on-and-ldap-beside-http',
    why: 'ldap beside http: the http one serves.',
    options: { crl: 'on' },
    crt: read(leaf({ ext: { crlDistributionPoints: `URI:ldap://ad.contoso.com/CN=Issuing,${CRL_URL}` } })),
  },
  {
    name: 'crt-crl-distribution-point/off-and-present',
    why: 'You do not validate against a CRL; then the line should not be there.',
    options: { crl: 'off' },
    crt: read(leaf({ ext: { crlDistributionPoints: CRL_URL } })),
  },
  {
    name: 'crt-crl-distribution-point/off-and-absent',
    why: 'No CRL validation, no distribution point: as asked.',
    options: { crl: 'off' },
    crt: read(good),
  },
  {
    name: 'crt-crl-distribution-point/unstated-and-ldap-only',
    why: 'Nobody said whether a CRL is used; the address would not work if one were.',
    crt: read(leaf({ ext: { crlDistributionPoints: 'URI:ldap:///CN=Issuing?certificateRevocationList' } })),
  },
];

const commonName: Recipe[] = [
  { name: 'crt-subject-cn/missing', why: 'The subject has no CN.', crt: read(leaf({ subject: name({ CN: '' }) })) },
  {
    name: 'crt-subject-cn/blank',
    why: 'The CN consists of blanks.',
    crt: withName(rdn(C, 'US', 0x13), rdn(O, 'Contoso Inc.'), rdn(OU, 'Contoso Labs'), rdn(CN, '   ')),
  },
  {
    name: 'crt-subject-cn/two',
    why: 'Two CNs: which one is the appliance?',
    crt: read(leaf({ subject: `${SUBJECT}/CN=other.contoso.com` })),
  },
  { name: 'crt-subject-cn/ip-address', why: 'The CN is an IP address.', crt: cn('192.0.2.17', 'IP:192.0.2.17') },
  {
    name: 'crt-subject-cn/descriptive',
    why: 'Somebody wrote a description where the name belongs.',
    crt: read(leaf({ subject: name({ CN: 'OT sensor hall 3' }) })),
  },
  {
    name: 'crt-subject-cn/other-host',
    why: "It is another sensor's certificate.",
    options: { hostname: 'sensor-2.contoso.com' },
    crt: read(good),
  },
  {
    name: 'crt-subject-cn/same-host',
    why: 'Upper case and a final dot do not matter.',
    options: { hostname: 'SENSOR.contoso.com.' },
    crt: read(good),
  },
  { name: 'crt-subject-cn/single-label', why: 'The short name without a domain.', crt: cn('sensor') },
  {
    name: 'crt-subject-cn/underscore',
    why: 'An underscore, as in Windows computer names.',
    crt: cn('ot_sensor.contoso.com'),
  },
  {
    name: 'crt-subject-cn/url',
    why: 'The address of the console was pasted into the CN.',
    crt: withName(
      rdn(C, 'US', 0x13),
      rdn(O, 'Contoso Inc.'),
      rdn(OU, 'Contoso Labs'),
      rdn(CN, 'https://sensor.contoso.com/'),
    ),
  },
  { name: 'crt-wildcard/cn-and-san', why: 'One wildcard certificate for all sensors.', crt: cn('*.contoso.com') },
  {
    name: 'crt-wildcard/san-only',
    why: 'The CN is right, but a wildcard hides in subjectAltName.',
    crt: read(leaf({ ext: { subjectAltName: 'DNS:sensor.contoso.com,DNS:*.contoso.com' } })),
  },
];

const attributes: Recipe[] = [
  { name: 'crt-subject-country/missing', why: 'No country.', crt: read(leaf({ subject: name({ C: '' }) })) },
  {
    name: 'crt-subject-country/three-letters',
    why: 'USA is no two-letter code.',
    crt: withName(rdn(C, 'USA', 0x13), rdn(O, 'Contoso Inc.'), rdn(OU, 'Contoso Labs'), rdn(CN, 'sensor.contoso.com')),
  },
  {
    name: 'crt-subject-country/lower-case',
    why: 'The code in lower case.',
    crt: read(leaf({ subject: name({ C: 'us' }) })),
  },
  {
    name: 'crt-subject-country/uk',
    why: 'UK is what people say; the code is GB.',
    crt: read(leaf({ subject: name({ C: 'UK' }) })),
  },
  {
    name: 'crt-subject-organization/missing',
    why: 'No organisation: a domain-validated certificate.',
    crt: read(leaf({ subject: name({ O: '' }) })),
  },
  {
    name: 'crt-subject-organization/blank',
    why: 'The organisation is a blank.',
    crt: withName(rdn(C, 'US', 0x13), rdn(O, ' '), rdn(OU, 'Contoso Labs'), rdn(CN, 'sensor.contoso.com')),
  },
  {
    name: 'crt-subject-org-unit/missing',
    why: 'No organisational unit: a public CA issued it.',
    crt: read(leaf({ subject: name({ OU: '' }) })),
  },
  {
    name: 'crt-subject-org-unit/blank',
    why: 'The organisational unit is a blank.',
    crt: withName(rdn(C, 'US', 0x13), rdn(O, 'Contoso Inc.'), rdn(OU, ' '), rdn(CN, 'sensor.contoso.com')),
  },
  {
    name: 'crt-subject-alt-name/absent',
    why: 'No subjectAltName: the appliance takes it, browsers do not.',
    crt: read(leaf({ ext: { subjectAltName: false } })),
  },
  {
    name: 'crt-subject-alt-name/without-cn',
    why: 'subjectAltName holds another name than the CN.',
    crt: read(leaf({ ext: { subjectAltName: 'DNS:www.contoso.com' } })),
  },
  {
    name: 'crt-subject-alt-name/absent-strict',
    why: 'The strict profile refuses what browsers refuse.',
    options: { profile: 'defender-iot-strict' },
    crt: read(leaf({ ext: { subjectAltName: false } })),
  },
  {
    name: 'crt-key-usage/no-digital-signature',
    why: 'keyUsage allows only keyEncipherment: the TLS of twenty years ago.',
    crt: read(leaf({ ext: { keyUsage: 'critical,keyEncipherment' } })),
  },
  {
    name: 'crt-key-usage/client-only',
    why: 'A client certificate on a server.',
    crt: read(leaf({ ext: { extendedKeyUsage: 'clientAuth' } })),
  },
  {
    name: 'crt-key-usage/absent',
    why: 'Neither keyUsage nor extendedKeyUsage.',
    crt: read(leaf({ ext: { keyUsage: false, extendedKeyUsage: false } })),
  },
  {
    name: 'crt-key-usage/ha-without-client',
    why: 'Half of an HA pair connects to the other as a client, too.',
    options: { role: 'ha' },
    crt: read(leaf({ ext: { extendedKeyUsage: 'serverAuth' } })),
  },
  {
    name: 'crt-not-ca/ca-true',
    why: "An issuing CA's template was used: CA:TRUE.",
    crt: read(leaf({ ext: { basicConstraints: 'critical,CA:TRUE' } })),
  },
  {
    name: 'crt-self-signed/openssl-req-x509',
    why: 'Made in one line with openssl req -x509, as in many instructions.',
    crt: read(selfSigned()),
    chain: null,
  },
];

const chains: Recipe[] = [
  {
    name: 'chain-matches-crt/complete',
    why: 'Issuing CA, then root: as asked.',
    options: { hostname: 'sensor.contoso.com' },
    crt: read(good),
  },
  {
    name: 'chain-matches-crt/issuer-missing',
    why: 'Only the root is in the chain; the issuing CA is missing.',
    crt: read(good),
    chain: read(root.crt),
  },
  {
    name: 'chain-matches-crt/other-company',
    why: "Another company's chain.",
    crt: read(good),
    chain: made('x509', '-in', elliptic.crt),
  },
  {
    name: 'chain-matches-crt/renewed-ca',
    why: 'The issuing CA was renewed with a new key: same name, but it did not sign this.',
    crt: read(good),
    chain: chain(renewed.crt, root.crt),
  },
  {
    name: 'chain-matches-crt/no-root',
    why: 'The chain ends at the issuing CA: no root.',
    crt: read(good),
    chain: read(issuing.crt),
  },
  {
    name: 'chain-matches-crt/root-in-trust',
    why: 'The root is not in the chain but among the anchors.',
    crt: read(good),
    chain: read(issuing.crt),
    trust: read(root.crt),
  },
  {
    name: 'chain-matches-crt/wrong-order',
    why: 'Root first, as it reads in a tree.',
    crt: read(good),
    chain: chain(root.crt, issuing.crt),
  },
  {
    name: 'chain-matches-crt/foreign-ca',
    why: 'A CA that has nothing to do with it is in the file, too.',
    crt: read(good),
    chain: goodChain + read(elliptic.crt),
  },
  {
    name: 'chain-matches-crt/duplicate',
    why: 'The root stands in the file twice.',
    crt: read(good),
    chain: goodChain + read(root.crt),
  },
  { name: 'chain-matches-crt/none', why: 'No chain was handed in.', crt: read(good), chain: null },
];

function cutShort(pem: string): string {
  const lines = pem.split('\n');
  const begin = lines.indexOf('-----BEGIN CERTIFICATE-----');
  const end = lines.indexOf('-----END CERTIFICATE-----');
  return [...lines.slice(0, begin + Math.floor((end - begin) / 2)), ...lines.slice(end)].join('\n');
}

export const certificateRecipes = [
  ...wellFormed,
  ...signature,
  ...validity,
  ...publicKey,
  ...crl,
  ...commonName,
  ...attributes,
  ...chains,
];
