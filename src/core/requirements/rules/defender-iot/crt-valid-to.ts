import { formatTime } from '../../../der/time.ts';
import { askForNewOne, span } from '../../advice.ts';
import { defineRule, inCertificate, pass, refused, vendor } from '../../define.ts';

export const crtValidTo = defineRule({
  id: 'crt-valid-to',
  origin: 'defender-iot',
  title: 'Not expired',
  source: vendor('CRT file requirements'),
  quote: 'Valid To: A valid future date',
  reading:
    'The instant itself counts as valid (RFC 5280 §4.1.2.5: both dates inclusive); parts of a second are dropped.',
  required: 'a "Valid to" (notAfter) in the future',
  explanation:
    'Passes: notAfter is at or after the time judged for.\n\nRefused: the certificate has expired. Renewing means a new certificate: the dates of an issued one cannot be changed.',
  applianceSays: 3,
  needs: 'certificate',
  gives: ['pass', 'refused'],
  check({ certificate, block, circumstances: { at } }) {
    const { seconds, element } = certificate.notAfter;
    if (at <= seconds) return pass({ found: () => formatTime(seconds) });
    return refused({
      found: formatTime(seconds),
      location: inCertificate(block, 'tbsCertificate.validity.notAfter', element),
      message: `The certificate expired at ${formatTime(seconds)}, ${span(at - seconds)} before the time checked for (${formatTime(at)}).`,
      fix: () => askForNewOne(certificate),
      clientsSay: 'NET::ERR_CERT_DATE_INVALID',
    });
  },
});
