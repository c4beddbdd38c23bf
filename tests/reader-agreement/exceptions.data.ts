import type { Field } from './readers.ts';

export interface Exception {
  /** SHA-256 of the DER for certificates from elsewhere, the sample's name for our own cases. */
  readonly certificate: string;
  readonly field: Field;
  readonly why: string;
}

/** Disagreements that are known, each with who is right and why. */
export const EXCEPTIONS: readonly Exception[] = [
  {
    certificate: '2530cc8e98321502bad96f9b1fba1b099e2d299e0f4548bb914f363bc0d4531f',
    field: 'san',
    why: 'Izenpe.com: node:crypto and OpenSSL themselves write its directoryName in two notations; we compare its kind only.',
  },
];
