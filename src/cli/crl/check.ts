import { formatTime } from '../../core/der/time.ts';
import { isDelta, numberOf } from '../../core/revocation/crl-facts.ts';
import { followSignatures, statusesOf } from '../../core/revocation/chain-status.ts';
import type { OpenCrl } from '../../core/revocation/open-crl.ts';
import type { RevocationAnswer } from '../../core/revocation/question.ts';
import type { Certificate } from '../../core/x509/certificate.ts';
import { nodeCrypto } from '../../platform/crypto/node-crypto.ts';
import { EXIT, type ExitCode, UsageError } from '../failure.ts';
import { print, styleOf } from '../output.ts';
import { safeJson, visible } from '../render/text.ts';
import { readCertificates, readCrl } from './crl-file.ts';

export interface CheckFlags {
  readonly crt?: string;
  /** Hexadecimal digits. */
  readonly serial?: string;
  readonly issuer?: readonly string[];
  readonly at?: Date;
  readonly format: 'pretty' | 'json';
}

interface Said {
  readonly status: 'good' | 'revoked' | 'listed' | 'not-listed' | 'undetermined';
  readonly reason?: string | undefined;
  readonly revokedAt?: string | undefined;
  /** Signature, dates and scope of the CRL were judged, too. */
  readonly verified: boolean;
  readonly crlNumber: string | null;
  readonly messages: readonly string[];
}

/** Asks one CRL about one certificate. Ends with 1 unless the answer is that it is not revoked. */
export async function checkCrl(file: string, flags: CheckFlags): Promise<ExitCode> {
  if ((flags.crt === undefined) === (flags.serial === undefined)) {
    throw new UsageError('say what is asked about: either --crt FILE or --serial HEX.');
  }
  const crl = await readCrl(file);
  const said = flags.serial === undefined ? await askAboutCertificate(crl, flags) : askAboutSerial(crl, flags.serial);
  if (flags.format === 'json') print(`${safeJson(said, 2)}\n`);
  else printPretty(said, file);
  return said.status === 'good' || said.status === 'not-listed' ? EXIT.ok : EXIT.refused;
}

const UNVERIFIED =
  'Neither the signature nor the dates of the CRL were checked: give the CA with --issuer FILE, and the certificate with --crt FILE.';

function askAboutSerial(crl: OpenCrl, hex: string): Said {
  const serial = hex.startsWith('-') ? -BigInt(`0x${hex.slice(1)}`) : BigInt(`0x${hex}`);
  return listingOf(crl, crl.isRevoked(serial));
}

function listingOf(crl: OpenCrl, { revoked, reason, date }: ReturnType<OpenCrl['isRevoked']>): Said {
  return {
    status: revoked ? 'listed' : 'not-listed',
    reason,
    revokedAt: date && formatTime(date.getTime() / 1000),
    verified: false,
    crlNumber: numberOf(crl)?.toString() ?? null,
    messages: [
      UNVERIFIED,
      ...(isDelta(crl) ? ['It is a delta CRL: what it does not list may be on the complete one.'] : []),
    ],
  };
}

async function askAboutCertificate(crl: OpenCrl, { crt, issuer = [], at }: CheckFlags): Promise<Said> {
  const [leaf, ...rest] = await readCertificates('--crt', crt!);
  const others = [...rest, ...(await Promise.all(issuer.map((path) => readCertificates('--issuer', path)))).flat()];
  if (others.length === 0) {
    return listingOf(crl, crl.isRevoked(leaf!.serialNumber.content(), leaf!.issuer.element.der()));
  }
  const seconds = Math.floor((at?.getTime() ?? Date.now()) / 1000);
  const answer = answerOf(leaf!, others, crl, seconds);
  if (answer === undefined) {
    throw new UsageError(
      `none of the certificates given with --issuer has signed ${crt}; its issuer is "${leaf!.issuer}".`,
    );
  }
  return {
    status: answer.status,
    reason: answer.reason,
    revokedAt: answer.revokedAt === undefined ? undefined : formatTime(answer.revokedAt),
    verified: answer.status !== 'undetermined',
    crlNumber: numberOf(crl)?.toString() ?? null,
    messages: answer.issues.map(({ message }) => message),
  };
}

function answerOf(
  leaf: Certificate,
  others: readonly Certificate[],
  crl: OpenCrl,
  at: number,
): RevocationAnswer | undefined {
  const material = { leaf, others, anchors: [], crypto: nodeCrypto };
  return statusesOf(followSignatures(material), material, [crl], at)[0]?.answer;
}

const WORDS: Readonly<Record<Said['status'], string>> = {
  good: 'not revoked',
  revoked: 'REVOKED',
  listed: 'LISTED',
  'not-listed': 'not listed',
  undetermined: 'NOBODY CAN TELL',
};

function printPretty({ status, reason, revokedAt, messages }: Said, file: string): void {
  const style = styleOf(process.stdout);
  const fine = status === 'good' || status === 'not-listed';
  const sign = fine ? style.paint('green', style.sign.ok) : style.paint('red', style.sign.bad);
  const details = [revokedAt && `since ${revokedAt}`, reason].filter(Boolean).join(', ');
  print(`${sign} ${style.paint('bold', WORDS[status])}  ${visible(file)}${details && `  ${details}`}\n`);
  for (const message of messages) print(`  ${visible(message)}\n`);
}
