import { Reader } from '../../../der/element.ts';
import { toHex } from '../../../der/values.ts';
import type { OpenedBundle } from '../../../files/bundle.ts';
import { readPublicKey } from '../../../x509/public-key.ts';
import { readSpki, type SubjectPublicKeyInfo } from '../../../x509/spki.ts';
import { isCaCertificate } from '../../certificate-facts.ts';
import { called } from '../../chain-advice.ts';
import { defineRule, notChecked, pass, refused, vendor } from '../../define.ts';
import { onlyBlock } from '../../file-fixes.ts';
import { describeKey } from '../../key-words.ts';
import { differenceOfKeys } from '../../same-key.ts';
import { trialSignature } from '../../trial-signature.ts';

/** Both print the SHA-256 of the DER public key, which is what the finding shows the first octets of. */
const COMPARE =
  'openssl x509 -in sensor.crt -noout -pubkey | openssl pkey -pubin -outform DER | openssl sha256; ' +
  'openssl pkey -in sensor.key -pubout -outform DER | openssl sha256';

export const keyMatchesCrt = defineRule({
  id: 'key-matches-crt',
  origin: 'defender-iot',
  title: "The key is the certificate's",
  source: vendor('Supported file types'),
  quote: '.key – Private key file',
  reading:
    'The page takes for granted that key and certificate belong together. The public halves are compared, and a trial ' +
    'signature of the private key is verified with the certificate: a damaged key file can carry the right public half.',
  required: 'the private key that belongs to the certificate',
  explanation:
    "Passes: the key file's public half is the certificate's, and the certificate verifies what the key signs.\n\nRefused: they are two different keys (typical: a new certificate beside an old key, or two appliances mixed up), or the key file is damaged so that its signatures are worthless.\n\nNot checked: no key, or one that could not be opened.",
  fix: `Find the key that the certificate was requested with; the two numbers must be equal: ${COMPARE}. If it is lost, make a new key and a new request.`,
  applianceSays: 6,
  needs: 'bundle',
  gives: ['pass', 'refused', 'not-checked'],
  check({ certificate, bundle, circumstances: { crypto } }) {
    const { key } = bundle;
    if (key === undefined) return notChecked('No private key was given to compare with the certificate.');
    if (key.pkcs8 === undefined || key.spki === undefined) {
      const why =
        key.pkcs8 === undefined ? 'could not be opened' : 'is of a kind or size that Certgate does not compute with';
      return notChecked(`The private key ${why}, so nobody knows whether it is the certificate's.`);
    }
    const location = { file: 'key', block: key.keys[0]?.index ?? 0 };
    const ofCertificate = certificate.subjectPublicKeyInfo;
    const ofFile = readSpki(new Reader(key.spki), 'subjectPublicKeyInfo');
    const [expected, actual] = [readPublicKey(ofCertificate), readPublicKey(ofFile)];
    if (expected.kind === 'unknown')
      return notChecked(`The certificate's key ${expected.reason}; the key file cannot be compared with it.`);
    const fingerprint = ({ element }: SubjectPublicKeyInfo) =>
      toHex(crypto.digest('sha256', element.der()).subarray(0, 8));
    const difference = actual.kind === 'unknown' ? `the key file ${actual.reason}` : differenceOfKeys(expected, actual);
    if (difference !== undefined) {
      const owner = ownerOf(ofFile, bundle);
      return refused({
        found: `${describeKey(ofFile)}, public key SHA-256 ${fingerprint(ofFile)}…; the certificate has ${describeKey(ofCertificate)}, SHA-256 ${fingerprint(ofCertificate)}…`,
        location,
        message: `The private key does not belong to the certificate: ${difference}.${owner?.message ?? ''}`,
        ...(owner !== undefined && { fix: owner.fix }),
      });
    }
    const trial = trialSignature(crypto, key.pkcs8, expected, [ofCertificate, ofFile]);
    const found = `public key SHA-256 ${fingerprint(ofFile)}…`;
    if (trial.outcome === 'valid')
      return pass({
        found,
        location,
        message: 'The private key belongs to the certificate (trial signature verified).',
      });
    if (trial.outcome === 'impossible') {
      return notChecked(`The public halves are the same, but no trial signature could be made: ${trial.reason}.`, {
        found,
        location,
      });
    }
    const why = trial.outcome === 'damaged' ? trial.reason : 'what it signs, the certificate does not verify';
    return refused({
      found: `${found}, the certificate's; its private half is damaged`,
      location,
      message: `The key file carries the certificate's public key, but its private half is no use: ${why}.`,
      fix: 'Take the key file from its origin or a backup again (openssl pkey -in sensor.key -check -noout must say "Key is valid"), or make a new key and a new request.',
    });
  },
});

/** Whose key it is instead, where the same files tell, and what that calls for. */
function ownerOf(
  ofFile: SubjectPublicKeyInfo,
  { crt, chain }: OpenedBundle,
): { message: string; fix: string } | undefined {
  const others = [...crt.rest, ...(chain?.certificates ?? [])];
  const owner = others.find(({ certificate }) => certificate?.subjectPublicKeyInfo.element.sameBytes(ofFile.element));
  if (owner?.certificate === undefined) return undefined;
  const place = `the ${owner.file === 'crt' ? 'certificate' : 'chain'} file, block ${owner.block.index + 1}`;
  if (isCaCertificate(owner.certificate)) {
    return {
      message: ` It is the key of the CA ${called(owner.certificate.subject)} (${place}).`,
      fix: `Take the CA's key away from here and tell its owner: whoever has it can issue certificates. Then find the appliance's own; the two numbers must be equal: ${COMPARE}`,
    };
  }
  const file = owner.file === 'crt' ? 'crt' : 'chain';
  return {
    message: ` It belongs to another certificate of ${place}.`,
    fix: `Hand in that certificate as the .crt file, and the CAs as the .pem file: ${onlyBlock(file, owner.block.index)} > sensor-new.crt`,
  };
}
