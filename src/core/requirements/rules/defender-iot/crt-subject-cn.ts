import { ATTRIBUTE, type Attribute } from '../../../x509/name.ts';
import { askForNewOne } from '../../advice.ts';
import { defineRule, inCertificate, notApplicable, pass, refused, unsupported, vendor } from '../../define.ts';
import { isIpAddress, judgeDnsName, sameHost } from '../../host-name.ts';

const FIELD = 'tbsCertificate.subject.commonName';

export const crtSubjectCn = defineRule({
  id: 'crt-subject-cn',
  origin: 'defender-iot',
  title: "CN is the appliance's domain name",
  source: vendor('CRT file requirements'),
  quote: 'Subject CN (Common Name): domain name of the appliance, such as sensor.contoso.com, or *.contosocom',
  reading:
    'The example *.contosocom stands beside "wildcard SSL certificates … aren\'t supported" on the same page: we go by the ' +
    'ban (crt-wildcard). A domain name is letters, digits and dashes in at least two labels (RFC 1123 §2.1).',
  required: "exactly one CN, the appliance's full domain name",
  explanation:
    'Passes: one CN in DNS syntax with at least two labels, equal to the host name where that is known (`--hostname`; upper or lower case and a final dot do not matter).\n\nRefused: no CN, a blank one, several, an IP address, characters that no host name has, another name than the host name.\n\nUnsupported: a single label (`sensor`), an underscore, letters outside ASCII instead of `xn--`.\n\nA `*` is judged by crt-wildcard.',
  applianceSays: 6,
  needs: 'certificate',
  gives: ['pass', 'unsupported', 'refused', 'not-applicable'],
  check({ certificate, block, circumstances: { hostname } }) {
    const names = certificate.subject.all(ATTRIBUTE.CN);
    const [attribute] = names;
    const fix = () => askForNewOne(certificate, hostname === undefined ? {} : { CN: hostname });
    const location = (one?: Attribute) => inCertificate(block, FIELD, (one ?? certificate.subject).element);
    if (attribute === undefined) {
      return refused({ found: 'no CN', location: location(), fix, message: 'The subject has no CN (common name).' });
    }
    const cn = attribute.text;
    if (names.length > 1) {
      const found = names.map(({ text }) => text).join(', ');
      return refused({
        found,
        location: location(names[1]),
        fix,
        message: `The subject has ${names.length} CNs (${found}); which one is the appliance?`,
      });
    }
    const syntax = judgeDnsName(cn);
    const isOthers = hostname !== undefined && !sameHost(cn, hostname);
    if (syntax.kind === 'good' && !isOthers) return pass({ found: cn });
    if (cn.includes('*')) return notApplicable('The CN holds a *: crt-wildcard says what that means.');
    const words = { found: cn, location: location(attribute), fix };
    if (cn.trim() === '') return refused(words, { found: `"${cn}"`, message: 'The CN is blank.' });
    if (isIpAddress(cn)) {
      return refused(words, { message: `The CN is the IP address ${cn}; it must be the appliance's domain name.` });
    }
    if (syntax.kind === 'bad') return refused(words, { message: `The CN "${cn}" is no domain name: ${syntax.why}.` });
    if (syntax.kind === 'odd' && !isOthers) {
      return unsupported(words, { message: `The CN "${cn}" ${syntax.why}; it might work, but is not supported.` });
    }
    return refused(words, {
      required: `CN=${hostname}`,
      message: `The CN is "${cn}", but the appliance is called "${hostname}": this certificate belongs to another machine, or the name is misspelt.`,
      clientsSay: 'NET::ERR_CERT_COMMON_NAME_INVALID',
    });
  },
});
