import { DerError } from '../../core/der/errors.ts';
import { readFacts } from '../../core/revocation/crl-facts.ts';
import { type OpenCrl, openCrl } from '../../core/revocation/open-crl.ts';
import { FetchFailure } from './failure.ts';

const PEM = /-----BEGIN (X509 CRL|CRL)-----([^-]*)-----END \1-----/;

/**
 * The one CRL that a file or an answer holds, PEM or DER, its entries unread: see `readEntries`.
 * @throws {FetchFailure} `not-a-crl`, without a byte of what it is instead
 */
export function decodeCrl(bytes: Uint8Array, where: string): OpenCrl {
  try {
    const crl = openCrl(crlDer(bytes, where), { entries: 'later' });
    readFacts(crl);
    return crl;
  } catch (error) {
    throw unreadable(error, where);
  }
}

/** Reads every entry; a hundred megabytes of them take seconds, so only for a CRL that is signed as it should be. */
export function readEntries(crl: OpenCrl, where: string): void {
  try {
    void crl.entries;
  } catch (error) {
    throw unreadable(error, where);
  }
}

const unreadable = (error: unknown, where: string): unknown =>
  error instanceof DerError ? notACrl(where, `it is no CRL that can be read: ${error.message}`) : error;

function crlDer(bytes: Uint8Array, where: string): Uint8Array {
  // A DER SEQUENCE: nearly every answer, and never copied.
  if (bytes[0] === 0x30) return bytes;
  if (bytes.length === 0) throw notACrl(where, 'it is empty');
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  const pem = PEM.exec(text);
  if (pem !== null) return new Uint8Array(Buffer.from(pem[2]!, 'base64'));
  throw notACrl(where, `it is ${kindOf(text.slice(0, 2000))}`);
}

function kindOf(start: string): string {
  const label = /-----BEGIN ([A-Z0-9 ]{1,40})-----/.exec(start)?.[1];
  if (label !== undefined) return `PEM, but of a ${label.toLowerCase()}`;
  if (/<(?:!doctype\s+)?html/i.test(start)) return 'a web page: a log-in or error page, perhaps of a proxy';
  if (/^\s*[[{]/.test(start)) return 'JSON';
  if (/^\s*</.test(start)) return 'XML or a web page';
  return 'something else';
}

const notACrl = (where: string, what: string): FetchFailure =>
  new FetchFailure(
    'not-a-crl',
    `What ${where} holds cannot be used: ${what}.`,
    'Compare with what the CA publishes: curl -sS URL | openssl crl -inform DER -noout -text',
  );
