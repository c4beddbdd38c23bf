import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { check } from '../../src/index.ts';

const sample = (name: string) => readFileSync(new URL(`../../cases/samples/good/${name}`, import.meta.url));
const crt = sample('sensor.crt');
const chain = sample('chain.pem')
  .toString()
  .match(/-----BEGIN[^-]+-----[^-]+-----END[^-]+-----/g)!
  .map((pem) => new X509Certificate(pem).raw);
const at = '2026-12-01T00:00:00Z';

const inPem = (der: Buffer): string =>
  `-----BEGIN CERTIFICATE-----\n${der.toString('base64').replace(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`;

describe('bad content is a verdict, never an exception', () => {
  test('whichever octet at the start of a CA certificate is damaged', async () => {
    for (let i = 0; i < 200; i++) {
      const damaged = Buffer.from(chain[0]!);
      damaged[i]! ^= 0x11;
      const pem = Buffer.from([damaged, ...chain.slice(1)].map(inPem).join(''));
      for (const crl of ['on', 'off'] as const) {
        const { verdict, findings } = await check({ crt, chain: pem }, { at, crl });
        expect(verdict, `octet ${i}`).toBe('refused');
        expect(findings.filter(({ status }) => status === 'checker-failed')).toEqual([]);
      }
    }
  });

  test('a CA certificate whose name cannot be read is refused as damaged', async () => {
    const damaged = Buffer.from(chain[0]!);
    // The first octet of the issuer's first RelativeDistinguishedName.
    damaged[damaged.indexOf(Buffer.from('310b3009060355040613', 'hex'))] = 0x30;
    const { findings } = await check({ crt, chain: Buffer.from(inPem(damaged)) }, { at });
    expect(findings[0]).toMatchObject({ rule: 'chain-file', status: 'refused', location: { file: 'chain', block: 0 } });
  });

  test('what is no bundle, and options that nobody understands, are misuse with a reason', async () => {
    await expect(check({} as never)).rejects.toThrow('crt must be the file');
    await expect(check({ crt: 'text' } as never)).rejects.toThrow('crt must be the file');
    await expect(check({ crt }, { role: 'x' as never })).rejects.toThrow('role must be sensor or ha');
    await expect(check({ crt }, { crl: true as never })).rejects.toThrow('crl must be on or off');
    await expect(check({ crt }, { hostname: '*.contoso.com' })).rejects.toThrow('hostname must be');
    await expect(check({ crt }, { trust: crt as never })).rejects.toThrow('trust must be a list');
  });
});
