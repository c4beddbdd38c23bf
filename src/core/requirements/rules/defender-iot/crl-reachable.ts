import { defineRule, notApplicable, notChecked, vendor } from '../../define.ts';

export const crlReachable = defineRule({
  id: 'crl-reachable',
  origin: 'defender-iot',
  title: 'The CRL can be fetched',
  source: vendor('CRT file requirements'),
  quote: 'CRL Distribution Point: URL to a CRL server.',
  required: 'a distribution point that answers with a CRL',
  explanation:
    'Passes: the URLs of the distribution point answer.\n\nRefused: none of them answers and no current CRL is held.\n\nWarning: one does not answer, or a CRL that is still current had to serve.\n\nNot applicable unless CRL validation is on.',
  applianceSays: 5,
  needs: 'bundle',
  gives: ['pass', 'warning', 'refused', 'not-applicable', 'not-checked'],
  check: ({ circumstances: { crl } }) => (crl === 'on' ? PENDING : NOT_ON),
});

const NOT_ON = notApplicable('CRL validation is not on (--crl on).');
const PENDING = notChecked('CRLs are not fetched yet.');
