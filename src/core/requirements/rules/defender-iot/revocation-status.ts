import { defineRule, notApplicable, notChecked, vendor } from '../../define.ts';

export const revocationStatus = defineRule({
  id: 'revocation-status',
  origin: 'defender-iot',
  title: 'Not revoked',
  source: vendor('SSL/TLS certificate requirements for on-premises resources'),
  quote: 'Some organizations also validate their certificates against a Certificate Revocation List (CRL)',
  required: 'neither the certificate nor a CA above it revoked or on hold',
  explanation:
    'Passes: current CRLs of every CA involved do not list the certificate, nor an intermediate.\n\nRefused: revoked or on hold.\n\nUnsupported: an intermediate without distribution point and without CRL.\n\nNot applicable: `--crl off`. Not checked: nobody said whether you validate against a CRL, or no CRL answers the question.',
  applianceSays: 4,
  needs: 'bundle',
  gives: ['pass', 'unsupported', 'refused', 'not-applicable', 'not-checked'],
  check({ circumstances: { crl } }) {
    if (crl === 'off') return OFF;
    return crl === undefined ? UNSTATED : PENDING;
  },
});

const OFF = notApplicable('CRL validation is off.');
const UNSTATED = notChecked(
  'Nobody said whether your organisation validates against a CRL: check with --crl on or --crl off.',
);
const PENDING = notChecked('Revocation is not checked yet.');
