/** What core asks of the outside world. Time, CRLs and anchors come as plain arguments. */

export type DigestName =
  | 'md5'
  | 'sha1'
  | 'sha224'
  | 'sha256'
  | 'sha384'
  | 'sha512'
  | 'sha512-224'
  | 'sha512-256'
  | 'sha3-224'
  | 'sha3-256'
  | 'sha3-384'
  | 'sha3-512';

/** A signature algorithm with its parameters resolved. */
export type SignatureScheme =
  | { readonly kind: 'rsa-pkcs1'; readonly hash: DigestName }
  | { readonly kind: 'rsa-pss'; readonly hash: DigestName; readonly mgf1Hash: DigestName; readonly saltLength: number }
  | { readonly kind: 'ecdsa'; readonly hash: DigestName }
  | { readonly kind: 'dsa'; readonly hash: DigestName }
  | { readonly kind: 'eddsa' };

/** A public key taken apart; integers are big-endian without sign octet. `spki` is the DER SubjectPublicKeyInfo. */
export type PublicKey =
  | {
      readonly kind: 'RSA';
      readonly spki: Uint8Array;
      readonly modulus: Uint8Array;
      readonly publicExponent: Uint8Array;
    }
  | { readonly kind: 'EC'; readonly spki: Uint8Array; readonly curve: string; readonly point: Uint8Array }
  | { readonly kind: 'Ed25519' | 'Ed448'; readonly spki: Uint8Array; readonly key: Uint8Array }
  | {
      readonly kind: 'DSA';
      readonly spki: Uint8Array;
      readonly p: Uint8Array;
      readonly q: Uint8Array;
      readonly g: Uint8Array;
      readonly y: Uint8Array;
    };

/** How a passphrase becomes a key. Already held against the budget when a Crypto adapter sees it. */
export type KeyDerivation =
  | { readonly name: 'pbkdf2'; readonly hash: DigestName; readonly salt: Uint8Array; readonly iterations: number }
  | { readonly name: 'scrypt'; readonly salt: Uint8Array; readonly N: number; readonly r: number; readonly p: number }
  /** PKCS#5 v1.5 (RFC 8018 §5.1); key and IV are both derived. */
  | { readonly name: 'pbkdf1'; readonly hash: 'md5' | 'sha1'; readonly salt: Uint8Array; readonly iterations: number }
  /** RFC 7292 appendix B; key and IV are both derived. */
  | { readonly name: 'pkcs12'; readonly hash: DigestName; readonly salt: Uint8Array; readonly iterations: number }
  /** OpenSSL's EVP_BytesToKey with MD5 and one iteration, the IV doubling as salt: `Proc-Type: 4,ENCRYPTED` files. */
  | { readonly name: 'evp-md5'; readonly salt: Uint8Array };

export interface KeyDecryption {
  readonly derivation: KeyDerivation;
  /** OpenSSL's name in lower case, e.g. `aes-256-cbc`, `des-ede3-cbc`, `rc2-40-cbc`. */
  readonly cipher: string;
  /** Undefined where the derivation makes it. */
  readonly iv: Uint8Array | undefined;
  readonly ciphertext: Uint8Array;
  readonly passphrase: Uint8Array;
}

/** The algorithm is known and this adapter cannot do it (an old cipher, a curve); not the user's mistake. */
export class UnsupportedAlgorithmError extends Error {
  override readonly name = 'UnsupportedAlgorithmError';
  readonly algorithm: string;
  constructor(algorithm: string) {
    super(`${algorithm} cannot be computed here`);
    this.algorithm = algorithm;
  }
}

/** The same, but only here: what a browser lacks, the server and the command line have. */
export class UnsupportedHereError extends UnsupportedAlgorithmError {}

/** The padding was wrong after decryption: nearly always a wrong passphrase. */
export class DecryptionError extends Error {
  override readonly name = 'DecryptionError';
}

/** The private key, or the way it is encrypted, contradicts its own format: damaged or made to hurt. */
export class MalformedKeyError extends Error {
  override readonly name = 'MalformedKeyError';
}

