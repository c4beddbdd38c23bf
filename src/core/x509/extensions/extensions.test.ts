import { describe, expect, test } from 'vitest';
import { bool, integer, octets, oid, sequence, tlv } from '../../../../tests/x509/encoder.ts';
import { certificateWith, EVERY_EXTENSION } from '../../../../tests/x509/openssl.ts';
import { readSingle } from '../../der/element.ts';
import { DerError } from '../../der/errors.ts';
import { toHex } from '../../der/values.ts';
import { parseCertificate } from '../certificate.ts';
import { type ExtensionType, type ExtensionValue, readExtensions } from '../extension.ts';
import { deviationsOf, KNOWN_EXTENSIONS } from '../known-extensions.ts';
import { authorityInfoAccess } from './authority-info-access.ts';
import { authorityKeyIdentifier } from './authority-key-identifier.ts';
import { basicConstraints } from './basic-constraints.ts';
import { certificateIssuer } from './certificate-issuer.ts';
import { certificatePolicies } from './certificate-policies.ts';
import { cRLDistributionPoints } from './crl-distribution-points.ts';
import { cRLNumber } from './crl-number.ts';
import { deltaCRLIndicator } from './delta-crl-indicator.ts';
import { extKeyUsage } from './ext-key-usage.ts';
import { freshestCRL } from './freshest-crl.ts';
import { inhibitAnyPolicy } from './inhibit-any-policy.ts';
import { invalidityDate } from './invalidity-date.ts';
import { issuerAltName } from './issuer-alt-name.ts';
import { issuingDistributionPoint } from './issuing-distribution-point.ts';
import { keyUsage } from './key-usage.ts';
import { nameConstraints } from './name-constraints.ts';
import { policyConstraints } from './policy-constraints.ts';
import { policyMappings } from './policy-mappings.ts';
import { reasonCode } from './reason-code.ts';
import { subjectAltName } from './subject-alt-name.ts';
import { subjectKeyIdentifier } from './subject-key-identifier.ts';

const rich = parseCertificate(certificateWith(EVERY_EXTENSION.lines, EVERY_EXTENSION.sections));

/** The extension around hand-made DER. */
const around = (type: ExtensionType<ExtensionValue>, value: Uint8Array) =>
  readExtensions(readSingle(new Uint8Array(sequence(sequence(oid(type.oid), octets(value)))), 0x30, 'extensions'))
    .list[0]!;

const read = <T extends ExtensionValue>(type: ExtensionType<T>, value: Uint8Array): T =>
  around(type, value).valueAs(type);
const deviations = (type: ExtensionType<ExtensionValue>, value: Uint8Array): string[] =>
  deviationsOf(around(type, value)).map(({ code }) => code);

