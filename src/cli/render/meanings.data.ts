/** What a field is for, in a few plain words, by the last part of its path. */
export const MEANINGS: Readonly<Record<string, string>> = {
  serialNumber: 'unique for each certificate of one CA',
  issuer: 'the CA that signed it',
  subject: 'whom it is for',
  keyUsage: 'what the key may be used for',
  extKeyUsage: 'for which purposes: serverAuth is a TLS server, clientAuth a TLS client',
  subjectKeyIdentifier: 'names the key of this certificate',
  authorityKeyIdentifier: "names the issuer's key, which signed it",
  subjectAltName: 'the names that browsers and other clients compare',
  basicConstraints: 'whether it may sign other certificates',
  cRLDistributionPoints: 'where the list of revoked certificates is fetched',
  authorityInfoAccess: "where the issuer's certificate and OCSP answers are",
  certificatePolicies: 'under which rules it was issued',
  nameConstraints: 'for which names the CA may issue',
  cRLNumber: 'grows with every CRL',
  thisUpdate: 'when the list was made',
  nextUpdate: 'when a newer list must be there; after that it is stale',
};
