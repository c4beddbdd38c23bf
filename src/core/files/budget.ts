/**
 * Every limit of this room, with where its number comes from. A file beyond one is named as such; nothing is read, kept
 * or derived for it.
 */
export const FILE_BUDGET = {
  /** One file of a bundle. The largest chain anybody showed us has 20 KB, a full set of public roots 220 KB. */
  fileOctets: 16 * 1024 * 1024,
  /** PEM blocks of one file. All public roots together are 150; a file of BEGIN lines alone takes some 10 µs for each. */
  pemBlocks: 2000,
  /** RFC 7468 §3 labels are a few words; the longest in use (`X9.42 DH PARAMETERS`) has 19 characters. */
  labelCharacters: 64,
  /** RFC 1421 headers of one block; encrypted keys have two. */
  pemHeaders: 32,
  /** Offending characters that are told one by one; of the rest only their number. */
  faultsPerBlock: 20,
  /** A damaged certificate longer than this is not looked at line by line; real ones have 2000 characters. */
  salvageCharacters: 256 * 1024,
} as const;

/** What deriving a key from a passphrase may cost, held against the file's own parameters before anything is computed. */
export const KEY_BUDGET = {
  /**
   * OWASP asks for 600 000 (SHA-256) or 1 300 000 (SHA-1) in 2023; 5 000 000 take about two seconds. A file of 1.9 KB
   * with 200 000 000 was seen to block a process for 61 s.
   */
  pbkdf2Iterations: 5_000_000,
  /** keytool uses 10 000, Java 51 200, OpenSSL 2048; these two derivations run without the hardware's help. */
  oldIterations: 1_000_000,
  /** 128 · N · r, RFC 7914 §2. OpenSSL writes 16 MiB; its own reader stops at 32 MiB unless told otherwise. */
  scryptOctets: 256 * 1024 * 1024,
  /**
   * r · p · (N + 8): how long it takes, about 0.4 µs each; the 8 stands for what a lane costs beside its N steps. Two
   * lanes of the memory above, 1.6 s, and never more than 64 MiB of lanes; OpenSSL writes 131 000.
   */
  scryptWork: 4 * 1024 * 1024 + 1024,
  /** RFC 8018 §4.1 asks for 8 octets or more; 64 is the longest in use. */
  saltOctets: 1024,
  /** An RSA key of 16 384 bits is 9.3 KB. */
  keyOctets: 64 * 1024,
} as const;
