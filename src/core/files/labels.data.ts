import type { BlockKind, PrivateKeyForm } from './content.ts';

export interface Label {
  readonly kind: BlockKind;
  readonly form?: PrivateKeyForm;
}

/** PEM labels in use: RFC 7468, RFC 1421, and what OpenSSL, Java and Windows write. */
export const LABELS: Readonly<Record<string, Label>> = {
  CERTIFICATE: { kind: 'certificate' },
  'X509 CERTIFICATE': { kind: 'certificate' },
  'X.509 CERTIFICATE': { kind: 'certificate' },
  'TRUSTED CERTIFICATE': { kind: 'trusted-certificate' },
  'CERTIFICATE REQUEST': { kind: 'csr' },
  'NEW CERTIFICATE REQUEST': { kind: 'csr' },
  'X509 CRL': { kind: 'crl' },
  CRL: { kind: 'crl' },
  'PRIVATE KEY': { kind: 'private-key', form: 'pkcs8' },
  'RSA PRIVATE KEY': { kind: 'private-key', form: 'pkcs1' },
  'EC PRIVATE KEY': { kind: 'private-key', form: 'sec1' },
  'DSA PRIVATE KEY': { kind: 'private-key', form: 'dsa' },
  'ENCRYPTED PRIVATE KEY': { kind: 'encrypted-private-key', form: 'pkcs8' },
  'OPENSSH PRIVATE KEY': { kind: 'openssh-private-key', form: 'openssh' },
  'PUBLIC KEY': { kind: 'public-key' },
  'RSA PUBLIC KEY': { kind: 'public-key' },
  'SSH2 PUBLIC KEY': { kind: 'public-key' },
  PKCS7: { kind: 'pkcs7' },
  'PKCS #7 SIGNED DATA': { kind: 'pkcs7' },
  CMS: { kind: 'pkcs7' },
  PKCS12: { kind: 'pkcs12' },
  'EC PARAMETERS': { kind: 'parameters' },
  'DH PARAMETERS': { kind: 'parameters' },
  'X9.42 DH PARAMETERS': { kind: 'parameters' },
  'DSA PARAMETERS': { kind: 'parameters' },
};

/** With article, for messages. */
export const KIND_WORDS: Readonly<Record<BlockKind, string>> = {
  certificate: 'a certificate',
  'trusted-certificate': "an OpenSSL TRUSTED CERTIFICATE (a certificate with OpenSSL's own data behind it)",
  csr: 'a certificate signing request (CSR)',
  crl: 'a certificate revocation list (CRL)',
  'private-key': 'a private key',
  'encrypted-private-key': 'an encrypted private key',
  'openssh-private-key': 'an OpenSSH private key',
  'public-key': 'a public key',
  pkcs7: 'a PKCS#7 container (.p7b)',
  pkcs12: 'a PKCS#12 container (.pfx, .p12)',
  parameters: 'key parameters',
  unknown: 'something unknown',
};

export const FORM_WORDS: Readonly<Record<PrivateKeyForm, string>> = {
  pkcs1: 'PKCS#1',
  pkcs8: 'PKCS#8',
  sec1: 'SEC1, elliptic curve',
  dsa: 'DSA',
  openssh: 'OpenSSH',
};
