/** What came of comparing a fingerprint that somebody pasted with the one of the file. */
export type Comparison =
  | { readonly kind: 'nothing' | 'same' }
  | { readonly kind: 'other' | 'unreadable'; readonly why: string };

const SHA256_DIGITS = 64;

/** Compares in any usual spelling: colons, blanks, upper or lower case, `SHA256 Fingerprint=` before it. */
export function compareFingerprints(typed: string, ofFile: string): Comparison {
  const given = digits(typed.replace(/^.*[=]/s, '').replace(/^\s*sha-?256\s*:?/i, ''));
  if (given === '') {
    return typed.trim() === ''
      ? { kind: 'nothing' }
      : { kind: 'unreadable', why: 'This holds no hexadecimal digits (0-9, A-F).' };
  }
  const expected = digits(ofFile);
  if (given === expected) return { kind: 'same' };
  if (given.length === 40) {
    return {
      kind: 'unreadable',
      why: 'These are 40 digits: SHA-1, which Windows shows as “Thumbprint”. It can be forged. Ask for SHA-256, 64 digits.',
    };
  }
  if (given.length !== SHA256_DIGITS && expected.startsWith(given)) {
    return { kind: 'unreadable', why: `So far the same: ${given.length} of ${SHA256_DIGITS} digits.` };
  }
  if (given.length !== SHA256_DIGITS) {
    return { kind: 'unreadable', why: `These are ${given.length} digits; a SHA-256 fingerprint has ${SHA256_DIGITS}.` };
  }
  return {
    kind: 'other',
    why: 'Not the same. This file is not what the CA published: do not trust it, and ask the CA for the file again.',
  };
}

const digits = (text: string): string => text.replaceAll(/[^0-9a-fA-F]/g, '').toLowerCase();
