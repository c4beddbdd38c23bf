import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { hash, verify } from '@node-rs/argon2';

// OWASP's first recommendation for Argon2id (2023): 46 MiB, one pass, one lane.
const ARGON2ID = { memoryCost: 47_104, timeCost: 1, parallelism: 1 } as const;

export const hashPassword = (password: string): Promise<string> => hash(password.normalize('NFKC'), ARGON2ID);

export const passwordFits = (passwordHash: string, password: string): Promise<boolean> =>
  verify(passwordHash, password.normalize('NFKC'));

/** 256 random bits, fit for URLs and cookies. */
export const newSecret = (): string => randomBytes(32).toString('base64url');

/** Secrets of full entropy are stored as plain SHA-256: nothing of them can be guessed. */
export const hashSecret = (secret: string): string => createHash('sha256').update(secret).digest('hex');

export const sameHash = (a: string, b: string): boolean =>
  a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
