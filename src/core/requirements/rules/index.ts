import type { Rule } from '../rule.ts';
import { crtExpiresSoon } from './certgate/crt-expires-soon.ts';
import { crtKeyUsage } from './certgate/crt-key-usage.ts';
import { crtNotCa } from './certgate/crt-not-ca.ts';
import { crtSelfSigned } from './certgate/crt-self-signed.ts';
import { crtSubjectAltName } from './certgate/crt-subject-alt-name.ts';
import { keyWeak } from './certgate/key-weak.ts';
import { chainFile } from './defender-iot/chain-file.ts';
import { chainMatchesCrt } from './defender-iot/chain-matches-crt.ts';
import { crlCurrent } from './defender-iot/crl-current.ts';
import { crlReachable } from './defender-iot/crl-reachable.ts';
import { crtCrlDistributionPoint } from './defender-iot/crt-crl-distribution-point.ts';
import { crtFile } from './defender-iot/crt-file.ts';
import { crtPublicKey } from './defender-iot/crt-public-key.ts';
import { crtSignatureAlgorithm } from './defender-iot/crt-signature-algorithm.ts';
import { crtSignatureHash } from './defender-iot/crt-signature-hash.ts';
import { crtSubjectCn } from './defender-iot/crt-subject-cn.ts';
import { crtSubjectCountry } from './defender-iot/crt-subject-country.ts';
import { crtSubjectOrgUnit } from './defender-iot/crt-subject-org-unit.ts';
import { crtSubjectOrganization } from './defender-iot/crt-subject-organization.ts';
import { crtValidFrom } from './defender-iot/crt-valid-from.ts';
import { crtValidTo } from './defender-iot/crt-valid-to.ts';
import { crtWildcard } from './defender-iot/crt-wildcard.ts';
import { fleetUniqueCertificate } from './defender-iot/fleet-unique-certificate.ts';
import { fleetUniqueCn } from './defender-iot/fleet-unique-cn.ts';
import { fleetUniqueKey } from './defender-iot/fleet-unique-key.ts';
import { keyFile } from './defender-iot/key-file.ts';
import { keyLength } from './defender-iot/key-length.ts';
import { keyMatchesCrt } from './defender-iot/key-matches-crt.ts';
import { keyPassphraseCharacters } from './defender-iot/key-passphrase-characters.ts';
import { keyPassphrase } from './defender-iot/key-passphrase.ts';
import { revocationStatus } from './defender-iot/revocation-status.ts';
import { trustPath } from './defender-iot/trust-path.ts';
import { crtWellFormed } from './rfc5280/crt-well-formed.ts';

/**
 * All rules. Inside one status a report lists its findings in this order, so what explains the others stands first:
 * whether the files can be read at all, then whether key and certificate belong together, then the fields.
 */
export const RULES: readonly Rule[] = [
  crtFile,
  keyFile,
  chainFile,
  keyPassphrase,
  crtWellFormed,
  keyMatchesCrt,
  crtSignatureAlgorithm,
  crtSignatureHash,
  crtValidFrom,
  crtValidTo,
  crtPublicKey,
  keyLength,
  crtCrlDistributionPoint,
  crtSubjectCn,
  crtSubjectCountry,
  crtSubjectOrganization,
  crtSubjectOrgUnit,
  crtWildcard,
  crtSubjectAltName,
  crtKeyUsage,
  crtNotCa,
  crtSelfSigned,
  crtExpiresSoon,
  keyPassphraseCharacters,
  keyWeak,
  chainMatchesCrt,
  trustPath,
  revocationStatus,
  crlReachable,
  crlCurrent,
  fleetUniqueCn,
  fleetUniqueCertificate,
  fleetUniqueKey,
];
