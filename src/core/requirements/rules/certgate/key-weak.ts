import { unsignedBigInteger } from '../../../der/values.ts';
import { askForNewOne } from '../../advice.ts';
import { defineRule, inCertificate, notApplicable, notChecked, pass, refused, unsupported } from '../../define.ts';
import { hasClosePrimes, hasRocaFingerprint } from '../../weak-rsa.ts';

/** The Baseline Requirements, 6.1.1.3: "within 100 rounds using Fermat's factorization method". */
const FERMAT_ROUNDS = 100;
/** OpenSSL verifies nothing longer; on numbers without bound the tests below would take without bound. */
const LONGEST_MODULUS = 16_384;

export const keyWeak = defineRule({
  id: 'key-weak',
  origin: 'certgate',
  title: 'Not a key that anybody can work out',
  source: {
    document: 'CA/Browser Forum Baseline Requirements',
    section: '6.1.1.3 Subscriber Key Pair Generation, 6.1.6',
  },
  quote:
    'In the case of ROCA vulnerability, the CA SHALL reject keys identified by the tools available at https://github.com/crocs-muni/roca or equivalent. ' +
    "In the case of Close Primes vulnerability, the CA SHALL reject weak keys which can be factored within 100 rounds using Fermat's factorization method.",
  reading:
    'The appliance takes such a key. We refuse it all the same: the private key can be worked out from the certificate, which everybody sees. ' +
    '6.1.6 asks for an odd public exponent of 3 or more, and advises 65537 or more.',
  required: 'an RSA key from a sound generator, with an odd public exponent of 65537 or more',
  explanation:
    "Passes: no known weakness; the exponent is odd and at least 65537.\n\nRefused: the modulus bears the fingerprint of the broken generator of Infineon chips (ROCA, CVE-2017-15361); its two primes lie so close together that Fermat's method finds them (CVE-2022-26320); the modulus is even; the public exponent is 1 or even, so that the key protects nothing.\n\nUnsupported: an odd public exponent below 65537 (3, 17 …): sound by itself, but careless software that checks signatures was broken with such keys.\n\nNot applicable: keys that are not RSA. When certificates are judged in bulk only the exponent is looked at.",
  fix: 'Make a new key with current software, not on the smart card or TPM that this one came from, and have your CA issue a new certificate.',
  applianceSays: null,
  needs: 'certificate',
  gives: ['pass', 'unsupported', 'refused', 'not-checked', 'not-applicable'],
  check({ certificate, block, bundle }) {
    const spki = certificate.subjectPublicKeyInfo;
    if (spki.kind !== 'RSA' && spki.kind !== 'RSASSA-PSS') return NOT_RSA;
    const { modulus, publicExponent, bits } = spki.rsa;
    const location = () => inCertificate(block, 'tbsCertificate.subjectPublicKeyInfo', spki.element);
    const fix = () =>
      `Make a new key with current software, not on the device that this one came from. ${askForNewOne(certificate, { newKeyBits: 2048 })}`;
    const weak = (found: string, message: string) => refused({ found, message, location, fix });
    // Above 32 bits there is nothing to say but whether it is even.
    const short = publicExponent.contentLength <= 4;
    const exponent = short ? Number(unsignedBigInteger(publicExponent.content())) : Number.POSITIVE_INFINITY;
    if (exponent === 1 || (publicExponent.bytes[publicExponent.end - 1]! & 1) === 0) {
      const found = short ? `public exponent ${exponent}` : 'an even public exponent';
      return weak(
        found,
        `The RSA key has ${short ? 'the ' : ''}${found}: it protects nothing. No sound software makes such a key.`,
      );
    }
    if ((modulus.bytes[modulus.end - 1]! & 1) === 0) {
      return weak('an even modulus', 'The RSA modulus is even, so anybody can work out the private key.');
    }
    const outOfBulk = bundle !== undefined;
    if (outOfBulk && bits > LONGEST_MODULUS)
      return notChecked(`The RSA modulus has ${bits} bits; more than ${LONGEST_MODULUS} are not examined.`);
    const n = outOfBulk ? unsignedBigInteger(modulus.content()) : undefined;
    if (n !== undefined && hasRocaFingerprint(n)) {
      return weak(
        'the fingerprint of ROCA (CVE-2017-15361)',
        'The key was made by the broken generator of an Infineon chip (smart card or TPM; ROCA, CVE-2017-15361): its private half can be worked out from the certificate.',
      );
    }
    if (n !== undefined && hasClosePrimes(n, FERMAT_ROUNDS)) {
      return weak(
        'primes that lie close together (CVE-2022-26320)',
        'The two primes of the RSA key lie so close together that anybody can work out the private key from the certificate (CVE-2022-26320).',
      );
    }
    if (exponent < 65_537) {
      return unsupported({
        found: `public exponent ${exponent}`,
        location,
        fix,
        message: `The RSA key has the public exponent ${exponent}; 65537 or more is advised, and what software uses since twenty years. It might work.`,
      });
    }
    return pass(outOfBulk ? NO_WEAKNESS : EXPONENT_ONLY);
  },
});

const NOT_RSA = notApplicable('The key is not RSA; the known weak generators made RSA keys.');
const NO_WEAKNESS = {
  message: 'No sign of a known weak generator (ROCA, close primes), and the exponent is in order.',
};
const EXPONENT_ONLY = {
  message: 'The exponent is in order. ROCA and close primes are only looked for in single bundles.',
};
