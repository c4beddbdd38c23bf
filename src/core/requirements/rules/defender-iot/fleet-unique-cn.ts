import { ATTRIBUTE } from '../../../x509/name.ts';
import { askForNewOne } from '../../advice.ts';
import { defineRule, inCertificate, notApplicable, pass, refused, vendor } from '../../define.ts';

export const fleetUniqueCn = defineRule({
  id: 'fleet-unique-cn',
  origin: 'defender-iot',
  title: 'A CN of its own',
  source: vendor('CRT file requirements'),
  quote: 'Each appliance must use a unique CN.',
  required: 'a CN that no other active appliance has',
  explanation:
    'Passes: no other active appliance of the fleet, and no other bundle of the same run, has this CN.\n\nRefused: another one has it. Replacing or retiring an appliance releases its CN.\n\nNot applicable: no fleet to compare with.',
  applianceSays: 6,
  needs: 'bundle',
  gives: ['pass', 'refused', 'not-applicable'],
  check({ certificate, block, circumstances: { fleet } }) {
    if (fleet === undefined) return NO_FLEET;
    const attribute = certificate.subject.all(ATTRIBUTE.CN)[0];
    if (attribute === undefined) return NO_CN;
    const cn = attribute.text;
    const others = fleet
      .withCommonName(cn.toLowerCase().replace(/\.$/, ''))
      .filter(({ active, same }) => active && !same);
    if (others.length === 0) return pass({ found: cn });
    const names = others.map(({ appliance }) => appliance).join(', ');
    return refused({
      found: `CN ${cn}, also of ${names}`,
      location: inCertificate(block, 'tbsCertificate.subject.commonName', attribute.element),
      message: `The CN "${cn}" already belongs to ${names}; every appliance needs its own.`,
      fix: () =>
        `Retire ${names}, or give this appliance a name of its own (in place of "${cn}"). ${askForNewOne(certificate)}`,
    });
  },
});

const NO_FLEET = notApplicable('No fleet was given to compare with.');
const NO_CN = notApplicable('The certificate has no CN: see crt-subject-cn.');
