import * as forge from '../../tests/paths/forge.ts';
import {
  caExtensions,
  certificate,
  crl,
  DAY,
  dnsName,
  ext,
  extension,
  type Key,
  makeKey,
  makeRsaKey,
  NOON,
  PURPOSES,
  type Recipe,
} from '../../tests/paths/forge.ts';
import type { ChainCase } from './chain-case.ts';

type Made = Omit<ChainCase, 'expect'>;
type Over = Partial<Omit<Recipe, 'key' | 'signer'>> & {
  key?: Key;
  signer?: Key;
  without?: readonly string[];
  with?: readonly Buffer[];
};

/** Root CA, Issuing CA and a server certificate for sensor.example, each as it should be but for what is given. */
class Lab {
  readonly rootKey = makeKey();
  readonly caKey = makeKey();
  readonly leafKey = makeKey();

  root(over: Over = {}): Buffer {
    const key = over.key ?? this.rootKey;
    return this.#make({ subject: 'CN=Root CA', issuer: 'CN=Root CA', serial: 1 }, over, {
      key,
      signer: key,
      own: caExtensions(key, key),
    });
  }

  ca(over: Over = {}): Buffer {
    const [key, signer] = [over.key ?? this.caKey, over.signer ?? this.rootKey];
    return this.#make({ subject: 'CN=Issuing CA', issuer: 'CN=Root CA', serial: 2 }, over, {
      key,
      signer,
      own: caExtensions(key, signer),
    });
  }

  leaf(over: Over = {}): Buffer {
    const [key, signer] = [over.key ?? this.leafKey, over.signer ?? this.caKey];
    return this.#make({ subject: 'CN=sensor.example', issuer: 'CN=Issuing CA', serial: 3 }, over, {
      key,
      signer,
      own: forge.serverExtensions(key, signer),
    });
  }

  #make(
    base: { subject: string; issuer: string; serial: number },
    over: Over,
    keys: { key: Key; signer: Key; own: Buffer[] },
  ): Buffer {
    const { without = [], with: more = [], ...rest } = over;
    const kept = (over.extensions ?? keys.own).filter(
      (candidate) => !without.some((id) => candidate.includes(forge.oid(id))),
    );
    return certificate({ ...base, ...rest, key: keys.key, signer: keys.signer, extensions: [...kept, ...more] });
  }
}

const BC = '2.5.29.19';
const KU = '2.5.29.15';
const SAN = '2.5.29.17';
const EKU = '2.5.29.37';
const AKI = '2.5.29.35';

interface Parts {
  readonly leaf: Buffer;
  readonly intermediates?: readonly Buffer[];
  readonly anchors: readonly Buffer[];
  readonly crls?: readonly Buffer[];
  readonly options?: Readonly<Record<string, string>>;
}

function chain(why: string, make: (lab: Lab) => Parts): () => Made {
  return () => {
    const { leaf, intermediates = [], anchors, crls = [], options = {} } = make(new Lab());
    return {
      why,
      options: new Map(Object.entries({ at: '2026-06-01T00:00:00Z', ...options })),
      blocks: [
        { section: 'leaf', der: leaf },
        ...intermediates.map((der) => ({ section: 'intermediate', der }) as const),
        ...anchors.map((der) => ({ section: 'anchor', der }) as const),
        ...crls.map((der) => ({ section: 'crl', der }) as const),
      ],
    };
  };
}

/** The usual three, changed in one of them. */
const changed = (
  why: string,
  over: { root?: Over; ca?: Over; leaf?: Over; options?: Parts['options'] },
): (() => Made) =>
  chain(why, (lab) => ({
    leaf: lab.leaf(over.leaf),
    intermediates: [lab.ca(over.ca)],
    anchors: [lab.root(over.root)],
    ...(over.options && { options: over.options }),
  }));

