import { defineRule, notChecked, vendor } from '../../define.ts';

export const trustPath = defineRule({
  id: 'trust-path',
  origin: 'defender-iot',
  title: 'A valid path to a trusted root',
  source: vendor('SSL/TLS certificate requirements for on-premises resources'),
  quote: 'Some organizations also validate their certificates against … the certificate trust chain.',
  required: 'a certification path that RFC 5280 §6 accepts, up to a trust anchor',
  explanation:
    'Passes: there is a path from the certificate to a trust anchor (`--trust`, or the root of the chain as on the appliance) in which every signature, date and constraint holds.\n\nRefused: there is none.\n\nNot checked: neither chain nor anchors were given, or the certificate is its own root.',
  applianceSays: 2,
  needs: 'bundle',
  gives: ['pass', 'refused', 'not-checked'],
  check: () => notChecked('Paths are not validated yet.'),
});
