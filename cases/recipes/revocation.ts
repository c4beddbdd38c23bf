import { alter, type Authority, fresh, issue, openssl, read, rsa, key, workshop, write } from './openssl.ts';
import { chain, foreign, issuing, leaf, renewed, root } from './materials.ts';
import { inside } from './tlv.ts';
import type { Recipe } from './recipe.ts';

const HERE = { ext: { crlDistributionPoints: 'URI:http://crl.contoso.com/issuing.crl' } };

interface CrlOrder {
  readonly by: Authority;
  /** PEM files of certificates, each with a reason as openssl spells it. */
  readonly revoked?: readonly (readonly [crt: string, reason: string])[];
  /** YYYYMMDDHHMMSSZ. */
  readonly from?: string;
  readonly to?: string;
  /** Signs instead of the CA's own key. */
  readonly key?: string;
}

/** A CRL by `openssl ca -gencrl`, which reads what is revoked out of its database; the PEM file in the workshop. */
function crl({ by, revoked = [], from = '20260531000000Z', to = '20260607000000Z', key: signer }: CrlOrder): string {
  const lines = revoked.map(([crt, reason]) => {
    const serial = openssl('x509', '-in', crt, '-noout', '-serial').toString().trim().replace('serial=', '');
    return `R\t280101000000Z\t260520000000Z,${reason}\t${serial}\tunknown\t/CN=x\n`;
  });
  const database = write(fresh('db'), lines.join(''));
  const number = write(fresh('number'), '1A\n');
  const config = write(
    fresh('cnf'),
    `[ca]\ndefault_ca=x\n[x]\ndatabase=${database}\ncrlnumber=${number}\nnew_certs_dir=${workshop}\ndefault_md=sha256\ncrl_extensions=ext\n` +
      '[ext]\nauthorityKeyIdentifier=keyid\n',
  );
  const out = fresh('crl');
  const dates = ['-crl_lastupdate', from, '-crl_nextupdate', to];
  openssl('ca', '-gencrl', '-config', config, '-cert', by.crt, '-keyfile', signer ?? by.key, ...dates, '-out', out);
  return out;
}

const sensor = leaf(HERE);
const ofRoot = read(crl({ by: root }));
const ofIssuing = (order: Omit<CrlOrder, 'by'> = {}): string => read(crl({ by: issuing, ...order }));

/** nextUpdate is the fifth field, which openssl always writes. */
const withoutNextUpdate = (): string => {
  const pem = read(alter(crl({ by: issuing }), issuing.key, (tbs) => void inside(tbs).splice(4, 1)));
  return pem.replaceAll('CERTIFICATE', 'X509 CRL');
};

const status: Recipe[] = [
  {
    name: 'revocation-status/good',
    why: 'Current CRLs of both CAs list neither the certificate nor the issuing CA.',
    crt: read(sensor),
    crls: [ofIssuing(), ofRoot],
  },
  {
    name: 'revocation-status/revoked',
    why: 'The key of this certificate was stolen, and the CA has revoked it.',
    crt: read(sensor),
    crls: [ofIssuing({ revoked: [[sensor, 'keyCompromise']] }), ofRoot],
  },
  {
    name: 'revocation-status/on-hold',
    why: 'The CA has suspended the certificate; that may be lifted, but until then it does not count.',
    crt: read(sensor),
    crls: [ofIssuing({ revoked: [[sensor, 'certificateHold']] }), ofRoot],
  },
  {
    name: 'revocation-status/revoked-on-an-expired-crl',
    why: 'The CRL ran out, but a revocation is for good: what it lists stays revoked.',
    crt: read(sensor),
    crls: [ofIssuing({ revoked: [[sensor, 'superseded']], from: '20260501000000Z', to: '20260508000000Z' }), ofRoot],
  },
  {
    name: 'revocation-status/intermediate-revoked',
    why: 'Not the certificate but the CA that issued it is revoked: everything below it falls.',
    crt: read(sensor),
    crls: [ofIssuing(), read(crl({ by: root, revoked: [[issuing.crt, 'CACompromise']] }))],
  },
  {
    name: 'revocation-status/intermediate-without-crl',
    why: 'The CA certificate names no CRL and none of its issuer was given: nobody can tell, and nobody could.',
    crt: read(leaf({ by: renewed, ...HERE })),
    chain: chain(renewed.crt, root.crt),
    crls: [read(crl({ by: renewed }))],
  },
  {
    name: 'revocation-status/issuer-missing',
    why: 'Without the certificate of the issuer nobody knows whose CRL to trust.',
    crt: read(sensor),
    chain: null,
    crls: [ofIssuing()],
  },
  {
    name: 'revocation-status/off',
    why: 'The organisation does not validate against a CRL.',
    options: { crl: 'off' },
    crt: read(leaf()),
  },
];

