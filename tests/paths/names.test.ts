import { describe, expect, test } from 'vitest';
import { validatePath } from '../../src/index.ts';
import {
  caExtensions,
  certificate,
  dnsName,
  ext,
  ipName,
  mailName,
  makeKey,
  NOON,
  rootCertificate,
  serverExtensions,
  uriName,
} from './forge.ts';

const [rootKey, caKey, leafKey] = [makeKey(), makeKey(), makeKey()];
const root = rootCertificate('CN=Root', rootKey);

interface Chain {
  readonly subject?: string;
  readonly names?: readonly Buffer[];
  readonly permitted?: readonly Buffer[];
  readonly excluded?: readonly Buffer[];
}

/** A chain with name constraints in its CA; without `names` the leaf has no subjectAltName. */
function judge(
  { subject = 'CN=sensor', names = [], permitted = [], excluded = [] }: Chain,
  profile: 'appliance' | 'rfc5280' = 'appliance',
) {
  const constraints = permitted.length + excluded.length > 0;
  const ca = certificate({
    subject: 'CN=CA',
    issuer: 'CN=Root',
    key: caKey,
    signer: rootKey,
    serial: 2,
    extensions: [
      ...caExtensions(caKey, rootKey),
      ...(constraints ? [ext.nameConstraints([...permitted], [...excluded])] : []),
    ],
  });
  const own = serverExtensions(leafKey, caKey, ...names);
  const leaf = certificate({
    subject,
    issuer: 'CN=CA',
    key: leafKey,
    signer: caKey,
    serial: 3,
    extensions: names.length === 0 ? own.slice(0, -1) : own,
  });
  return validatePath({ leaf, intermediates: [ca], trustAnchors: [root], at: new Date(NOON * 1000), profile });
}

const bad = [dnsName('bad.example')];
const MAPPED = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff];

describe('nobody slips past an excluded subtree', () => {
  test.each<[string, Chain]>([
    ['in capitals', { names: [dnsName('A.BAD.example')], excluded: bad }],
    ['with a final dot', { names: [dnsName('a.bad.example.')], excluded: bad }],
    ['with a blank behind', { names: [dnsName('a.bad.example ')], excluded: bad }],
    ['with a NUL behind', { names: [dnsName('a.bad.example\0')], excluded: bad }],
    ['by a wildcard above', { names: [dnsName('*.example')], excluded: bad }],
    ['by a wildcard in a label', { names: [dnsName('b*.example')], excluded: bad }],
    ['in the common name alone', { subject: 'CN=a.bad.example', excluded: bad }],
    [
      'in the common name beside another kind',
      { subject: 'CN=a.bad.example', names: [ipName(10, 0, 0, 1)], excluded: bad },
    ],
    [
      'as an IPv4-mapped address',
      { names: [ipName(...MAPPED, 10, 0, 0, 1)], excluded: [ipName(10, 0, 0, 0, 255, 0, 0, 0)] },
    ],
    [
      'behind user information',
      { names: [uriName('http://ok.example@bad.example/')], excluded: [uriName('bad.example')] },
    ],
    [
      'before a backslash',
      { names: [uriName('http://bad.example\\@ok.example/')], excluded: [uriName('bad.example')] },
    ],
    ['as a URI with a final dot', { names: [uriName('http://bad.example./')], excluded: [uriName('bad.example')] }],
    ['as an e-mail host in capitals', { names: [mailName('u@BAD.example')], excluded: [mailName('bad.example')] }],
    ['as an e-mail address of the subject', { subject: 'CN=x, E=u@bad.example', excluded: [mailName('bad.example')] }],
  ])('%s', (_, chain) => {
    const { valid, findings } = judge(chain);
    expect(valid).toBe(false);
    expect(findings[0]!.message).toContain('does not allow');
  });
});

describe('the common name under name constraints', () => {
  test('is bound where it is the only host name', () => {
    const outside = { subject: 'CN=a.bad.example', permitted: [dnsName('good.example')] };
    expect(judge(outside).findings[0]).toMatchObject({ location: { path: 'tbsCertificate.subject' } });
    // RFC 5280 knows directory names in the subject, and no host names.
    expect(judge(outside, 'rfc5280').valid).toBe(true);
    expect(judge({ subject: 'CN=a.good.example', permitted: [dnsName('good.example')] }).valid).toBe(true);
  });

  test.each([
    ['beside a dNSName', 'CN=a.bad.example', [dnsName('good.example')]],
    ['that is no host name', 'CN=Sensor 1', []],
    ['of one label', 'CN=sensor', []],
  ])('%s is not', (_, subject, names) => {
    expect(judge({ subject, names, permitted: [dnsName('good.example')] }).valid).toBe(true);
  });
});

test.each(['sensor.example.', '.sensor.example', 'sensor 1', 'https://sensor.example/', ''])(
  'a dNSName %j stops no plant, and is nobody’s name',
  (value) => {
    const names = [dnsName(value)];
    expect(judge({ names }).valid).toBe(true);
    expect(judge({ names }, 'rfc5280').valid).toBe(false);
    expect(judge({ names, permitted: [dnsName('sensor.example')] }).valid).toBe(false);
  },
);

test.each([-1, 1.5, Number.NaN, '3'])('a maxDepth of %j is no limit, and no silent absence of one', (maxDepth) => {
  const asked = { leaf: root, intermediates: [], trustAnchors: [root], at: new Date(NOON * 1000) };
  expect(() => validatePath({ ...asked, maxDepth: maxDepth as number })).toThrow(TypeError);
});
