import type { DigestName, KeyDerivation } from '../base/ports.ts';
import { type Element, readSingle, type Reader } from '../der/element.ts';
import { DerError } from '../der/errors.ts';
import { TAG } from '../der/tags.ts';
import { readSmallInteger } from '../der/values.ts';
import { type AlgorithmIdentifier, readAlgorithm } from '../x509/algorithm.ts';
import { KEY_BUDGET } from './budget.ts';
import type { KeyProblem } from './bundle.ts';
import type { Block } from './content.ts';
import { CIPHERS, OLD_SCHEMES, PRFS, RC2_VERSIONS } from './encryption.data.ts';

/** How a private key is encrypted, read and held against the budget, nothing derived yet. */
export interface KeyEncryption {
  /** E.g. `PBES2 (PBKDF2-HMAC-SHA256, 2048 iterations, AES-256-CBC)`. */
  readonly description: string;
  readonly derivation: KeyDerivation;
  readonly cipher: string;
  readonly iv: Uint8Array | undefined;
  readonly ciphertext: Uint8Array;
}

/** An encryption that can be described, and why it will not be opened. */
export interface UnusableEncryption {
  readonly description: string | undefined;
  readonly problem: KeyProblem;
}

class Unusable extends Error {
  readonly problem: KeyProblem;
  constructor(problem: KeyProblem) {
    super(problem.message);
    this.problem = problem;
  }
}

/** Reads the encryption of an `encrypted-private-key` block. Never throws. */
export function readEncryption(block: Block): KeyEncryption | UnusableEncryption {
  let description: string | undefined;
  try {
    const encryption = block.headers.has('DEK-Info') ? readProcType(block) : readPkcs8(block.der);
    description = encryption.description;
    if (encryption.ciphertext.length === 0) malformed('there is no encrypted key behind its parameters');
    withinBudget(encryption.derivation);
    return encryption;
  } catch (error) {
    if (error instanceof Unusable) return { description, problem: error.problem };
    if (!(error instanceof DerError)) throw error;
    const message = `The encrypted key is damaged: ${error.message}.`;
    return { description, problem: { code: 'malformed', message } };
  }
}

const malformed = (why: string): never => {
  throw new Unusable({ code: 'malformed', message: `The encrypted key is damaged: ${why}.` });
};

const unsupported = (what: string): never => {
  throw new Unusable({
    code: 'cipher-unsupported',
    message: `The key is encrypted with ${what}, which Certgate cannot open.`,
  });
};

// EncryptedPrivateKeyInfo ::= SEQUENCE {
//   encryptionAlgorithm  EncryptionAlgorithmIdentifier,
//   encryptedData        EncryptedData }               -- OCTET STRING, RFC 5958 §3
function readPkcs8(der: Uint8Array): KeyEncryption {
  const outer = readSingle(der, TAG.SEQUENCE, 'EncryptedPrivateKeyInfo').reader();
  const algorithm = readAlgorithm(outer, 'encryptionAlgorithm');
  const ciphertext = outer.expect(TAG.OCTET_STRING, 'encryptedData').content();
  outer.finish('EncryptedPrivateKeyInfo');
  if (algorithm.oid === '1.2.840.113549.1.5.13') return readPbes2(algorithm, ciphertext);
  return readOldScheme(algorithm, ciphertext);
}

// PBES2-params ::= SEQUENCE {
//   keyDerivationFunc AlgorithmIdentifier {{PBES2-KDFs}},
//   encryptionScheme AlgorithmIdentifier {{PBES2-Encs}} }
function readPbes2({ parameters }: AlgorithmIdentifier, ciphertext: Uint8Array): KeyEncryption {
  const inner = sequence(parameters, 'PBES2-params');
  const function_ = readAlgorithm(inner, 'keyDerivationFunc');
  const scheme = readAlgorithm(inner, 'encryptionScheme');
  inner.finish('PBES2-params');
  const { derivation, words } = readDerivation(function_);
  const { cipher, iv } = readCipher(scheme);
  return { description: `PBES2 (${words}, ${cipher.toUpperCase()})`, derivation, cipher, iv, ciphertext };
}

