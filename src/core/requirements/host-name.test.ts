import { describe, expect, test } from 'vitest';
import { isIpAddress, judgeDnsName, sameHost } from './host-name.ts';

const label63 = 'a'.repeat(63);

describe('judgeDnsName', () => {
  test.each([
    'sensor.contoso.com',
    'SENSOR.Contoso.COM',
    'sensor.contoso.com.',
    '3com.example',
    'xn--mnchen-3ya.example',
    `${label63}.com`,
  ])('%s is good', (name) => expect(judgeDnsName(name).kind).toBe('good'));

  test.each(['sensor', 'ot_sensor.contoso.com', 'münchen.example', '_dmarc.example.com'])('%s is odd', (name) =>
    expect(judgeDnsName(name).kind).toBe('odd'),
  );

  test.each([
    'a b.com',
    'a..com',
    '.com',
    '-a.com',
    'a-.com',
    `${label63}a.com`,
    `${'a.'.repeat(127)}aa`,
    'a.com/',
    '10.0.0.1',
    'host.123',
    'a.com:443',
    '',
  ])('%j is bad', (name) => expect(judgeDnsName(name).kind).toBe('bad'));
});

test.each([
  ['sensor.contoso.com', 'SENSOR.CONTOSO.COM.', true],
  ['münchen.example', 'xn--mnchen-3ya.example', true],
  ['sensor.contoso.com', 'sensor2.contoso.com', false],
  ['sensor.contoso.com', 'contoso.com', false],
])('sameHost(%s, %s) is %s', (a, b, same) => expect(sameHost(a, b)).toBe(same));

test.each([
  ['192.0.2.1', true],
  ['2001:db8::1', true],
  ['[2001:db8::1]', true],
  ['a.example', false],
  ['1.2.3', false],
])('isIpAddress(%s) is %s', (text, ip) => expect(isIpAddress(text)).toBe(ip));