describe('what openssl wrote is read', () => {
  test('basicConstraints, keyUsage, extKeyUsage', () => {
    expect(rich.get(basicConstraints)).toMatchObject({ cA: true, pathLenConstraint: 3, encodedDefault: false });
    const usage = rich.get(keyUsage)!;
    expect([...usage.names]).toEqual(['digitalSignature', 'keyCertSign', 'decipherOnly']);
    expect(usage.bits).toBe(1 | (1 << 5) | (1 << 8));
    const purposes = rich.get(extKeyUsage)!;
    expect(purposes.purposes.map((p) => p.oid)).toEqual(['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2', '1.2.3.4']);
    expect(purposes.has('1.2.3.4')).toBe(true);
    expect(purposes.has('2.5.29.37.0')).toBe(false);
  });

  test('subjectAltName and issuerAltName', () => {
    const { names } = rich.get(subjectAltName)!;
    expect(names.map(({ kind }) => kind)).toEqual([
      'dNSName',
      'iPAddress',
      'iPAddress',
      'uniformResourceIdentifier',
      'rfc822Name',
      'registeredID',
      'otherName',
      'directoryName',
    ]);
    expect(names[0]).toMatchObject({ value: 'sensor.contoso.com' });
    expect(names[1]).toMatchObject({ octets: Uint8Array.from([192, 0, 2, 1]) });
    expect(names[5]).toMatchObject({ oid: '1.2.3.4' });
    expect(names[6]).toMatchObject({ typeId: '1.3.6.1.4.1.311.20.2.3' });
    const last = names[7]!;
    expect(last.kind === 'directoryName' && last.name.toString()).toBe('C=DE, CN=directory');
    expect(rich.get(issuerAltName)!.names).toMatchObject([{ value: 'issuer.contoso.com' }]);
  });

  test('key identifiers', () => {
    const subject = rich.get(subjectKeyIdentifier)!.keyIdentifier;
    const authority = rich.get(authorityKeyIdentifier)!;
    expect(toHex(authority.keyIdentifier!.content())).toBe(toHex(subject.content()));
    expect(toHex(authority.authorityCertSerialNumber!.content())).toBe(toHex(rich.serialNumber.content()));
    const [issuer] = authority.authorityCertIssuer!.names;
    expect(issuer?.kind === 'directoryName' && issuer.name.equals(rich.subject)).toBe(true);
  });

  test('distribution points', () => {
    const [first, second] = rich.get(cRLDistributionPoints)!.points;
    expect(first!.distributionPoint!.fullName!.names).toMatchObject([{ value: 'http://contoso.com/ca.crl' }]);
    expect([...first!.reasons!.names]).toEqual(['keyCompromise', 'cACompromise']);
    expect(first!.cRLIssuer!.names).toMatchObject([{ kind: 'directoryName' }]);
    expect(second!.distributionPoint!.nameRelativeToCRLIssuer!.map((a) => a.text)).toEqual(['part']);
    expect(rich.get(freshestCRL)!.points[0]!.distributionPoint!.fullName!.names).toMatchObject([
      { value: 'http://contoso.com/delta.crl' },
    ]);
  });

  test('access, name constraints', () => {
    expect(rich.get(authorityInfoAccess)!.descriptions).toMatchObject([
      { accessMethod: '1.3.6.1.5.5.7.48.1', accessLocation: { value: 'http://ocsp.contoso.com' } },
      { accessMethod: '1.3.6.1.5.5.7.48.2', accessLocation: { value: 'http://contoso.com/ca.cer' } },
    ]);
    expect(rich.get(nameConstraints)).toMatchObject({
      permittedSubtrees: [
        { base: { kind: 'dNSName', value: 'contoso.com' }, minimum: 0, maximum: undefined },
        { base: { kind: 'iPAddress', octets: Uint8Array.from([192, 0, 2, 0, 255, 255, 255, 0]) } },
      ],
      excludedSubtrees: [{ base: { kind: 'rfc822Name', value: '.evil.example' } }],
    });
  });

  test('policies', () => {
    const [plain, qualified] = rich.get(certificatePolicies)!.policies;
    expect(plain).toMatchObject({ policyIdentifier: '1.2.3.4', policyQualifiers: [] });
    expect(qualified!.policyQualifiers.map((q) => q.policyQualifierId)).toEqual([
      '1.3.6.1.5.5.7.2.1',
      '1.3.6.1.5.5.7.2.2',
    ]);
    expect(rich.get(policyMappings)!.mappings).toMatchObject([
      { issuerDomainPolicy: '1.2.3.4', subjectDomainPolicy: '1.2.3.5' },
    ]);
    expect(rich.get(policyConstraints)).toMatchObject({ requireExplicitPolicy: 1, inhibitPolicyMapping: 0 });
    expect(rich.get(inhibitAnyPolicy)!.skipCerts).toBe(2);
  });

  test('every value knows its bytes, and none deviates', () => {
    for (const type of KNOWN_EXTENSIONS) {
      const extension = rich.extensions.find(type.oid);
      if (extension === undefined) continue;
      const { element } = extension.valueAs(type);
      expect([element.offset, element.end]).toEqual([extension.extnValue.contentOffset, extension.extnValue.end]);
      expect(deviationsOf(extension)).toEqual([]);
    }
  });
});

describe('extensions of CRLs', () => {
  test('numbers, reasons, dates', () => {
    expect(read(cRLNumber, integer(1n << 130n)).value).toBe(1n << 130n);
    expect(read(deltaCRLIndicator, integer(5)).baseCRLNumber).toBe(5n);
    expect(read(reasonCode, tlv(0x0a, [1]))).toMatchObject({ code: 1, reason: 'keyCompromise' });
    expect(read(invalidityDate, tlv(0x18, Buffer.from('20260101000000Z'))).seconds).toBe(1_767_225_600);
    expect(read(certificateIssuer, sequence(tlv(0x82, Buffer.from('a')))).names).toMatchObject([{ value: 'a' }]);
  });

  test('issuingDistributionPoint', () => {
    const url = tlv(0xa0, tlv(0xa0, tlv(0x86, Buffer.from('http://a/'))));
    const value = read(
      issuingDistributionPoint,
      sequence(url, tlv(0x82, [0xff]), tlv(0x83, [6, 0x40]), tlv(0x84, [0xff])),
    );
    expect(value).toMatchObject({
      distributionPoint: { fullName: { names: [{ value: 'http://a/' }] } },
      onlyContainsUserCerts: false,
      onlyContainsCACerts: true,
      indirectCRL: true,
      onlyContainsAttributeCerts: false,
      deviations: [],
    });
    expect([...value.onlySomeReasons!.names]).toEqual(['keyCompromise']);
  });
});

