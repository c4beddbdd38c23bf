import {
  alter,
  type Authority,
  ec,
  issue,
  key,
  openssl,
  type Order,
  path,
  pemOf,
  read,
  rsa,
  write,
} from './openssl.ts';

/** Everything the recipes share: a lab CA of two levels, keys, and the certificate that is right in every respect. */
export const SUBJECT = '/C=US/ST=Illinois/L=Springfield/O=Contoso Inc./OU=Contoso Labs/CN=sensor.contoso.com';
const CA_NAME = '/C=US/O=Contoso Inc./OU=Contoso Labs';

const CA_EXTENSIONS = [
  'basicConstraints=critical,CA:TRUE',
  'keyUsage=critical,keyCertSign,cRLSign',
  'subjectKeyIdentifier=hash',
  'authorityKeyIdentifier=keyid',
];

export const LEAF_EXTENSIONS: Readonly<Record<string, string>> = {
  basicConstraints: 'critical,CA:FALSE',
  keyUsage: 'critical,digitalSignature,keyEncipherment',
  extendedKeyUsage: 'serverAuth,clientAuth',
  subjectAltName: 'DNS:sensor.contoso.com',
  subjectKeyIdentifier: 'hash',
  authorityKeyIdentifier: 'keyid',
};

/** Where the root says its CRL is; nobody listens there. */
export const ROOT_CRL = 'URI:http://crl.contoso.com/root.crl';

function authority(name: string, by?: Authority, ...algorithm: string[]): Authority {
  const keyFile = key(name.replaceAll(' ', '-').toLowerCase(), ...algorithm);
  const crt = issue({
    subject: `${CA_NAME}/CN=${name}`,
    key: keyFile,
    extensions: by === undefined ? CA_EXTENSIONS : [...CA_EXTENSIONS, `crlDistributionPoints=${ROOT_CRL}`],
    from: '20200101000000Z',
    to: '20400101000000Z',
    ...(by !== undefined && { by }),
  });
  return { crt, key: keyFile };
}

export const root = authority('Contoso Root CA');
export const issuing = authority('Contoso Issuing CA', root);
/** Same name as `issuing`, another key: what a renewed CA looks like to those who kept the old file. */
export const renewed: Authority = (() => {
  const keyFile = key('renewed');
  return {
    key: keyFile,
    crt: issue({ subject: `${CA_NAME}/CN=Contoso Issuing CA`, key: keyFile, by: root, extensions: CA_EXTENSIONS }),
  };
})();
export const foreign = authority('Fabrikam Root CA');
export const elliptic = authority('Contoso EC CA', undefined, ...ec('P-256'));

export const keys = {
  sensor: key('sensor'),
  other: key('other'),
  rsa4096: key('rsa4096', ...rsa(4096)),
  rsa3072: key('rsa3072', ...rsa(3072)),
  rsa1024: key('rsa1024', ...rsa(1024)),
  p256: key('p256', ...ec('P-256')),
  ed25519: key('ed25519', '-algorithm', 'ED25519'),
};

/** `alter` of extensions: `false` leaves one out. */
export interface LeafOrder extends Partial<Omit<Order, 'extensions'>> {
  readonly ext?: Readonly<Record<string, string | false>>;
}

/** The leaf that is right in every respect, save for what the order says. */
export function leaf({ ext, ...order }: LeafOrder = {}): string {
  const extensions = Object.entries({ ...LEAF_EXTENSIONS, ...ext }).flatMap(([name, value]) =>
    value === false ? [] : [`${name}=${value}`],
  );
  return issue({ subject: SUBJECT, key: keys.sensor, by: issuing, ...order, extensions });
}

export const selfSigned = (order: LeafOrder = {}): string => {
  const { ext, ...rest } = order;
  const extensions = Object.entries({ ...LEAF_EXTENSIONS, ...ext }).flatMap(([name, value]) =>
    value === false ? [] : [`${name}=${value}`],
  );
  return issue({ subject: SUBJECT, key: keys.sensor, ...rest, extensions });
};

export const altered = (change: Parameters<typeof alter>[2], order: LeafOrder = {}): string =>
  alter(leaf(order), issuing.key, change);

export const good = leaf();
export const chain = (...crts: string[]): string => crts.map(read).join('');
export const goodChain = chain(issuing.crt, root.crt);

let outputs = 0;
/** Runs an openssl command that ends in `-out FILE`; the content of FILE. */
export function made(...args: string[]): string {
  const out = `made${++outputs}`;
  openssl(...args, '-out', out);
  return read(out);
}

export const encryptedKey = (passphrase: string, ...how: string[]): string =>
  made(
    'pkcs8',
    '-topk8',
    '-in',
    keys.sensor,
    '-passout',
    `pass:${passphrase}`,
    ...(how.length > 0 ? how : ['-v2', 'aes-256-cbc', '-iter', '10000']),
  );

export { alter, openssl, path, pemOf, read, write };
