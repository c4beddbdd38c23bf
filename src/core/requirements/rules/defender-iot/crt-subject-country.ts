import { ATTRIBUTE } from '../../../x509/name.ts';
import { askForNewOne } from '../../advice.ts';
import { COUNTRY_CODES } from '../../countries.data.ts';
import { defineRule, inCertificate, refused, unsupported, vendor } from '../../define.ts';
import { demandAttribute } from '../../subject-attribute.ts';

export const crtSubjectCountry = defineRule({
  id: 'crt-subject-country',
  origin: 'defender-iot',
  title: 'Country code in the subject',
  source: vendor('CRT file requirements'),
  quote: 'Subject (C)ountry: Certificate country code, such as US',
  reading:
    'A country code is one of ISO 3166-1 alpha-2 in capitals (RFC 5280 appendix A: countryName is two characters). Lower case and ' +
    'codes that ISO does not assign are read by the appliance all the same, so they are unsupported, not refused.',
  required: 'C with a two-letter ISO 3166-1 country code, e.g. US',
  explanation:
    'Passes: two capital letters that ISO 3166-1 assigns to a country.\n\nRefused: no C, a blank one, anything but two letters (`USA`).\n\nUnsupported: lower case (`us`), two letters that no country has (`UK` is not a code: the United Kingdom is `GB`).',
  applianceSays: 6,
  needs: 'certificate',
  gives: ['pass', 'unsupported', 'refused'],
  check(subject) {
    const present = demandAttribute(subject, COUNTRY);
    if (present.status !== 'pass') return present;
    const { certificate, block } = subject;
    for (const { text, element } of certificate.subject.all(ATTRIBUTE.C)) {
      if (COUNTRY_CODES.has(text)) continue;
      const words = { found: text, location: inCertificate(block, 'tbsCertificate.subject.countryName', element) };
      const upper = text.trim().toUpperCase();
      const better = COUNTRY_CODES.has(upper) ? upper : USUAL_SLIPS[upper];
      const fix = () => askForNewOne(certificate, better === undefined ? {} : { C: better });
      const hint = better === undefined ? '' : ` You probably mean ${better}.`;
      if (!/^[A-Za-z]{2}$/.test(text)) {
        return refused(words, {
          fix,
          message: `The country is "${text}"; it must be a code of exactly two letters.${hint}`,
        });
      }
      const why = better === upper ? 'is in lower case' : 'is assigned to no country (ISO 3166-1)';
      return unsupported(words, {
        fix,
        message: `The country code "${text}" ${why}; it might work, but is not supported.${hint}`,
      });
    }
    return present;
  },
});

const COUNTRY = { type: 'C', name: 'country', field: 'countryName' } as const;

const USUAL_SLIPS: Readonly<Record<string, string>> = {
  UK: 'GB',
  EN: 'GB',
  USA: 'US',
  GER: 'DE',
  DEU: 'DE',
  GBR: 'GB',
  SWI: 'CH',
  CHE: 'CH',
};
