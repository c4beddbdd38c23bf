import { issue, key } from './openssl.ts';
import { chain, elliptic, issuing, keys, leaf, read, root, selfSigned } from './materials.ts';
import type { Recipe } from './recipe.ts';

const CA = [
  'basicConstraints=critical,CA:TRUE',
  'keyUsage=critical,keyCertSign,cRLSign',
  'subjectKeyIdentifier=hash',
  'authorityKeyIdentifier=keyid',
];

/** Contoso Issuing CA once more, by the root, with its own key. */
const issuingAs = (
  extensions: readonly string[],
  order: { from?: string; to?: string; digest?: string } = {},
): string =>
  issue({
    subject: '/C=US/O=Contoso Inc./OU=Contoso Labs/CN=Contoso Issuing CA',
    key: issuing.key,
    by: root,
    extensions,
    ...order,
  });

const below = (ca: string): string => chain(ca, root.crt);
const without = (name: string): string[] => CA.filter((line) => !line.startsWith(name));
const good = leaf();

const policyCa = (): string => {
  const mid = key('policy');
  const crt = issue({
    subject: '/C=US/O=Contoso Inc./OU=Contoso Labs/CN=Contoso Policy CA',
    key: mid,
    by: root,
    extensions: ['basicConstraints=critical,CA:TRUE,pathlen:0', ...without('basicConstraints')],
  });
  const lower = issue({
    subject: '/C=US/O=Contoso Inc./OU=Contoso Labs/CN=Contoso Issuing CA',
    key: issuing.key,
    by: { crt, key: mid },
    extensions: CA,
  });
  return chain(lower, crt, root.crt);
};

export const trustPathRecipes: readonly Recipe[] = [
  {
    name: 'trust-path/to-the-root-of-the-chain',
    why: 'Without anchors the root in the chain is the reference, as on the appliance.',
    crt: read(good),
  },
  {
    name: 'trust-path/to-an-anchor',
    why: 'The chain stops below the root, which is configured as an anchor.',
    crt: read(good),
    chain: chain(issuing.crt),
    trust: read(root.crt),
  },
  {
    name: 'trust-path/unknown-root',
    why: 'The chain is whole, but its root is not one of the configured anchors.',
    crt: read(good),
    trust: read(elliptic.crt),
  },
  {
    name: 'trust-path/expired-ca',
    why: 'The issuing CA expired last month; the certificate itself has a year to go.',
    crt: read(good),
    chain: below(issuingAs(CA, { to: '20260501000000Z' })),
  },
  {
    name: 'trust-path/ca-not-yet-valid',
    why: 'The new certificate of the issuing CA counts from next month.',
    crt: read(good),
    chain: below(issuingAs(CA, { from: '20260701000000Z' })),
  },
  {
    name: 'trust-path/issuer-is-no-ca',
    why: 'The issuer is a server certificate: whoever holds its key could make any other.',
    crt: read(good),
    chain: below(issuingAs(['basicConstraints=critical,CA:FALSE', ...without('basicConstraints')])),
  },
  {
    name: 'trust-path/issuer-without-basic-constraints',
    why: 'The issuing CA was made without basicConstraints, as openssl x509 -req does by default.',
    crt: read(good),
    chain: below(issuingAs(without('basicConstraints'))),
  },
  {
    name: 'trust-path/issuer-may-not-sign',
    why: 'The issuing CA may sign CRLs only: its keyUsage lacks keyCertSign.',
    crt: read(good),
    chain: below(issuingAs(['keyUsage=critical,cRLSign', ...without('keyUsage')])),
  },
  {
    name: 'trust-path/too-deep',
    why: 'A CA that may have no CA below it (pathlen 0) has one.',
    crt: read(good),
    chain: policyCa(),
  },
  {
    name: 'trust-path/name-not-permitted',
    why: 'The issuing CA may only issue for another domain.',
    crt: read(good),
    chain: below(issuingAs([...CA, 'nameConstraints=critical,permitted;DNS:fabrikam.com'])),
  },
  {
    name: 'trust-path/name-permitted',
    why: 'The issuing CA may issue for this domain.',
    crt: read(good),
    chain: below(issuingAs([...CA, 'nameConstraints=critical,permitted;DNS:contoso.com'])),
  },
  {
    name: 'trust-path/ca-for-mail',
    why: 'The issuing CA may only issue certificates for e-mail.',
    crt: read(good),
    chain: below(issuingAs([...CA, 'extendedKeyUsage=emailProtection'])),
  },
  {
    name: 'trust-path/sha1-ca',
    why: 'The issuing CA is signed with SHA-1, as ten years ago.',
    crt: read(good),
    chain: below(issuingAs(CA, { digest: 'sha1' })),
  },
  {
    name: 'trust-path/own-root',
    why: 'A self-signed certificate: nobody vouches for it, so there is no path to judge.',
    crt: read(selfSigned()),
    key: read(keys.sensor),
    chain: null,
  },
];
