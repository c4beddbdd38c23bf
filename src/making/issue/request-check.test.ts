import { beforeAll, describe, expect, test } from 'vitest';
import type { Report } from '../../core/base/finding.ts';
import { nodeCrypto } from '../../platform/crypto/node-crypto.ts';
import { keyToPem, type NewKey, newKey } from './key.ts';
import { type ApplianceRequest, newRequest } from './request.ts';
import { checkRequest } from './request-check.ts';

const SUBJECT = {
  country: 'US',
  organization: 'Contoso Inc.',
  organizationalUnit: 'OT',
  commonName: 'sensor.contoso.com',
};
const at = new Date();
let key: NewKey;
beforeAll(async () => {
  key = await newKey(2048);
});

const judge = (request: ApplianceRequest, hostname?: string): Promise<Report> =>
  checkRequest(
    'sensor.csr',
    { csr: newRequest(request, key.privateKey) },
    { at, ...(hostname !== undefined && { hostname }) },
    nodeCrypto,
  );

describe('checkRequest', () => {
  test('accepts what newRequest makes, without a word', async () => {
    const { verdict, findings } = await judge({ subject: SUBJECT, alternativeNames: ['10.1.2.3', 'fe80::1'] });
    expect(verdict).toBe('accepted');
    expect(findings.filter(({ status }) => status !== 'pass' && status !== 'not-applicable')).toEqual([]);
  });

  test.each([
    [{ commonName: '*.contoso.com' }, 'crt-wildcard', 'refused'],
    [{ commonName: '10.1.2.3' }, 'crt-subject-cn', 'refused'],
    [{ commonName: 'sensor' }, 'crt-subject-cn', 'unsupported'],
    [{ country: 'USA' }, 'crt-subject-country', 'refused'],
    [{ country: 'uk' }, 'crt-subject-country', 'unsupported'],
    [{ organizationalUnit: '' }, 'crt-subject-org-unit', 'refused'],
    [{ organization: ' ' }, 'crt-subject-organization', 'refused'],
    [{ organization: 'Con\ntoso' }, 'csr-subject-text', 'refused'],
    [{ emailAddress: 'söhne@contoso.com' }, 'csr-subject-text', 'refused'],
    [{ emailAddress: 'ot contoso.com' }, 'csr-subject-text', 'refused'],
  ])('%j leads to %s: %s', async (change, rule, status) => {
    const report = await judge({ subject: { ...SUBJECT, ...change } });
    expect(report.verdict).toBe(status);
    expect(report.findings[0]).toMatchObject({ rule, status });
  });

  test.each(['foo@bar', '300.1.1.1', '10.0.0.1/24', 'a..b', '-a.contoso.com', 'ä ö.de'])(
    'refuses the other name %s, which nobody could reach',
    async (name) => {
      const { findings } = await judge({ subject: SUBJECT, alternativeNames: [name] });
      expect(findings[0]).toMatchObject({ rule: 'csr-alternative-name', status: 'refused' });
    },
  );

  test.each(['localhost', 'sensor_1.contoso.com', 'zürich.contoso.com', '10.1.2.3', '::1'])(
    'takes the other name %s',
    async (name) => {
      expect((await judge({ subject: SUBJECT, alternativeNames: [name] })).verdict).toBe('accepted');
    },
  );

  test('holds it against the host name that is wanted, and against the key at hand', async () => {
    expect((await judge({ subject: SUBJECT }, 'other.contoso.com')).findings[0]!.rule).toBe('crt-subject-cn');
    const other = Buffer.from(keyToPem((await newKey(2048)).privateKey));
    const csr = newRequest({ subject: SUBJECT }, key.privateKey);
    const { findings } = await checkRequest('sensor.csr', { csr, key: other }, { at }, nodeCrypto);
    expect(findings[0]).toMatchObject({ rule: 'key-matches-crt', status: 'refused' });
  });

  test('says where damage is, and never throws for it', async () => {
    const csr = newRequest({ subject: SUBJECT }, key.privateKey);
    for (let at = 0; at < csr.length; at += 7) {
      const damaged = new Uint8Array(csr);
      damaged[at]! ^= 0x55;
      const report = await checkRequest('sensor.csr', { csr: damaged }, { at: new Date() }, nodeCrypto);
      expect(report.verdict, `byte ${at}`).not.toBe('accepted');
    }
    const cut = await checkRequest('sensor.csr', { csr: csr.subarray(0, 100) }, { at }, nodeCrypto);
    expect(cut.findings[0]).toMatchObject({ rule: 'csr-well-formed', status: 'refused' });
  });
});