const current: Recipe[] = [
  {
    name: 'crl-current/expired',
    why: 'The publishing job of the CA has stopped: the CRL ran out three weeks ago.',
    crt: read(sensor),
    crls: [ofIssuing({ from: '20260501000000Z', to: '20260508000000Z' }), ofRoot],
  },
  {
    name: 'crl-current/expired-beside-a-current-one',
    why: 'An old copy lies in the folder beside the current one: nothing rests on it.',
    crt: read(sensor),
    crls: [ofIssuing({ from: '20260501000000Z', to: '20260508000000Z' }), ofIssuing(), ofRoot],
  },
  {
    name: 'crl-current/forged',
    why: 'The CRL bears the name of the issuing CA and is signed with another key.',
    crt: read(sensor),
    crls: [read(crl({ by: { crt: renewed.crt, key: renewed.key } })), ofRoot],
  },
  {
    name: 'crl-current/wrong-signature',
    why: 'The CRL names the right key, and its signature was not made with it: forged, or damaged on its way.',
    crt: read(sensor),
    crls: [
      read(alter(crl({ by: issuing }), key('thief', ...rsa(2048)), () => {})).replaceAll('CERTIFICATE', 'X509 CRL'),
      ofRoot,
    ],
  },
  {
    name: 'crl-current/of-another-ca',
    why: 'The CRL that was given is the one of quite another CA.',
    crt: read(sensor),
    crls: [read(crl({ by: foreign })), ofRoot],
  },
  {
    name: 'crl-current/dated-ahead',
    why: 'The CRL says that it was made tomorrow: the clock of the CA is wrong, or ours.',
    crt: read(sensor),
    crls: [ofIssuing({ from: '20260602000000Z', to: '20260609000000Z' }), ofRoot],
  },
  {
    name: 'crl-current/five-minutes-ahead',
    why: 'Clocks differ by a little: five minutes are let pass.',
    crt: read(sensor),
    crls: [ofIssuing({ from: '20260601000500Z', to: '20260609000000Z' }), ofRoot],
  },
  {
    name: 'crl-current/without-next-update',
    why: 'The CRL does not say when the next one comes, so nobody can tell when it is stale.',
    crt: read(sensor),
    crls: [withoutNextUpdate(), ofRoot],
  },
  {
    name: 'crl-current/no-crl',
    why: 'The CA certificate was given in place of the CRL.',
    crt: read(sensor),
    crls: [read(issuing.crt), ofRoot],
  },
  {
    name: 'crl-current/ca-may-not-sign-crls',
    why: 'The keyUsage of the CA lacks cRLSign: its CRL must not be believed.',
    ...mute(),
  },
];

function mute(): Pick<Recipe, 'crt' | 'chain' | 'crls'> {
  const keyFile = key('mute', ...rsa(2048));
  const by = root;
  const extensions = [
    'basicConstraints=critical,CA:TRUE',
    'keyUsage=critical,keyCertSign',
    'subjectKeyIdentifier=hash',
    'authorityKeyIdentifier=keyid',
  ];
  const subject = '/C=US/O=Contoso Inc./OU=Contoso Labs/CN=Contoso Mute CA';
  const authority = {
    key: keyFile,
    crt: issue({ subject, key: keyFile, by, extensions, from: '20200101000000Z', to: '20400101000000Z' }),
  };
  return {
    crt: read(leaf({ by: authority, ...HERE })),
    chain: chain(authority.crt, root.crt),
    crls: [read(crl({ by: authority })), ofRoot],
  };
}

export const revocationRecipes: readonly Recipe[] = [...status, ...current];