const permits = (...names: Buffer[]): Over => ({ with: [ext.nameConstraints(names, [])] });
const excludes = (...names: Buffer[]): Over => ({ with: [ext.nameConstraints([], names)] });
const named = (...names: Buffer[]): Over => ({ without: [SAN], with: [ext.subjectAltName(...names)] });
const POLICY = '1.3.6.1.4.1.55555.2';

const withCrls = (why: string, make: (lab: Lab) => Buffer[], options?: Parts['options']): (() => Made) =>
  chain(why, (lab) => ({
    leaf: lab.leaf(),
    intermediates: [lab.ca()],
    anchors: [lab.root()],
    crls: make(lab),
    ...(options && { options }),
  }));
const rootCrl = (lab: Lab, over: Partial<forge.CrlRecipe> = {}): Buffer =>
  crl({ issuer: 'CN=Root CA', signer: lab.rootKey, ...over });
const caCrl = (lab: Lab, over: Partial<forge.CrlRecipe> = {}): Buffer =>
  crl({ issuer: 'CN=Issuing CA', signer: lab.caKey, ...over });

/** By the name of the file. */
export const RECIPES: Readonly<Record<string, () => Made>> = {
  good: changed('Root, issuing CA, server: as it should be.', { options: { dns: 'sensor.example' } }),
  'any-order': chain('Intermediates in any order, with strangers among them.', (lab) => ({
    leaf: lab.leaf(),
    intermediates: [lab.ca({ subject: 'CN=Stranger', key: makeKey() }), lab.ca()],
    anchors: [lab.root()],
  })),
  'cross-signed': chain('The issuing CA has two certificates; the one from another root leads nowhere.', (lab) => ({
    leaf: lab.leaf(),
    intermediates: [lab.ca({ issuer: 'CN=Old Root', signer: makeKey() }), lab.ca()],
    anchors: [lab.root()],
  })),
  'expired-twin': chain('Of two certificates for the issuing CA one has expired: the other serves.', (lab) => ({
    leaf: lab.leaf(),
    intermediates: [lab.ca({ serial: 8, notAfter: NOON - 1 }), lab.ca()],
    anchors: [lab.root()],
  })),
  loop: chain('Two CAs that certify each other, and no way to the root.', (lab) => {
    const other = makeKey();
    return {
      leaf: lab.leaf(),
      intermediates: [
        lab.ca({ issuer: 'CN=Other CA', signer: other }),
        lab.ca({ subject: 'CN=Other CA', issuer: 'CN=Issuing CA', key: other, signer: lab.caKey }),
      ],
      anchors: [lab.root()],
    };
  }),
  'renewed-root': chain('A root that was renewed with a new key: the old one certifies the new.', (lab) => {
    const fresh = makeKey();
    return {
      leaf: lab.leaf(),
      intermediates: [lab.ca({ signer: fresh }), lab.ca({ subject: 'CN=Root CA', key: fresh })],
      anchors: [lab.root()],
    };
  }),
  'issuer-missing': chain('The chain file lacks the issuing CA.', (lab) => ({
    leaf: lab.leaf(),
    anchors: [lab.root()],
  })),
  'untrusted-root': chain('A whole chain, to a root that is not among the anchors.', (lab) => ({
    leaf: lab.leaf(),
    intermediates: [lab.ca(), lab.root()],
    anchors: [lab.root({ subject: 'CN=Our Root', issuer: 'CN=Our Root', key: makeKey() })],
  })),
  'another-key-of-that-name': chain('The anchor was renewed with a new key and the chain is from before.', (lab) => ({
    leaf: lab.leaf(),
    intermediates: [lab.ca()],
    anchors: [lab.root({ key: makeKey() })],
  })),
  'leaf-altered': chain('One octet of the signature was changed.', (lab) => {
    const leaf = lab.leaf();
    leaf[leaf.length - 3]! ^= 1;
    return { leaf, intermediates: [lab.ca()], anchors: [lab.root()] };
  }),
  'leaf-is-anchor': chain('The certificate itself is configured as an anchor.', (lab) => {
    const leaf = lab.leaf({ issuer: 'CN=sensor.example', signer: lab.leafKey });
    return { leaf, anchors: [leaf], options: { dns: 'sensor.example' } };
  }),
  'not-a-certificate': chain('The leaf is no certificate.', (lab) => ({
    leaf: Buffer.from('3003020101', 'hex'),
    anchors: [lab.root()],
  })),
  'first-second': changed('notBefore counts as valid.', { leaf: { notBefore: NOON } }),
  'last-second': changed('notAfter counts as valid.', { leaf: { notAfter: NOON } }),
  'a-second-early': changed('A second before notBefore does not.', { leaf: { notBefore: NOON + 1 } }),
  'a-second-late': changed('A second after notAfter does not.', { leaf: { notAfter: NOON - 1 } }),
  'expired-ca': changed('The issuing CA has expired, the certificate has not.', { ca: { notAfter: NOON - DAY + 5 } }),
  'expired-root': changed('The root has expired: an anchor is a certificate, its dates count.', {
    root: { notAfter: NOON - 1 },
  }),
  'ca-without-basic-constraints': changed('An issuer that does not say it is a CA.', { ca: { without: [BC] } }),
  'ca-false': changed('A server certificate was used as a CA.', {
    ca: { without: [BC], with: [ext.basicConstraints(false)] },
  }),
  'ca-may-not-sign': changed('keyUsage of the CA lacks keyCertSign.', {
    ca: { without: [KU], with: [ext.keyUsage(0, 6)] },
  }),
  'version-1-root': changed('A version 1 root, chosen by hand, may be an anchor.', {
    root: { version: 1, extensions: [] },
  }),
  'path-length': changed('The root allows no CA below it.', {
    root: { without: [BC], with: [ext.basicConstraints(true, 0)] },
  }),
  'path-length-of-caller': changed('The caller allows no CA between.', { options: { depth: '0' } }),
  'wrong-purpose': changed('A client certificate on a server.', {
    leaf: { without: [EKU], with: [ext.extKeyUsage(PURPOSES.clientAuth)] },
  }),
  'any-purpose': changed('anyExtendedKeyUsage stands for every purpose.', {
    leaf: { without: [EKU], with: [ext.extKeyUsage(PURPOSES.any)] },
  }),
  'ca-for-clients': changed('The issuing CA may only issue client certificates.', {
    ca: { with: [ext.extKeyUsage(PURPOSES.clientAuth)] },
  }),
  'key-usage': changed('keyUsage of the certificate allows nothing that TLS needs.', {
    leaf: { without: [KU], with: [ext.keyUsage(1)] },
  }),
  'unknown-critical': changed('A critical extension that nobody knows.', {
    ca: { with: [extension('1.3.6.1.4.1.55555.1', true, Buffer.from([5, 0]))] },
  }),
  'unknown-uncritical': changed('An extension that nobody knows, not critical.', {
    ca: { with: [extension('1.3.6.1.4.1.55555.1', false, Buffer.from([5, 0]))] },
  }),
  'extension-twice': changed('The same extension twice.', { leaf: { with: [ext.basicConstraints(false)] } }),
  'malformed-extension': changed('keyUsage of the CA is no BIT STRING.', {
    ca: { without: [KU], with: [extension(KU, true, Buffer.from([5, 0]))] },
  }),
  sha1: changed('Signed with SHA-1.', { ca: { hash: 'sha1' } }),
  'sha1-root': changed('A root that signed itself with SHA-1: that signature proves nothing and is not looked at.', {
    root: { hash: 'sha1' },
  }),
  'weak-key': chain('RSA with 1024 bits.', (lab) => ({
    leaf: lab.leaf({ key: makeRsaKey(1024) }),
    intermediates: [lab.ca()],
    anchors: [lab.root()],
  })),
  'serial-0': changed('Serial number 0: tolerated here, for private CAs count from 0.', { leaf: { serial: 0 } }),
  'serial-0-by-the-letter': changed('Serial number 0, by the letter of RFC 5280.', {
    leaf: { serial: 0 },
    options: { profile: 'rfc5280' },
  }),
  'no-aki': changed('No authorityKeyIdentifier: tolerated here.', { leaf: { without: [AKI] } }),
  'no-aki-by-the-letter': changed('No authorityKeyIdentifier, by the letter of RFC 5280.', {
    leaf: { without: [AKI] },
    options: { profile: 'rfc5280' },
  }),
  'other-aki-by-the-letter': changed('authorityKeyIdentifier names another key than the one that signed.', {
    leaf: { without: [AKI], with: [ext.authorityKeyIdentifier(Buffer.alloc(20, 9))] },
    options: { profile: 'rfc5280' },
  }),
  underscore: changed('An underscore in the host name: tolerated here.', {
    leaf: named(dnsName('sensor_1.example')),
    options: { dns: 'sensor_1.example' },
  }),
  'underscore-by-the-letter': changed('An underscore in the host name, by the letter of RFC 5280.', {
    leaf: named(dnsName('sensor_1.example')),
    options: { profile: 'rfc5280' },
  }),
  'ca-as-server-webpki': changed('A CA certificate on a server, by the CA/B rules.', {
    leaf: { without: [BC], with: [ext.basicConstraints(true)] },
    options: { profile: 'webpki' },
  }),
  'wildcard-over-public-suffix-webpki': changed('A wildcard over co.uk, by the CA/B rules.', {
    leaf: { subject: 'O=Contoso', ...named(dnsName('*.co.uk')) },
    options: { profile: 'webpki' },
  }),
  'host-name': changed('The certificate is for another host.', { options: { dns: 'other.example' } }),
  'common-name-only': changed('The host name stands only in the common name, which nobody reads.', {
    leaf: { without: [SAN] },
    options: { dns: 'sensor.example' },
  }),
  wildcard: changed('A wildcard stands for one label.', {
    leaf: named(dnsName('*.example')),
    options: { dns: 'sensor.example' },
  }),
  'wildcard-two-labels': changed('… and not for two.', {
    leaf: named(dnsName('*.example')),
    options: { dns: 'a.sensor.example' },
  }),
  'wildcard-part-of-label': changed('… and not for part of one.', {
    leaf: named(dnsName('sen*.example')),
    options: { dns: 'sensor.example' },
  }),
  'a-label': changed('U-labels of the asked name are compared as A-labels.', {
    leaf: named(dnsName('xn--mnchen-3ya.example')),
    options: { dns: 'münchen.example' },
  }),
  'ip-address': changed('Access by IP address.', {
    leaf: named(forge.ipName(192, 0, 2, 7)),
    options: { ip: '192.0.2.7' },
  }),
  'ip-address-as-dns-name': changed('An IP address as a dNSName does not count.', {
    leaf: named(dnsName('192.0.2.7')),
    options: { ip: '192.0.2.7' },
  }),
  'email-case': changed('The local part of an e-mail address keeps its case.', {
    leaf: named(forge.mailName('Ops@example.com')),
    options: { email: 'ops@EXAMPLE.com', purpose: 'any' },
  }),
  'names-permitted': changed('A name inside what the root permits.', { root: permits(dnsName('example')) }),
  'names-not-permitted': changed('A name outside what the CA permits.', { ca: permits(dnsName('plant.example')) }),
  'names-excluded': changed('A name that the CA excludes.', { ca: excludes(dnsName('sensor.example')) }),
  'wildcard-may-enter-excluded': changed('A wildcard that could be used as a name that is excluded.', {
    ca: excludes(dnsName('hmi.plant.example')),
    leaf: named(dnsName('*.plant.example')),
  }),
  'wildcard-may-leave-permitted': changed('A wildcard that stands for more than is permitted.', {
    ca: permits(dnsName('hmi.plant.example')),
    leaf: named(dnsName('*.plant.example')),
  }),
  'address-not-permitted': changed('An address outside the network that is permitted.', {
    ca: permits(forge.ipName(10, 0, 0, 0, 255, 0, 0, 0)),
    leaf: named(forge.ipName(192, 0, 2, 7)),
  }),
  'address-with-holes': changed('A network whose mask has holes cannot be applied.', {
    ca: permits(forge.ipName(10, 0, 0, 0, 255, 0, 255, 0)),
  }),
  'mail-not-permitted': changed('A mailbox in a sub-domain of the host that is permitted.', {
    ca: permits(forge.mailName('example.com')),
    leaf: named(forge.mailName('ops@plant.example.com')),
  }),
  'uri-not-permitted': changed('A URI whose host is the domain itself where only those below are permitted.', {
    ca: permits(forge.uriName('.example.com')),
    leaf: named(forge.uriName('https://example.com/')),
  }),
  'subject-not-permitted': changed('A subject outside the directory subtree.', {
    ca: permits(forge.directoryName('O=Contoso')),
    leaf: { subject: 'O=Fabrikam, CN=sensor.example' },
  }),
  'subject-permitted': changed('A subject inside it, in other case.', {
    ca: permits(forge.directoryName('O=CONTOSO')),
    leaf: { subject: 'O=Contoso, CN=sensor.example' },
  }),
  'other-name-constrained': changed('A name form that nobody can compare is constrained and used.', {
    ca: excludes(forge.tlv(0x88, [0x2a, 3])),
    leaf: named(forge.tlv(0x88, [0x2a, 4])),
  }),
  'policy-demanded': changed('The CA demands a policy and the certificate has none.', {
    ca: { with: [ext.policies(POLICY), ext.policyConstraints(0)] },
  }),
  'policy-met': changed('The CA demands a policy and the certificate has it.', {
    ca: { with: [ext.policies(POLICY), ext.policyConstraints(0)] },
    leaf: { with: [ext.policies(POLICY)] },
  }),
  'policy-mapped': changed("The CA maps the root's policy to its own.", {
    ca: { with: [ext.policies(POLICY), ext.policyMappings([POLICY, `${POLICY}.7`])] },
    leaf: { with: [ext.policies(`${POLICY}.7`)] },
    options: { explicit: 'yes', policy: POLICY },
  }),
  'policy-of-caller': changed('The caller demands a policy that the chain does not have.', {
    ca: { with: [ext.policies(POLICY)] },
    leaf: { with: [ext.policies(POLICY)] },
    options: { explicit: 'yes', policy: `${POLICY}.9` },
  }),
  'crls-good': withCrls('Current CRLs of both CAs, nothing of the chain on them.', (lab) => [
    caCrl(lab, { revoked: [77] }),
    rootCrl(lab),
  ]),
  'leaf-revoked': withCrls('The certificate is revoked.', (lab) => [rootCrl(lab), caCrl(lab, { revoked: [3] })]),
  'ca-revoked': withCrls('The issuing CA is revoked: that is said, and nothing about the certificate below.', (lab) => [
    rootCrl(lab, { revoked: [2] }),
    caCrl(lab),
  ]),
  'crl-missing': withCrls('No CRL of the issuing CA.', (lab) => [rootCrl(lab)]),
  'crl-missing-tolerated': withCrls(
    'No CRL of the issuing CA, and the caller takes what there is.',
    (lab) => [rootCrl(lab)],
    { revocation: 'if-available' },
  ),
  'crl-expired': withCrls('The CRL of the issuing CA is out of date.', (lab) => [
    rootCrl(lab),
    caCrl(lab, { nextUpdate: NOON - 60 }),
  ]),
  'crl-forged': withCrls('The CRL of the issuing CA is signed by another key.', (lab) => [
    rootCrl(lab),
    caCrl(lab, { signer: lab.leafKey }),
  ]),
  'crl-older-one-clean': withCrls('Of two CRLs the newer one has the certificate.', (lab) => [
    rootCrl(lab),
    caCrl(lab, { number: 1 }),
    caCrl(lab, { number: 2, thisUpdate: NOON - 60, revoked: [3] }),
  ]),
};
