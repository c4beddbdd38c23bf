/** What validation means, in the same words wherever it is chosen. */
export const VALIDATION_OPTIONS = [
  {
    value: 'mandatory',
    label: 'Mandatory',
    note: 'recommended',
    about:
      'Encrypted connections pass only while their certificates are valid: in date, not revoked, issued by a CA you trust. Otherwise the traffic stops at once, and the console says which certificate, why, and what to do.',
  },
  {
    value: 'none',
    label: 'None',
    about:
      'Nothing is ever stopped. Certificates that expired, were revoked or come from a CA nobody trusts are shown in the console, and the traffic goes on over them.',
  },
] as const;

/** The same of revocation lists. */
export const CRL_OPTIONS = [
  {
    value: 'on',
    label: 'On',
    about:
      'The list that the CA publishes is fetched from the address in the certificate; whoever stands in it is out. Certificates need such an address (http), and the server must reach it or be given the list.',
  },
  {
    value: 'off',
    label: 'Off',
    about:
      'Nobody asks whether a certificate was revoked. Certificates with an address of a list in them are unusual then.',
  },
] as const;