const dns = tlv(0x82, Buffer.from('a'));
const empty = sequence();

describe('what the standard forbids and others read', () => {
  test.each<[string, ExtensionType<ExtensionValue>, Uint8Array, string[]]>([
    ['cA FALSE spelled out', basicConstraints, sequence(bool(false)), ['default-encoded']],
    ['keyUsage with trailing zeros', keyUsage, tlv(3, [0, 0xa0]), ['not-minimal']],
    ['keyUsage without a bit', keyUsage, tlv(3, [0]), ['empty-list']],
    ['keyUsage with bit 9', keyUsage, tlv(3, [6, 0x80, 0x40]), ['undefined-value']],
    ['no purposes', extKeyUsage, empty, ['empty-list']],
    ['no names', subjectAltName, empty, ['empty-list']],
    ['a name beyond ASCII', subjectAltName, sequence(dns, tlv(0x82, [0xe4])), ['outside-repertoire']],
    ['no points', cRLDistributionPoints, empty, ['empty-list']],
    ['a point that names nothing', cRLDistributionPoints, sequence(sequence(tlv(0x81, [6, 0x40]))), ['empty-list']],
    ['no access descriptions', authorityInfoAccess, empty, ['empty-list']],
    ['no constraints', nameConstraints, empty, ['empty-list']],
    ['no permitted names', nameConstraints, sequence(tlv(0xa0)), ['empty-list']],
    ['minimum 0', nameConstraints, sequence(tlv(0xa0, sequence(dns, tlv(0x80, [0])))), ['default-encoded']],
    ['no policies', certificatePolicies, empty, ['empty-list']],
    ['a policy twice', certificatePolicies, sequence(sequence(oid('1.2.3')), sequence(oid('1.2.3'))), ['duplicate']],
    ['no mappings', policyMappings, empty, ['empty-list']],
    ['no policy constraints', policyConstraints, empty, ['empty-list']],
    ['an empty issuingDistributionPoint', issuingDistributionPoint, empty, ['empty-list']],
    ['indirectCRL FALSE', issuingDistributionPoint, sequence(tlv(0x84, [0])), ['default-encoded']],
    ['reason 7', reasonCode, tlv(0x0a, [7]), ['undefined-value']],
  ])('%s is read and named', (_, type, value, expected) => {
    expect(deviations(type, value)).toEqual(expected);
  });

  test('critical FALSE spelled out', () => {
    const extension = sequence(sequence(oid(basicConstraints.oid), bool(false), octets(empty)));
    const [found] = readExtensions(readSingle(new Uint8Array(extension), 0x30, 'extensions')).list;
    expect(deviationsOf(found!).map(({ code }) => code)).toEqual(['default-encoded']);
  });
});

describe('garbage is refused', () => {
  test.each<[string, ExtensionType<ExtensionValue>, Uint8Array]>([
    ['a negative path length', basicConstraints, sequence(bool(true), integer(-1))],
    ['a BOOLEAN of 1', basicConstraints, sequence(tlv(1, [1]))],
    ['an IP address of five bytes', subjectAltName, sequence(tlv(0x87, [1, 2, 3, 4, 5]))],
    ['an IP address with mask as a name', subjectAltName, sequence(tlv(0x87, new Uint8Array(8)))],
    [
      'an IP address without mask as a constraint',
      nameConstraints,
      sequence(tlv(0xa0, sequence(tlv(0x87, [1, 2, 3, 4])))),
    ],
    ['a tag that is no GeneralName', subjectAltName, sequence(tlv(0x89, [1]))],
    ['a directoryName without EXPLICIT tag', subjectAltName, sequence(tlv(0x84, [1]))],
    ['fields in a wrong order', policyConstraints, sequence(tlv(0x81, [0]), tlv(0x80, [0]))],
    ['a negative SkipCerts', inhibitAnyPolicy, integer(-1)],
    ['bytes after the value', inhibitAnyPolicy, Buffer.concat([integer(1), integer(1)])],
    ['a policy that is no identifier', certificatePolicies, sequence(sequence(integer(1)))],
    ['an INTEGER for an ENUMERATED', reasonCode, integer(1)],
    ['a UTCTime', invalidityDate, tlv(0x17, Buffer.from('260101000000Z'))],
    ['a point with both names', cRLDistributionPoints, sequence(sequence(tlv(0xa0, tlv(0xa0, dns), tlv(0xa1, dns))))],
  ])('%s', (_, type, value) => {
    expect(() => read(type, value)).toThrow(DerError);
  });

  test('10 001 names', () => {
    const many = sequence(...Array.from({ length: 10_001 }, () => dns));
    expect(() => read(subjectAltName, many)).toThrow('more than 10000 names');
  });
});
