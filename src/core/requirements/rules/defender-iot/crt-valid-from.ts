import { formatTime } from '../../../der/time.ts';
import { span } from '../../advice.ts';
import { defineRule, inCertificate, pass, refused, vendor } from '../../define.ts';

export const crtValidFrom = defineRule({
  id: 'crt-valid-from',
  origin: 'defender-iot',
  title: 'Valid already',
  source: vendor('CRT file requirements'),
  quote: 'Valid from: A valid past date',
  reading:
    'The instant itself counts as valid (RFC 5280 §4.1.2.5: both dates inclusive); parts of a second are dropped.',
  required: 'a "Valid from" (notBefore) in the past',
  explanation:
    "Passes: notBefore is at or before the time judged for.\n\nRefused: notBefore lies ahead.\n\nA certificate that is some minutes too young usually means that the CA's clock and yours differ.",
  applianceSays: 6,
  needs: 'certificate',
  gives: ['pass', 'refused'],
  check({ certificate, block, circumstances: { at } }) {
    const { seconds, element } = certificate.notBefore;
    if (at >= seconds) return pass({ found: () => formatTime(seconds) });
    const wait = span(seconds - at);
    return refused({
      found: formatTime(seconds),
      location: inCertificate(block, 'tbsCertificate.validity.notBefore', element),
      message: `The certificate is not valid yet: it becomes valid at ${formatTime(seconds)}, ${wait} after the time checked for (${formatTime(at)}).`,
      fix:
        seconds - at <= 86400
          ? `Wait ${wait}, and compare the clocks of this machine, the appliance and the CA (date -u).`
          : `Upload it after ${formatTime(seconds)}, or have the CA issue one that is valid now; compare clocks with date -u.`,
      clientsSay: 'NET::ERR_CERT_DATE_INVALID',
    });
  },
});