function readDerivation({ oid, parameters }: AlgorithmIdentifier): { derivation: KeyDerivation; words: string } {
  switch (oid) {
    case '1.2.840.113549.1.5.12':
      return readPbkdf2(sequence(parameters, 'PBKDF2-params'));
    case '1.3.6.1.4.1.11591.4.11':
      return readScrypt(sequence(parameters, 'scrypt-params'));
    default:
      return unsupported(`the key derivation ${oid}`);
  }
}

// PBKDF2-params ::= SEQUENCE {
//   salt CHOICE { specified OCTET STRING, otherSource AlgorithmIdentifier },
//   iterationCount INTEGER (1..MAX),
//   keyLength INTEGER (1..MAX) OPTIONAL,
//   prf AlgorithmIdentifier DEFAULT algid-hmacWithSHA1 }
function readPbkdf2(reader: Reader) {
  const salt = reader.expect(TAG.OCTET_STRING, 'PBKDF2-params.salt').content();
  const iterations = count(reader, 'PBKDF2-params.iterationCount');
  // The cipher says the length too; OpenSSL writes it for RC2 alone.
  reader.optional(TAG.INTEGER, 'PBKDF2-params.keyLength');
  let hash: DigestName = 'sha1';
  if (!reader.atEnd) {
    const { oid } = readAlgorithm(reader, 'PBKDF2-params.prf');
    hash = PRFS[oid] ?? unsupported(`PBKDF2 with the pseudo-random function ${oid}`);
  }
  reader.finish('PBKDF2-params');
  const words = `PBKDF2-HMAC-${hash.toUpperCase()}, ${iterations} iterations`;
  return { derivation: { name: 'pbkdf2', hash, salt, iterations } as const, words };
}

// scrypt-params ::= SEQUENCE {
//   salt OCTET STRING,
//   costParameter INTEGER (1..MAX),
//   blockSize INTEGER (1..MAX),
//   parallelizationParameter INTEGER (1..MAX),
//   keyLength INTEGER (1..MAX) OPTIONAL }               -- RFC 7914 §7.1
function readScrypt(reader: Reader) {
  const salt = reader.expect(TAG.OCTET_STRING, 'scrypt-params.salt').content();
  const N = count(reader, 'scrypt-params.costParameter');
  const r = count(reader, 'scrypt-params.blockSize');
  const p = count(reader, 'scrypt-params.parallelizationParameter');
  reader.optional(TAG.INTEGER, 'scrypt-params.keyLength');
  reader.finish('scrypt-params');
  // RFC 7914 §2: N is larger than 1 and a power of 2.
  if (N < 2 || 2 ** Math.round(Math.log2(N)) !== N) malformed('scrypt costParameter is no power of 2');
  return { derivation: { name: 'scrypt', salt, N, r, p } as const, words: `scrypt N=${N} r=${r} p=${p}` };
}

function readCipher({ oid, parameters }: AlgorithmIdentifier): { cipher: string; iv: Uint8Array } {
  const [cipher, form] = CIPHERS[oid] ?? unsupported(`the cipher ${oid}`);
  switch (form) {
    case 'iv':
      if (parameters?.tag === TAG.OCTET_STRING) return { cipher, iv: parameters.content() };
      return malformed(`the initialisation vector of ${cipher} is missing`);
    // RC2-CBC-Parameter ::= SEQUENCE { rc2ParameterVersion INTEGER OPTIONAL, iv OCTET STRING (SIZE(8)) }
    case 'rc2': {
      const inner = sequence(parameters, 'RC2-CBC-Parameter');
      const version = inner.optional(TAG.INTEGER, 'rc2ParameterVersion');
      const effective = version === undefined ? 58 : readSmallInteger(version, 'rc2ParameterVersion');
      const iv = inner.expect(TAG.OCTET_STRING, 'RC2-CBC-Parameter.iv').content();
      return { cipher: RC2_VERSIONS[effective] ?? unsupported('RC2 with an unusual number of effective bits'), iv };
    }
    case 'cast5':
    case 'other':
      return unsupported(cipher.toUpperCase());
  }
}

