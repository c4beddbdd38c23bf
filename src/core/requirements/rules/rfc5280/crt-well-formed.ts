import type { DerError } from '../../../der/errors.ts';
import type { OpenedBundle } from '../../../files/bundle.ts';
import { defineRule, inCertificate, notChecked, pass, refused, rfc, unsupported, warning } from '../../define.ts';
import type { Outcome } from '../../rule.ts';
import { type Flaw, flawsOf } from '../../well-formed.ts';

export const crtWellFormed = defineRule({
  id: 'crt-well-formed',
  origin: 'rfc5280',
  title: 'Well-formed X.509',
  source: rfc(5280, '4.1 Basic Certificate Fields, 4.2 Certificate Extensions'),
  quote:
    'A certificate-using system MUST reject the certificate if it encounters a critical extension it does not recognize or a ' +
    'critical extension that contains information that it cannot process.',
  reading:
    'What cannot be decoded, is not DER (RFC 5280 §4.1: "encoded using the ASN.1 distinguished encoding rules"), holds an extension twice ' +
    'or an unknown critical one is refused. That includes encodings that OpenSSL reads without a word (a default spelled out, trailing zero ' +
    'bits): who reads the same bytes in two ways can be made to. A missing key identifier or an over-long text disturbs no known reader: a warning.',
  required: 'an X.509 v3 certificate in DER, as RFC 5280 describes it',
  explanation:
    'Passes: every field and every known extension can be read, and keeps to RFC 5280.\n\nRefused: bytes that cannot be decoded or are BER and not DER (lengths in more octets than needed, a default spelled out, trailing zero bits), an extension twice, an unknown critical extension.\n\nUnsupported: version 1 or 2, a serial number that is zero, negative or longer than 20 octets, a date in the wrong type (GeneralizedTime before 2050), an empty list where one entry is needed.\n\nWarning: texts longer than RFC 5280 allows (CN, O, OU: 64 characters), no authority or subject key identifier.',
  fix: 'Have the CA issue the certificate anew with current software. To see what a reader makes of it: `openssl x509 -in sensor.crt -noout -text`',
  applianceSays: 6,
  needs: 'encoding',
  gives: ['pass', 'warning', 'unsupported', 'refused', 'not-checked'],
  check({ certificate, error, block, bundle }) {
    if (certificate === undefined) return error === undefined ? NO_CERTIFICATE : undecodable(error, block, bundle);
    const flaws = flawsOf(certificate);
    if (flaws.length === 0) return PASS;
    return flaws.map((flaw) => outcome(flaw, block));
  },
});

const PASS = pass();
const NO_CERTIFICATE = notChecked('There is no certificate to read.');

function undecodable(error: DerError, block: number | undefined, bundle: OpenedBundle | undefined): Outcome {
  const words = { found: error.message, location: { ...inCertificate(block, 'Certificate'), offset: error.offset } };
  // Where there is a file, crt-file tells what happened to it; one damage is one story.
  if (bundle !== undefined) {
    return refused({
      ...words,
      message: 'The certificate cannot be decoded (see crt-file).',
      fix: 'What crt-file says puts this right, too.',
    });
  }
  return refused({
    ...words,
    message: `The certificate is damaged and cannot be read: ${error.message}.`,
    fix: 'Get the file again from the CA, and copy it in binary mode (mails and editors damage it). It is whole when this prints it: openssl x509 -in sensor.crt -noout -text',
  });
}

function outcome({ status, path, element, offset, found, message, fix }: Flaw, block: number | undefined): Outcome {
  const make = status === 'refused' ? refused : status === 'unsupported' ? unsupported : warning;
  return make({
    found,
    message,
    location: () => ({ ...inCertificate(block, path, element), ...(offset !== undefined && { offset }) }),
    ...(fix !== undefined && { fix }),
  });
}
