import type { Finding, Location, Report, Source, Status, Verdict } from '../../../src/core/base/finding.ts';
import { visible } from '../../../src/core/base/visible.ts';
import type { BundlePart } from '../check/request.ts';
import type { Tone } from '../parts/State.tsx';

/** The names behind `crt`, `key` and `chain` of a report, where they are known. */
export type FileNamesOfReport = { readonly [Part in BundlePart]?: string };

export const VERDICTS: Readonly<Record<Verdict, { tone: Tone; title: string; sentence: string }>> = {
  accepted: { tone: 'good', title: 'Accepted', sentence: 'The appliance should take these files.' },
  unsupported: {
    tone: 'odd',
    title: 'Unsupported',
    sentence:
      'The appliance may take these files, but its vendor does not support them: nobody promises that they work, or go on working.',
  },
  refused: { tone: 'bad', title: 'Refused', sentence: 'Do not upload these files as they are.' },
};

export const isRefusal = (status: Status): boolean => status === 'refused' || status === 'checker-failed';

/** A finding with its place in the report, which its evidence has, too. */
export interface Placed {
  readonly finding: Finding;
  readonly index: number;
}

export interface Groups {
  /** What to mend first: the first refusal, else the first thing unsupported. */
  readonly cause: Placed | undefined;
  readonly refused: readonly Placed[];
  readonly unsupported: readonly Placed[];
  readonly warnings: readonly Placed[];
  readonly unchecked: readonly Placed[];
  readonly passed: readonly Placed[];
  readonly inapplicable: readonly Placed[];
}

export function grouped({ findings }: Report): Groups {
  const all = findings.map((finding, index) => ({ finding, index }));
  const cause = all.find(({ finding }) => isRefusal(finding.status) || finding.status === 'unsupported');
  const rest = (...statuses: Status[]) => all.filter((one) => one !== cause && statuses.includes(one.finding.status));
  return {
    cause,
    refused: rest('refused', 'checker-failed'),
    unsupported: rest('unsupported'),
    warnings: rest('warning'),
    unchecked: rest('not-checked'),
    passed: rest('pass'),
    inapplicable: rest('not-applicable'),
  };
}

/** `2 reasons to refuse, 1 warning, 24 checks passed.` */
export function tally({ findings }: Report): string {
  const count = (...statuses: Status[]) => findings.filter(({ status }) => statuses.includes(status)).length;
  const some = (number: number, one: string, many: string): string[] =>
    number === 0 ? [] : [`${number} ${number === 1 ? one : many}`];
  const parts = [
    ...some(count('refused', 'checker-failed'), 'reason to refuse', 'reasons to refuse'),
    ...some(count('unsupported'), 'thing unsupported', 'things unsupported'),
    ...some(count('warning'), 'warning', 'warnings'),
    ...some(count('not-checked'), 'check not possible', 'checks not possible'),
    ...some(count('pass'), 'check passed', 'checks passed'),
  ];
  return `${parts.join(', ')}.`;
}

const FILES: Readonly<Record<string, string>> = {
  crt: 'the certificate file',
  key: 'the key file',
  chain: 'the chain file',
  passphrase: 'the passphrase',
  trust: 'the trust anchors',
};

export const fileWords = (file: string, names: FileNamesOfReport): string =>
  visible(names[file as BundlePart] ?? FILES[file] ?? file);

/** `tbsCertificate.validity.notAfter` without what every path begins with. */
export const fieldWords = (path: string): string => visible(path).replace(/^tbsCertificate\.(?:extensions\.)?/, '');

export const bytesWords = ({ offset, length }: Location): string | undefined => {
  if (offset === undefined) return undefined;
  return length === undefined || length < 2 ? `byte ${offset}` : `bytes ${offset} to ${offset + length - 1}`;
};

export const citation = ({ document, section }: Source): string =>
  visible(document.endsWith(section) ? document : `${document}, ${section}`);

export const TRUST_WORDS: Readonly<Record<Report['trust'], string>> = {
  anchors: 'against the trust anchors',
  'own-chain': 'against the root that the chain brings, as the appliance does',
  none: 'without anything to check the chain against',
};
