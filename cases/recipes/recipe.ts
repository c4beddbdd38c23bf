import type { CaseOptions } from '../case.ts';

/** How one case is made; `expect` is filled in by `npm run cases:rebase` and then read by a person. */
export interface Recipe {
  /** Path below cases/, without `.case`; the folder is the rule that the case is about, or `files`. */
  readonly name: string;
  readonly why: string;
  readonly options?: Partial<CaseOptions>;
  readonly crt: string | Shaped;
  /** Default: the sensor's key. `null`: none. */
  readonly key?: string | Shaped | null;
  /** Default: issuing CA, then root. `null`: none. */
  readonly chain?: string | Shaped | null;
  readonly trust?: string;
  /** PEM, each a file of its own. */
  readonly crls?: readonly string[];
}

/** Text with the form that it takes as a file, or bytes. */
export interface Shaped {
  readonly text: string;
  readonly forms: readonly string[];
}

export const shaped = (text: string, ...forms: string[]): Shaped => ({ text, forms });

export const bytes = (data: Uint8Array): Shaped => ({
  text: Buffer.from(data)
    .toString('base64')
    .replace(/.{1,76}/g, '$&\n'),
  forms: ['base64'],
});
