import type { Socket } from 'node:net';

/** Protocols that begin in the clear and turn to TLS on request. */
export const STARTTLS = ['smtp', 'imap', 'pop3', 'postgres', 'ldap'] as const;
export type StartTls = (typeof STARTTLS)[number];

/** The other end does not offer TLS, or is no server of that protocol. */
export class StartTlsError extends Error {
  override readonly name = 'StartTlsError';
}

type Step = { readonly send?: Buffer | string; readonly expect: (received: Buffer) => boolean | undefined };

/** `undefined`: more has to come; false: refused. */
const line =
  (accepted: RegExp, complete: RegExp) =>
  (received: Buffer): boolean | undefined => {
    const text = received.toString('latin1');
    return complete.test(text) ? accepted.test(text) : undefined;
  };

// RFC 3207, RFC 3501 §6.2.1, RFC 2595 §4, PostgreSQL's SSLRequest, RFC 4511 §4.14 (extended request 1.3.6.1.4.1.1466.20037).
const STEPS: Readonly<Record<StartTls, readonly Step[]>> = {
  smtp: [
    { expect: line(/^220/, /^\d{3} .*\r\n/m) },
    { send: 'EHLO certgate.invalid\r\n', expect: line(/^250[ -]STARTTLS\r$/im, /^\d{3} .*\r\n/m) },
    { send: 'STARTTLS\r\n', expect: line(/^220/, /^\d{3} .*\r\n/m) },
  ],
  imap: [{ expect: line(/^\* OK/i, /\r\n/) }, { send: 'a STARTTLS\r\n', expect: line(/^a OK/im, /^a .*\r\n/im) }],
  pop3: [{ expect: line(/^\+OK/, /\r\n/) }, { send: 'STLS\r\n', expect: line(/^\+OK/, /\r\n/) }],
  postgres: [
    {
      send: Buffer.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f]),
      expect: (received) => (received.length === 0 ? undefined : received[0] === 0x53),
    },
  ],
  ldap: [
    {
      send: Buffer.concat([Buffer.from('301d02010177188016', 'hex'), Buffer.from('1.3.6.1.4.1.1466.20037')]),
      // LDAPMessage { messageID 1, extendedResp { resultCode success } }
      expect: (received) =>
        received.length < 10
          ? undefined
          : received.includes(Buffer.from([0x0a, 0x01, 0x00])) && received.includes(0x78),
    },
  ],
};

/** Larger than any greeting; a server that talks without end is none of these. */
const MOST_BYTES = 64 * 1024;

/** Talks until the other end is ready for the TLS handshake. @throws {StartTlsError} */
export async function startTls(socket: Socket, protocol: StartTls): Promise<void> {
  for (const { send, expect } of STEPS[protocol]) {
    if (send !== undefined) socket.write(send);
    if (!(await answer(socket, expect))) {
      throw new StartTlsError(
        `The server does not offer TLS by ${protocol}: it refused STARTTLS, or is no ${protocol} server.`,
      );
    }
  }
}

function answer(socket: Socket, expect: Step['expect']): Promise<boolean> {
  return new Promise((resolve, reject) => {
    let received = Buffer.alloc(0);
    const settle = (work: () => void): void => {
      socket.off('data', onData);
      socket.off('close', onClose);
      socket.pause();
      work();
    };
    const onClose = (): void =>
      settle(() => reject(new StartTlsError('The server closed the connection before TLS began.')));
    const onData = (bytes: Buffer): void => {
      received = Buffer.concat([received, bytes]);
      const accepted = received.length > MOST_BYTES ? false : expect(received);
      if (accepted !== undefined) settle(() => resolve(accepted));
    };
    socket.on('data', onData);
    socket.once('close', onClose);
  });
}
