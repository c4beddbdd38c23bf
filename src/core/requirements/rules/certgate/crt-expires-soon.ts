import { formatTime } from '../../../der/time.ts';
import { askForNewOne, span } from '../../advice.ts';
import { defineRule, inCertificate, notApplicable, pass, vendor, warning } from '../../define.ts';

export const crtExpiresSoon = defineRule({
  id: 'crt-expires-soon',
  origin: 'certgate',
  title: 'Not about to expire',
  source: vendor('CRT file requirements'),
  quote: 'Valid To: A valid future date',
  reading:
    'The vendor only asks for a date in the future. A certificate that runs out within weeks needs the next one ordered now.',
  required: 'at least 30 days left (setting days)',
  explanation:
    'Passes: at least `days` (30 unless the profile says otherwise) are left.\n\nWarning: fewer. Expired or not yet valid certificates are left to crt-valid-to and crt-valid-from.',
  applianceSays: null,
  needs: 'certificate',
  gives: ['pass', 'warning', 'not-applicable'],
  defaults: { days: 30 },
  check({ certificate, block, circumstances: { at }, settings }) {
    const days = settings['days'] as number;
    const { seconds, element } = certificate.notAfter;
    const left = seconds - at;
    if (left < 0) return EXPIRED;
    if (left >= days * 86400) return pass({ found: () => `${span(left)} left` });
    return warning({
      found: `${span(left)} left`,
      required: `at least ${days} days left`,
      location: inCertificate(block, 'tbsCertificate.validity.notAfter', element),
      message: `The certificate expires in ${span(left)}, at ${formatTime(seconds)}.`,
      fix: () => `Order the next one now. ${askForNewOne(certificate)}`,
    });
  },
});

const EXPIRED = notApplicable('It has expired already: see crt-valid-to.');
