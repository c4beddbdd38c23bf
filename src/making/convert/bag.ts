/** What PKCS#12 says about a key or certificate beside itself; in PEM files it stands above the block. */
export interface BagAttributes {
  readonly friendlyName?: string;
  /** Joins a key and its certificate. */
  readonly localKeyId?: Uint8Array;
}

export interface CertificateBag extends BagAttributes {
  /** Byte for byte as it came. */
  readonly der: Uint8Array;
}

export interface KeyBag extends BagAttributes {
  /** Unencrypted DER PKCS#8; whoever holds the bag wipes it. */
  readonly pkcs8: Uint8Array;
}
