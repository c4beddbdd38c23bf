import { ATTRIBUTE } from '../../../x509/name.ts';
import { subjectAltName } from '../../../x509/extensions/subject-alt-name.ts';
import { askForNewOne } from '../../advice.ts';
import { defineRule, inCertificate, pass, refused, vendor } from '../../define.ts';

export const crtWildcard = defineRule({
  id: 'crt-wildcard',
  origin: 'defender-iot',
  title: 'No wildcard',
  source: vendor('CRT file requirements'),
  quote:
    'wildcard SSL certificates, which are public key certificates that can be used on multiple subdomains such as ' +
    "*.contoso.com, are insecure and aren't supported. Each appliance must use a unique CN.",
  reading:
    'The page\'s own example of a CN, *.contosocom, contradicts this sentence; the ban is explicit and repeated as "a unique ' +
    'certificate for each OT sensor", so wildcards are refused.',
  required: 'no * in the CN or in any DNS name of subjectAltName',
  explanation:
    'Passes: no `*` anywhere.\n\nRefused: a `*` in a CN or in a DNS name of subjectAltName. One certificate for all appliances means one stolen key for all appliances.',
  applianceSays: 6,
  needs: 'certificate',
  gives: ['pass', 'refused'],
  check({ certificate, block, circumstances: { hostname } }) {
    const found: string[] = [];
    let location;
    for (const { text, element } of certificate.subject.all(ATTRIBUTE.CN)) {
      if (!text.includes('*')) continue;
      location ??= inCertificate(block, 'tbsCertificate.subject.commonName', element);
      found.push(`CN ${text}`);
    }
    for (const name of certificate.get(subjectAltName)?.names ?? []) {
      if (name.kind !== 'dNSName' || !name.value.includes('*')) continue;
      location ??= inCertificate(block, 'tbsCertificate.extensions.subjectAltName', name.element);
      found.push(`DNS name ${name.value}`);
    }
    if (location === undefined) return pass({ found: 'no *' });
    return refused({
      found: found.join(', '),
      location,
      message: `The certificate is a wildcard certificate (${found.join(', ')}); each appliance needs one for its own name alone.`,
      fix: () => askForNewOne(certificate, hostname === undefined ? {} : { CN: hostname }),
    });
  },
});
