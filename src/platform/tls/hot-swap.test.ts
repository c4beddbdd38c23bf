import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect, createServer, type Server, type TLSSocket } from 'node:tls';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { signCertificate } from '../../making/issue/certificate-fields.ts';
import { toPem } from '../../making/encode/der.ts';
import { newKey } from '../../making/issue/key.ts';
import { encodeName } from '../../making/encode/name-fields.ts';
import { signingAlgorithm } from '../../making/issue/sign.ts';
import { swapIdentity } from './hot-swap.ts';
import { serverOptions, type TlsIdentity } from './server-options.ts';

async function identityOf(name: string): Promise<TlsIdentity> {
  const { privateKey, spki } = await newKey(2048);
  const subject = encodeName([['2.5.4.3', name]]);
  const now = Date.now();
  const der = signCertificate(
    {
      serialNumber: 1n,
      issuer: subject,
      subject,
      subjectPublicKeyInfo: spki,
      extensions: [],
      notBefore: new Date(now - 1000),
      notAfter: new Date(now + 1e8),
    },
    signingAlgorithm(privateKey),
  );
  return { certificates: toPem('CERTIFICATE', der), key: privateKey.export({ type: 'pkcs8', format: 'der' }) };
}

let first: TlsIdentity;
let second: TlsIdentity;
let server: Server;
const open: TLSSocket[] = [];
beforeAll(async () => {
  [first, second] = await Promise.all([identityOf('first'), identityOf('second')]);
});
beforeEach(async () => {
  server = createServer(serverOptions(first), (socket) => socket.on('error', () => undefined).pipe(socket));
  await once(server.listen(0, '127.0.0.1'), 'listening');
});
afterEach(() => {
  for (const socket of open.splice(0)) socket.destroy();
  server.close();
});

async function dial(options: object = {}): Promise<TLSSocket> {
  const { port } = server.address() as AddressInfo;
  const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false, ...options });
  open.push(socket);
  await once(socket, 'secureConnect');
  return socket;
}
const nameAt = (socket: TLSSocket): string => new X509Certificate(socket.getPeerCertificate().raw).subject;
const echo = async (socket: TLSSocket, text: string): Promise<string> => {
  socket.write(text);
  return String((await once(socket, 'data'))[0]);
};

describe('swapping', () => {
  test('gives new connections the new certificate and keeps the open ones', async () => {
    const before = await dial();
    const fingerprint = await swapIdentity(server, second);
    expect(fingerprint).toBe(new X509Certificate(second.certificates).fingerprint256);
    expect(nameAt(await dial())).toBe('CN=second');
    expect(await echo(before, 'still here')).toBe('still here');
  });

  test('keeps the whole set of options: still no TLS 1.1, no CBC, no tickets', async () => {
    await swapIdentity(server, second);
    await expect(dial({ maxVersion: 'TLSv1.1', minVersion: 'TLSv1.1', ciphers: 'ALL:@SECLEVEL=0' })).rejects.toThrow();
    await expect(dial({ maxVersion: 'TLSv1.2', ciphers: 'ECDHE-RSA-AES128-SHA256' })).rejects.toThrow();
    const socket = await dial({ maxVersion: 'TLSv1.2' });
    expect(socket.getTLSTicket()).toBeUndefined();
  });

  test.each([
    ['another key of the same type', () => ({ ...second, key: first.key })],
    [
      'a key of another type',
      () => ({
        ...second,
        key: generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'der' }),
      }),
    ],
    ['a damaged key', () => ({ ...second, key: second.key.subarray(0, 100) })],
    ['a damaged certificate', () => ({ ...second, certificates: second.certificates.slice(0, 300) })],
  ])('to %s is refused, and the old certificate stays', async (_what, broken) => {
    await expect(swapIdentity(server, broken())).rejects.toThrow(/key|certificate/i);
    expect(nameAt(await dial())).toBe('CN=first');
  });
});