// PBEParameter ::= SEQUENCE { salt OCTET STRING (SIZE(8)), iterationCount INTEGER }
// pkcs-12PbeParams ::= SEQUENCE { salt OCTET STRING, iterations INTEGER }
function readOldScheme({ oid, parameters }: AlgorithmIdentifier, ciphertext: Uint8Array): KeyEncryption {
  const scheme = OLD_SCHEMES[oid] ?? unsupported(`the scheme ${oid}`);
  const inner = sequence(parameters, 'PBEParameter');
  const salt = inner.expect(TAG.OCTET_STRING, 'PBEParameter.salt').content();
  const iterations = count(inner, 'PBEParameter.iterationCount');
  inner.finish('PBEParameter');
  const { name, hash, cipher } = scheme;
  if (hash === 'md2') return unsupported(name);
  if (scheme.derivation === 'pbkdf1' && salt.length !== 8) malformed(`its salt has ${salt.length} bytes, not 8`);
  const derivation: KeyDerivation =
    scheme.derivation === 'pbkdf1'
      ? { name: 'pbkdf1', hash, salt, iterations }
      : { name: 'pkcs12', hash, salt, iterations };
  return { description: `${name} (${iterations} iterations)`, derivation, cipher, iv: undefined, ciphertext };
}

// RFC 1421 §4.6.1.3: DEK-Info names the cipher and its parameter; OpenSSL's is the IV in hexadecimal, whose first
// 8 bytes are the salt too.
function readProcType({ headers, der }: Block): KeyEncryption {
  const [name = '', hex = ''] = headers
    .get('DEK-Info')!
    .split(',')
    .map((part) => part.trim());
  const cipher = name.toLowerCase();
  if (!/^[a-z][a-z0-9-]{1,30}$/.test(cipher)) malformed('the DEK-Info line names no cipher');
  if (!/^([0-9a-f]{2}){8,16}$/i.test(hex)) malformed('the DEK-Info line holds no initialisation vector');
  const iv = Uint8Array.from(hex.match(/../g)!, (pair) => Number.parseInt(pair, 16));
  const derivation: KeyDerivation = { name: 'evp-md5', salt: iv.subarray(0, 8) };
  return { description: `Proc-Type 4,ENCRYPTED (MD5, ${name.toUpperCase()})`, derivation, cipher, iv, ciphertext: der };
}

function sequence(element: Element | undefined, what: string): Reader {
  if (element?.tag !== TAG.SEQUENCE) return malformed(`${what} is missing`);
  return element.reader();
}

function count(reader: Reader, what: string): number {
  const element = reader.expect(TAG.INTEGER, what);
  if (element.contentLength > 6) over(`a ${what.split('.')[1]} of ${element.contentLength} bytes`, 'a few million');
  const value = readSmallInteger(element, what);
  return value >= 1 ? value : malformed(`${what} is ${value}`);
}

function withinBudget(derivation: KeyDerivation): void {
  const { pbkdf2Iterations, oldIterations, saltOctets, scryptOctets, scryptWork } = KEY_BUDGET;
  if (derivation.salt.length > saltOctets) over(`a salt of ${derivation.salt.length} bytes`, `${saltOctets}`);
  switch (derivation.name) {
    case 'pbkdf2':
      iterationsWithin(derivation.iterations, pbkdf2Iterations);
      return;
    case 'pbkdf1':
    case 'pkcs12':
      iterationsWithin(derivation.iterations, oldIterations);
      return;
    case 'scrypt': {
      const { N, r, p } = derivation;
      const memory = 128 * N * r;
      if (memory > scryptOctets)
        over(`${Math.ceil(memory / 2 ** 20)} MiB of memory (scrypt)`, `${scryptOctets / 2 ** 20} MiB`);
      const work = r * p * (N + 8);
      if (work > scryptWork) over(`${work} steps (scrypt, r·p·(N + 8))`, `${scryptWork}`);
      return;
    }
    case 'evp-md5':
  }
}

function iterationsWithin(iterations: number, most: number): void {
  if (iterations > most) over(`${iterations} iterations`, `${most}`);
}

function over(asked: string, most: string): never {
  throw new Unusable({
    code: 'derivation-over-budget',
    message: `To open this key, the file asks for ${asked}; Certgate spends at most ${most}. Nothing was computed.`,
  });
}
