import { ATTRIBUTE } from '../../../x509/name.ts';
import type { GeneralName } from '../../../x509/general-name.ts';
import { subjectAltName } from '../../../x509/extensions/subject-alt-name.ts';
import { askForNewOne } from '../../advice.ts';
import { defineRule, inCertificate, notApplicable, pass, rfc, warning } from '../../define.ts';
import { isIpAddress, judgeDnsName, sameHost } from '../../host-name.ts';

export const crtSubjectAltName = defineRule({
  id: 'crt-subject-alt-name',
  origin: 'certgate',
  title: 'subjectAltName with the same name as the CN',
  source: rfc(9525, '2 Naming of Application Services'),
  quote: 'The Common Name RDN MUST NOT be used to identify a service because it is not strongly typed.',
  reading:
    'The vendor never mentions subjectAltName and its console takes certificates without it; but every current browser and TLS ' +
    'library looks at subjectAltName only, and ignores the CN.',
  required: 'a subjectAltName with a DNS name equal to the CN',
  explanation:
    'Passes: one of the DNS names in subjectAltName is the CN.\n\nWarning: no subjectAltName, or the CN is not among its DNS names. The appliance will take it; browsers will show NET::ERR_CERT_COMMON_NAME_INVALID to every user.',
  applianceSays: null,
  needs: 'certificate',
  gives: ['pass', 'warning', 'not-applicable'],
  check({ certificate, block }) {
    const extension = certificate.extensions.find(subjectAltName.oid);
    const cn = certificate.subject.all(ATTRIBUTE.CN)[0]?.text;
    if (extension === undefined) {
      return warning({
        found: 'no subjectAltName',
        message:
          'The certificate has no subjectAltName: the appliance takes it, but browsers refuse it whatever its CN says.',
        fix: () => askForNewOne(certificate),
        clientsSay: CLIENTS_SAY,
      });
    }
    const { names: all } = extension.valueAs(subjectAltName);
    for (const name of all) {
      if (name.kind !== 'dNSName') continue;
      if (cn === undefined || name.value === cn || sameHost(name.value, cn))
        return pass({ found: () => dnsNames(all) });
    }
    if (cn !== undefined && (judgeDnsName(cn).kind === 'bad' || isIpAddress(cn))) return NO_NAME;
    const found = dnsNames(all);
    return warning({
      found,
      location: inCertificate(block, 'tbsCertificate.extensions.subjectAltName', extension.element),
      message: `The subjectAltName (${found}) does not hold the CN${cn === undefined ? '' : ` "${cn}"`}: browsers that go to that name refuse the certificate.`,
      fix: () => askForNewOne(certificate),
      clientsSay: CLIENTS_SAY,
    });
  },
});

const NO_NAME = notApplicable('The CN is no domain name, so none can equal it: see crt-subject-cn.');
const CLIENTS_SAY = 'NET::ERR_CERT_COMMON_NAME_INVALID';

function dnsNames(all: readonly GeneralName[]): string {
  const names = all.flatMap((name) => (name.kind === 'dNSName' ? [name.value] : []));
  return names.length === 0 ? 'no DNS name' : names.slice(0, 10).join(', ');
}
