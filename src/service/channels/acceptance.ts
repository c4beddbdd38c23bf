import type { Finding } from '../../core/base/finding.ts';
import type { TLSSocket } from 'node:tls';

/**
 * What the listening end of an HA link says before any data. TLS 1.3 tells a client nothing of a refused certificate:
 * its handshake ends well, and then the connection just closes. So the listener says so, and why.
 */
const PREFIX = 'CERTGATE-LINK 1 ';
export const ACCEPTED = `${PREFIX}accepted\n`;
const LONGEST_LINE = 1024;

/** One line; the reason is the first finding's, which names our side's view and nothing secret. */
export function refusalLine(findings: readonly Finding[]): string {
  const why = (findings[0]?.message ?? 'the certificate is not accepted').replaceAll(/[^\u0020-\u007e]/g, '?');
  return `${PREFIX}refused ${why}`.slice(0, LONGEST_LINE - 1) + '\n';
}

export type Answer = { readonly accepted: true } | { readonly accepted: false; readonly why: string };

/** Waits for the line, and leaves whatever follows it unread in the socket. */
export function readAnswer(socket: TLSSocket, withinMs: number): Promise<Answer> {
  return new Promise((resolve) => {
    let line = '';
    const settle = (answer: Answer): void => {
      clearTimeout(timer);
      socket.off('readable', onReadable);
      socket.off('end', onEnd);
      socket.off('close', onEnd);
      resolve(answer);
    };
    const timer = setTimeout(() => settle({ accepted: false, why: 'the other end did not answer in time' }), withinMs);
    const onEnd = (): void => settle({ accepted: false, why: 'the other end closed the connection without a word' });
    const onReadable = (): void => {
      for (let byte = socket.read(1) as Buffer | null; byte !== null; byte = socket.read(1) as Buffer | null) {
        if (byte[0] !== 0x0a) line += byte.toString('latin1');
        else return settle(parse(line));
        if (line.length > LONGEST_LINE) return settle({ accepted: false, why: 'the other end is no Certgate link' });
      }
    };
    socket.on('readable', onReadable);
    socket.once('end', onEnd);
    socket.once('close', onEnd);
  });
}

function parse(line: string): Answer {
  if (`${line}\n` === ACCEPTED) return { accepted: true };
  if (line.startsWith(`${PREFIX}refused `))
    return { accepted: false, why: line.slice(PREFIX.length + 'refused '.length) };
  return { accepted: false, why: 'the other end is no Certgate link' };
}
