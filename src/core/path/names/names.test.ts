import { describe, expect, test } from 'vitest';
import { dnsNameFault, isWithin, matchesDnsName, referenceDnsName } from './dns-name.ts';
import { formatIpAddress, hasContiguousMask, isInNetwork, parseIpAddress } from './ip-address.ts';
import { parseMailbox } from './mailbox.ts';
import { hostOfUri } from './uri-host.ts';

describe('DNS names', () => {
  test.each([
    ['sensor.example', 'sensor.example', true],
    ['*.example', 'sensor.example', true],
    ['*.example', 'a.sensor.example', false],
    ['*.example', 'example', false],
    ['*', 'example', false],
    ['s*.example', 'sensor.example', false],
    ['a.*.example', 'a.b.example', false],
    ['*.*.example', 'a.b.example', false],
    ['xn--*.example', 'xn--a.example', false],
  ])('%s for %s: %s (RFC 9525 §6.3)', (presented, reference, expected) => {
    expect(matchesDnsName(presented, reference)).toBe(expected);
  });

  test.each([
    ['Sensor.Example.', 'sensor.example'],
    ['münchen.example', 'xn--mnchen-3ya.example'],
    ['192.0.2.1', undefined],
    ['sensor.123', undefined],
    ['*.example', undefined],
    ['', undefined],
    ['a..b', undefined],
    ['a b', undefined],
    ['ü/x', undefined],
    ['sensor_1.example', 'sensor_1.example'],
  ])('a reference name %j is %j', (text, expected) => {
    expect(referenceDnsName(text)).toBe(expected);
  });

  test.each([
    ['a.example', true, undefined],
    ['_a.example', false, undefined],
    ['_a.example', true, 'an underscore is not allowed in a host name'],
    ['.example', false, 'it begins with a dot'],
    ['a..example', false, 'a label is empty'],
    ['a.example.', false, 'a label is empty'],
    ['', false, 'it is empty'],
    ['ä.example', false, '"ä" cannot stand in a DNS name'],
    ['-a.example', true, 'a label begins or ends with a hyphen'],
    [`${'a'.repeat(64)}.example`, false, 'a label has 64 characters, more than 63'],
  ])('%s (preferred syntax %s): %s', (name, preferred, fault) => {
    expect(dnsNameFault(name, preferred)).toBe(fault);
  });

  test('lie within a domain label by label', () => {
    expect(isWithin('a.example', 'example')).toBe(true);
    expect(isWithin('example', 'example')).toBe(true);
    expect(isWithin('badexample', 'example')).toBe(false);
    expect(isWithin('a.example', '')).toBe(true);
  });
});

describe('IP addresses', () => {
  test.each([
    ['192.0.2.1', '192.0.2.1'],
    ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
    ['::', '::'],
    ['::ffff:192.0.2.1', '::ffff:c000:201'],
    ['1:0:0:2:0:0:0:3', '1:0:0:2::3'],
  ])('%s is %s', (text, formatted) => {
    expect(formatIpAddress(parseIpAddress(text)!)).toBe(formatted);
  });

  test.each([
    '192.0.2',
    '192.0.2.256',
    '192.0.02.1',
    '0xc0.0.2.1',
    '1::2::3',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    ':1',
    '12345::',
    '::1%eth0',
    '',
  ])('%j is none', (text) => expect(parseIpAddress(text)).toBeUndefined());

  test('and networks', () => {
    const network = Uint8Array.of(10, 1, 0, 0, 255, 255, 0, 0);
    expect(isInNetwork(Uint8Array.of(10, 1, 2, 3), network)).toBe(true);
    expect(isInNetwork(Uint8Array.of(10, 2, 2, 3), network)).toBe(false);
    expect(isInNetwork(new Uint8Array(16), network)).toBe(false);
    expect(hasContiguousMask(network)).toBe(true);
    expect(hasContiguousMask(Uint8Array.of(10, 0, 0, 0, 255, 0, 255, 0))).toBe(false);
    expect(hasContiguousMask(Uint8Array.of(10, 0, 0, 0, 0x0f, 0, 0, 0))).toBe(false);
    expect(hasContiguousMask(Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0))).toBe(true);
  });
});

describe('mailboxes and URIs', () => {
  test.each([
    ['Ops@Example.COM', { localPart: 'Ops', domain: 'example.com' }],
    ['"a b"@example.com', { localPart: '"a b"', domain: 'example.com' }],
    ['*@example.com', { localPart: '*', domain: 'example.com' }],
    ['a@b@example.com', undefined],
    ['@example.com', undefined],
    ['a@', undefined],
    ['a..b@example.com', undefined],
    ['a@*.example.com', undefined],
    ['ö@example.com', undefined],
  ])('%s', (text, expected) => {
    expect(parseMailbox(text)).toEqual(expected);
  });

  test('an SmtpUTF8Mailbox has any character before the @ and A-labels behind it', () => {
    expect(parseMailbox('öps@example.com', true)?.localPart).toBe('öps');
    expect(parseMailbox('ops@exämple.com', true)).toBeUndefined();
  });

  test.each([
    ['https://user@Host.example:443/x?y#z', 'host.example'],
    ['ldap://host.example', 'host.example'],
    ['https://192.0.2.1/', undefined],
    ['https://[2001:db8::1]/', undefined],
    ['urn:uuid:1', undefined],
    ['https:///x', undefined],
    ['mailto:a@host.example', undefined],
  ])('the host of %s', (uri, host) => {
    expect(hostOfUri(uri)).toBe(host);
  });
});
