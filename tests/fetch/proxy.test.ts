import { describe, expect, test } from 'vitest';
import { explicitProxy, proxyFor, proxyFromEnvironment, ProxyUrlError } from '../../src/platform/fetch/proxy.ts';

const url = (text: string): URL => new URL(text);

describe('the proxy of the environment', () => {
  test('none without http_proxy; HTTP_PROXY does not count', () => {
    expect(proxyFor(url('http://crl.example/'), proxyFromEnvironment({}))).toBeUndefined();
    expect(proxyFor(url('http://crl.example/'), proxyFromEnvironment({ HTTP_PROXY: 'http://p:1' }))).toBeUndefined();
  });

  test('with name and password, which stay out of messages', () => {
    const { proxy } = proxyFromEnvironment({ http_proxy: 'http://user:p%40ss@proxy.example:3128' });
    expect(proxy?.origin).toBe('http://proxy.example:3128');
    expect(Buffer.from(proxy!.authorization!.slice('Basic '.length), 'base64').toString()).toBe('user:p@ss');
  });

  test.each([
    ['*', 'http://anything/', true],
    ['example', 'http://crl.example/', true],
    ['.example', 'http://crl.example/', true],
    ['*.example', 'http://crl.example/', true],
    ['CRL.example.', 'http://crl.example/', true],
    ['rl.example', 'http://crl.example/', false],
    ['crl.example:8080', 'http://crl.example:8080/', true],
    ['crl.example:8080', 'http://crl.example/', false],
    ['other, 10.0.0.0/8', 'http://10.1.2.3/', true],
    ['10.0.0.0/8', 'http://11.1.2.3/', false],
    ['10.0.0.0/8', 'http://crl.example/', false],
    ['::1', 'http://[::1]/', true],
    ['[::1]:80', 'http://[::1]/', true],
    ['fd00::/8', 'http://[fd12::1]/', true],
    ['', 'http://crl.example/', false],
  ])('no_proxy=%s lets %s go directly: %s', (no_proxy, target, direct) => {
    const settings = proxyFromEnvironment({ http_proxy: 'proxy.example:3128', no_proxy });
    expect(proxyFor(url(target), settings) === undefined).toBe(direct);
  });

  test('one that somebody named serves every host', () => {
    expect(proxyFor(url('http://localhost/'), explicitProxy('http://proxy.example:3128'))?.origin).toBe(
      'http://proxy.example:3128',
    );
  });

  test.each(['https://proxy.example', 'socks5://proxy.example', 'http://user:secret@', ':::'])(
    '%s is refused',
    (text) => {
      expect(() => explicitProxy(text)).toThrow(ProxyUrlError);
      expect(() => explicitProxy(text)).not.toThrow(/secret/);
    },
  );
});
