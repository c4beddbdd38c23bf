import { cRLDistributionPoints } from '../../../x509/extensions/crl-distribution-points.ts';
import type { Certificate } from '../../../x509/certificate.ts';
import { defineRule, inCertificate, notApplicable, pass, refused, unsupported, vendor, warning } from '../../define.ts';

export const crtCrlDistributionPoint = defineRule({
  id: 'crt-crl-distribution-point',
  origin: 'defender-iot',
  title: 'CRL distribution point as your organisation needs it',
  source: vendor('CRT file requirements'),
  quote:
    "CRL Distribution Point: URL to a CRL server. If your organization doesn't validate certificates against a CRL server, " +
    'remove this line from the certificate.',
  reading:
    'The appliance fetches CRLs with http:// only, not https:// and not ldap:// (a CRL is signed, it needs no TLS). Whether you ' +
    'validate against a CRL is yours to say (--crl on or off); while nobody says, a usable URL and none at all are both in order.',
  required: 'with CRL validation an http:// URL; without it no distribution point',
  explanation:
    'With `--crl on`: refused without an http:// URL; warning when https:// or ldap:// stand beside one.\n\nWith `--crl off`: unsupported when a distribution point is present.\n\nWhen nobody says: warning when present without an http:// URL.',
  applianceSays: 6,
  needs: 'certificate',
  gives: ['pass', 'warning', 'unsupported', 'refused', 'not-applicable'],
  check({ certificate, block, circumstances: { crl } }) {
    const extension = certificate.extensions.find(cRLDistributionPoints.oid);
    if (extension === undefined) {
      if (crl === 'off') return pass({ found: 'no distribution point' });
      if (crl === undefined) return ABSENT;
      return refused({
        found: 'no distribution point',
        message: 'Your organisation validates against a CRL, but the certificate does not say where that CRL is.',
        fix: 'Have your CA put its CRL address into the certificate, e.g. in the openssl.cnf of the CA: crlDistributionPoints = URI:http://crl.contoso.com/ca.crl',
      });
    }
    const urls = urlsOf(certificate);
    const found = urls.length === 0 ? 'a distribution point without URL' : urls.join(', ');
    const words = {
      found,
      location: () => inCertificate(block, 'tbsCertificate.extensions.cRLDistributionPoints', extension.element),
    };
    if (crl === 'off') {
      return unsupported({
        ...words,
        message: `The certificate names a CRL (${found}), but your organisation does not validate against one.`,
        fix: 'Have your CA issue the certificate without crlDistributionPoints; or, if you do want CRL validation, check with --crl on.',
      });
    }
    const others = urls.filter((url) => !isHttp(url));
    if (others.length === urls.length) {
      const message = `The certificate names no http:// URL of a CRL (found: ${found}); the appliance cannot fetch it from there.`;
      const fix = 'Have your CA add an http:// address: crlDistributionPoints = URI:http://crl.contoso.com/ca.crl';
      return crl === 'on' ? refused({ ...words, message, fix }) : warning({ ...words, message, fix });
    }
    if (others.length > 0 && crl === 'on') {
      return warning({
        ...words,
        message: `Beside an http:// URL the certificate names ${others.join(', ')}, which the appliance cannot fetch.`,
        fix: 'Nothing has to be done as long as the http:// address answers; your CA can leave the others out next time.',
      });
    }
    return pass(words);
  },
});

const ABSENT = notApplicable('The certificate names no CRL, and nobody said that you validate against one (--crl on).');

const isHttp = (url: string): boolean => /^http:\/\/[^/?#\s]/i.test(url);

function urlsOf(certificate: Certificate): string[] {
  const urls: string[] = [];
  for (const { distributionPoint } of certificate.get(cRLDistributionPoints)?.points ?? []) {
    for (const name of distributionPoint?.fullName?.names ?? []) {
      if (name.kind === 'uniformResourceIdentifier') urls.push(name.value);
    }
  }
  return urls;
}
