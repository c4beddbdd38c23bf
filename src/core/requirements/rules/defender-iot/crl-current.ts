import { defineRule, notApplicable, notChecked, rfc } from '../../define.ts';

export const crlCurrent = defineRule({
  id: 'crl-current',
  origin: 'defender-iot',
  title: 'The CRL is current and genuine',
  source: rfc(5280, '5.1.2 Certificate List "To Be Signed", 6.3 CRL Validation'),
  quote: 'If the current time is after the value of the CRL next update field, then … obtain an appropriate CRL',
  required: "a CRL signed by the certificate's issuer, between its thisUpdate and its nextUpdate",
  explanation:
    'Passes: the CRL is signed by the right CA and its nextUpdate lies ahead.\n\nRefused: expired, forged, from another issuer, or dated more than 5 minutes ahead.\n\nUnsupported: without nextUpdate.\n\nNot applicable unless CRL validation is on.',
  applianceSays: 6,
  needs: 'bundle',
  gives: ['pass', 'unsupported', 'refused', 'not-applicable', 'not-checked'],
  check: ({ circumstances: { crl } }) => (crl === 'on' ? PENDING : NOT_ON),
});

const NOT_ON = notApplicable('CRL validation is not on (--crl on).');
const PENDING = notChecked('CRLs are not checked yet.');
