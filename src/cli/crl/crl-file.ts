import { DerError } from '../../core/der/errors.ts';
import { identify } from '../../core/files/identify.ts';
import { type OpenCrl, openCrl } from '../../core/revocation/open-crl.ts';
import { Certificate } from '../../core/x509/certificate.ts';
import { UsageError } from '../failure.ts';
import { readOptionFile } from '../inputs.ts';

/** The CRL in a file, DER or PEM. @throws {UsageError} */
export async function readCrl(path: string, index: 'never' | 'second-question' = 'never'): Promise<OpenCrl> {
  const bytes = await readOptionFile('The file', path);
  try {
    return openCrl(crlBytes(bytes, path), { index });
  } catch (error) {
    if (!(error instanceof DerError)) throw error;
    throw new UsageError(`${path} holds no CRL that can be read: ${error.message}.`);
  }
}

function crlBytes(bytes: Uint8Array, path: string): Uint8Array {
  // A DER CRL can have a hundred megabytes; what else it could be is only asked when it does not open.
  if (bytes[0] === 0x30 && bytes.length > 1024 * 1024) return bytes;
  const content = identify(bytes);
  const block = content.blocks.find(({ kind }) => kind === 'crl');
  if (block !== undefined) return block.der;
  if (content.form === 'der') return bytes;
  throw new UsageError(`${path} is ${content.description}, not a CRL. certgate inspect ${path} says more.`);
}

/** All certificates in a file. @throws {UsageError} where there is none */
export async function readCertificates(option: string, path: string): Promise<Certificate[]> {
  const content = identify(await readOptionFile(option, path));
  const blocks = content.blocks.filter(({ kind }) => kind === 'certificate' || kind === 'trusted-certificate');
  if (blocks.length === 0) {
    throw new UsageError(`${option} ${path} is ${content.description}; a certificate in PEM or DER is needed.`);
  }
  try {
    return blocks.map(({ der }) => Certificate.parse(der));
  } catch (error) {
    if (!(error instanceof DerError)) throw error;
    throw new UsageError(`${option} ${path} holds a certificate that cannot be read: ${error.message}.`);
  }
}
