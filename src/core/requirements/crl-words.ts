import { formatTime } from '../der/time.ts';
import { toHex } from '../der/values.ts';
import type { RevocationCode, RevocationIssue } from '../revocation/question.ts';
import { authorityKeyIdentifier } from '../x509/extensions/authority-key-identifier.ts';
import type { Words } from './rule.ts';

const PUBLISH = 'Have the CA publish its current CRL, fetch it (certgate crl fetch URL) and check again.';

/** What to do about a CRL that cannot be used. */
const FIXES: Readonly<Partial<Record<RevocationCode, string>>> = {
  'crl-expired': PUBLISH,
  'crl-not-yet-valid': 'Compare the clocks of the CA and of this computer; whichever is wrong, set it by NTP.',
  'crl-bad-signature':
    'Fetch the CRL again (certgate crl fetch URL). If it stays so, ask the CA whether the file is theirs, or whether their key is new.',
  'crl-sign-missing': 'Ask the CA for a CA certificate with keyUsage cRLSign, and put that one into the chain.',
  'crl-signer-unknown':
    'If the CA has renewed its key, add the certificate of the new key to the chain (--chain) or to the anchors (--trust). If not, do not trust this file.',
  'crl-unknown-critical': 'Ask the CA for a CRL without that extension, or one where it is not critical.',
  'crl-malformed': 'Fetch the CRL again; certgate inspect FILE shows what it says.',
  'crl-no-next-update': 'Have the CA set nextUpdate in its CRLs: default_crl_days = 7 in an openssl.cnf.',
};

/** The words of a finding about one CRL. */
export function wordsOf(issue: RevocationIssue): Words {
  const { code, message } = issue;
  return {
    found: foundIn(issue),
    message: `${message[0]!.toUpperCase()}${message.slice(1)}.`,
    fix: FIXES[code] ?? PUBLISH,
  };
}

function foundIn({ code, crl, message }: RevocationIssue): string {
  if (crl === undefined) return message;
  const { thisUpdate, nextUpdate } = crl.list;
  switch (code) {
    case 'crl-expired':
      return `nextUpdate ${nextUpdate === undefined ? 'absent' : formatTime(nextUpdate.seconds)}`;
    case 'crl-not-yet-valid':
      return `thisUpdate ${formatTime(thisUpdate.seconds)}`;
    case 'crl-no-next-update':
      return 'no nextUpdate';
    case 'crl-signer-unknown': {
      const key = crl.list.get(authorityKeyIdentifier)?.keyIdentifier;
      return key === undefined ? 'an unknown signer' : `signed with the key ${toHex(key.content(), ':')}`;
    }
    default:
      return message;
  }
}
