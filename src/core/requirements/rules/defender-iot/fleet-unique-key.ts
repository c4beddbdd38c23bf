import { toHex } from '../../../der/values.ts';
import { askForNewOne } from '../../advice.ts';
import { defineRule, inCertificate, notApplicable, pass, refused, vendor, warning } from '../../define.ts';

export const fleetUniqueKey = defineRule({
  id: 'fleet-unique-key',
  origin: 'defender-iot',
  title: 'A key of its own',
  source: vendor('SSL/TLS certificate requirements for on-premises resources'),
  quote: 'You must create a unique certificate for each OT sensor, and high availability server',
  required: 'a key that no other appliance has or ever had',
  explanation:
    'Passes: no other appliance has or ever had this key.\n\nRefused: another one has or had it: whoever steals it there is also this appliance.\n\nWarning: this appliance itself had the key before; a new certificate is the occasion for a new key.\n\nNot applicable: no fleet to compare with.',
  applianceSays: 6,
  needs: 'bundle',
  gives: ['pass', 'warning', 'refused', 'not-applicable'],
  check({ certificate, block, circumstances: { fleet, crypto } }) {
    if (fleet === undefined) return NO_FLEET;
    const { element } = certificate.subjectPublicKeyInfo;
    const fingerprint = toHex(crypto.digest('sha256', element.der()));
    const matches = fleet.withKey(fingerprint);
    if (matches.length === 0) return pass({ found: `SHA-256 ${fingerprint}` });
    const location = inCertificate(block, 'tbsCertificate.subjectPublicKeyInfo', element);
    const fix = () => `Make a new key with the new certificate. ${askForNewOne(certificate, { newKeyBits: 2048 })}`;
    const others = matches.filter(({ same }) => !same);
    if (others.length === 0) {
      return warning({
        found: `SHA-256 ${fingerprint}, this appliance's before`,
        location,
        fix,
        message: 'This appliance had the same key before; a new certificate is the occasion for a new key.',
      });
    }
    const names = others.map(({ appliance, active }) => (active ? appliance : `${appliance} (formerly)`)).join(', ');
    return refused({
      found: `SHA-256 ${fingerprint}, also of ${names}`,
      location,
      fix,
      message: `The key is also that of ${names}: whoever steals it there can pose as this appliance.`,
    });
  },
});

const NO_FLEET = notApplicable('No fleet was given to compare with.');