/** Implemented by node:crypto (platform/crypto) and portably (core/crypto); the same cases run against both. */
export interface Crypto {
  digest(hash: DigestName, data: Uint8Array): Uint8Array;
  /** False for a signature or key that does not fit. @throws {UnsupportedAlgorithmError} */
  verify(scheme: SignatureScheme, key: PublicKey, data: Uint8Array, signature: Uint8Array): boolean;
  /** Signs with an unencrypted DER PKCS#8 key. @throws {UnsupportedAlgorithmError | MalformedKeyError} */
  sign(scheme: SignatureScheme, pkcs8: Uint8Array, data: Uint8Array): Uint8Array;
  /** The DER SubjectPublicKeyInfo that belongs to an unencrypted DER PKCS#8 key. @throws {UnsupportedAlgorithmError | MalformedKeyError} */
  publicKeyOf(pkcs8: Uint8Array): Uint8Array;
  /** Plaintext, padding removed; the caller wipes it. @throws {UnsupportedAlgorithmError | DecryptionError | MalformedKeyError} */
  decryptKey(request: KeyDecryption): Promise<Uint8Array>;
}

/** Why a CRL could not be had from one URL. Stable; each has its own message. */
export type CrlFailureCode =
  | 'url-malformed'
  /** https:// where http:// is required: whoever checks the CRL server's certificate would need a CRL first. */
  | 'https'
  /** ldap://, ftp:// … */
  | 'scheme'
  | 'user-info'
  /** The guard does not let us ask this host or address. */
  | 'forbidden'
  | 'dns'
  | 'refused'
  | 'unreachable'
  | 'timeout'
  | 'proxy'
  | 'http-status'
  | 'redirects'
  | 'too-large'
  | 'interrupted'
  | 'not-a-crl'
  | 'wrong-issuer'
  | 'bad-signature'
  | 'stale'
  | 'not-yet-valid'
  /** An older CRL than one seen before. */
  | 'older'
  /** More URLs than are asked for one certificate or bundle. */
  | 'too-many'
  /** The CRL came and could not be kept: our disk, not their server. */
  | 'storage';

export interface CrlFailure {
  readonly code: CrlFailureCode;
  readonly url: string;
  /** What happened, with the values found; never anything of an answer's body. */
  readonly message: string;
  readonly fix: string;
}

/** One CRL wanted. `Crl` is the opened form that the adapter and its caller agree on. */
export interface CrlRequest<Crl> {
  readonly url: string;
  /**
   * Judges what came: issuer, signature, dates. What it refuses is neither kept nor handed out.
   * Undefined says that it may be kept.
   */
  judge(crl: Crl): Pick<CrlFailure, 'code' | 'message' | 'fix'> | undefined;
  /** The certificate that names the URL leads to a configured trust anchor: somebody we know chose this URL. */
  readonly anchored: boolean;
  /** False: hand it out and forget it, since `judge` could not look at its signature. Default true. */
  readonly keep?: boolean;
  /** `held`: a CRL that is kept and current will do. `newest`: ask the server whether there is a newer one. */
  readonly want: 'held' | 'newest';
  /** The same object in all requests of one errand, such as those of one bundle: they share their patience. */
  readonly errand?: object;
}

export interface CrlReply<Crl> {
  readonly url: string;
  /** Undefined where none came and none that is current is held. */
  readonly crl: Crl | undefined;
  /** `network`: just fetched. `unchanged`: the server says ours is the newest. `held`: from the cache. */
  readonly from: 'network' | 'unchanged' | 'held' | undefined;
  /** Why none came, also where one is held. */
  readonly failure: CrlFailure | undefined;
}

/** Gets CRLs from where certificates say they lie. */
export interface CrlSource<Crl> {
  /**
   * Seconds since 1970. What is fetched is judged for the moment of fetching, also where the certificate is judged for
   * another time: next year's CRLs are not there yet. Absent: for that time.
   */
  now?(): number;
  /** Never throws for anything that a server, a proxy or the network does. */
  fetch(request: CrlRequest<Crl>): Promise<CrlReply<Crl>>;
}
