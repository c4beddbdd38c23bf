import { toHex } from '../../../der/values.ts';
import { askForNewOne } from '../../advice.ts';
import { defineRule, notApplicable, pass, refused, vendor } from '../../define.ts';

export const fleetUniqueCertificate = defineRule({
  id: 'fleet-unique-certificate',
  origin: 'defender-iot',
  title: 'A certificate of its own',
  source: vendor('SSL/TLS certificate requirements for on-premises resources'),
  quote: 'You must create a unique certificate for each OT sensor, and high availability server',
  required: 'a certificate that no other appliance has or ever had',
  explanation:
    'Passes: no other appliance has or ever had this certificate.\n\nRefused: another one has or had it.\n\nNot applicable: no fleet to compare with.',
  applianceSays: 6,
  needs: 'bundle',
  gives: ['pass', 'refused', 'not-applicable'],
  check({ certificate, circumstances: { fleet, crypto } }) {
    if (fleet === undefined) return NO_FLEET;
    const fingerprint = toHex(crypto.digest('sha256', certificate.der));
    const others = fleet.withCertificate(fingerprint).filter(({ same }) => !same);
    if (others.length === 0) return pass({ found: `SHA-256 ${fingerprint}` });
    const names = others.map(({ appliance, active }) => (active ? appliance : `${appliance} (formerly)`)).join(', ');
    return refused({
      found: `SHA-256 ${fingerprint}, also of ${names}`,
      message: `This very certificate is already that of ${names}; every appliance needs its own.`,
      fix: () => askForNewOne(certificate, { newKeyBits: 2048 }),
    });
  },
});

const NO_FLEET = notApplicable('No fleet was given to compare with.');
