import { DESCRIBERS } from '../../core/x509/describe/extension-values.ts';
import type { Traits } from './traits.ts';

/**
 * `same`: as it should be. `better`: the sample is no model here. `differs`: another value where the value matters. `missing`, `extra`: only the sample has it, only
 * the file. `moved`: there, in another place. `unsure`: the sample is not legible here.
 */
export type Likeness = 'same' | 'better' | 'differs' | 'missing' | 'extra' | 'moved' | 'unsure';

export interface ComparedRow {
  readonly label: string;
  /** Empty where there is nothing. */
  readonly file: string;
  readonly sample: string;
  readonly likeness: Likeness;
}

export interface Comparison {
  /** Nothing differs, is missing, extra or in another place. */
  readonly same: boolean;
  readonly sampleDamaged: boolean;
  readonly rows: readonly ComparedRow[];
}

/**
 * Sets a certificate or request beside a sample: the same fields in the same order? Of names, key identifiers and
 * addresses only that they are there counts; what they say is each certificate's own.
 */
export function compareTraits(file: Traits, sample: Traits): Comparison {
  const rows = [
    ...subjectRows(file, sample),
    ...(file.version === undefined ? [] : [valueRow('Version', file.version, sample.version)]),
    valueRow('Signature algorithm', file.signatureAlgorithm, sample.signatureAlgorithm),
    keyRow(file.key, sample.key),
    ...extensionRows(file, sample),
  ];
  const sampleDamaged = sample.damaged;
  return { same: rows.every(({ likeness }) => !isBad(likeness)), sampleDamaged, rows };
}

export const isBad = (likeness: Likeness): boolean => !['same', 'better', 'unsure'].includes(likeness);

type Attributes = Traits['subject'];

/** Attribute by attribute; what both have in the same order stands on one line. */
function subjectRows(file: Traits, sample: Traits): ComparedRow[] {
  const [a, b] = [file.subject, sample.subject];
  const rows: ComparedRow[] = [];
  const common = commonOrder(a, b);
  let [i, j] = [0, 0];
  const only = (side: 'file' | 'sample', until: number): void => {
    while ((side === 'file' ? i : j) < until) {
      const { type, text } = side === 'file' ? a[i++]! : b[j++]!;
      const elsewhere = (side === 'file' ? b : a).some((other) => other.type === type);
      const lone = side === 'file' ? (sample.damaged ? 'unsure' : 'extra') : 'missing';
      const likeness = elsewhere ? 'moved' : lone;
      const said = `${type}=${text}`;
      rows.push({
        label: 'Subject',
        file: side === 'file' ? said : '',
        sample: side === 'sample' ? said : '',
        likeness,
      });
    }
  };
  for (const [atFile, atSample] of common) {
    only('file', atFile);
    only('sample', atSample);
    const [mine, theirs] = [a[i++]!, b[j++]!];
    rows.push({
      label: 'Subject',
      file: `${mine.type}=${mine.text}`,
      sample: `${theirs.type}=${theirs.text}`,
      likeness: 'same',
    });
  }
  only('file', a.length);
  only('sample', b.length);
  return rows;
}

/** The longest common subsequence of the attribute types, as pairs of places. */
function commonOrder(a: Attributes, b: Attributes): [number, number][] {
  // Names of real certificates have ten attributes; a hostile one must not make this quadratic in earnest.
  const [n, m] = [Math.min(a.length, 64), Math.min(b.length, 64)];
  const best = Array.from({ length: n + 1 }, () => Array<number>(m + 1).fill(0));
  for (let i = n - 1; i >= 0; i--) {
    for (let j = m - 1; j >= 0; j--) {
      best[i]![j] = a[i]!.type === b[j]!.type ? best[i + 1]![j + 1]! + 1 : Math.max(best[i + 1]![j]!, best[i]![j + 1]!);
    }
  }
  const pairs: [number, number][] = [];
  for (let i = 0, j = 0; i < n && j < m;) {
    if (a[i]!.type === b[j]!.type) pairs.push([i++, j++]);
    else if (best[i + 1]![j]! >= best[i]![j + 1]!) i++;
    else j++;
  }
  return pairs;
}

function valueRow(label: string, file: string | undefined, sample: string | undefined): ComparedRow {
  const likeness = file === undefined || sample === undefined ? 'unsure' : file === sample ? 'same' : 'differs';
  return { label, file: file ?? '', sample: sample ?? '(not legible)', likeness };
}

// Both sizes are supported, whichever the sample has.
const SUPPORTED_KEY = /^RSA, (2048|4096) bits$/;

function keyRow(file: string | undefined, sample: string | undefined): ComparedRow {
  const row = valueRow('Public key', file, sample);
  const bothWillDo = SUPPORTED_KEY.test(row.file) && SUPPORTED_KEY.test(row.sample);
  return bothWillDo ? { ...row, likeness: 'same' } : row;
}

/** Extensions whose value is the same for all certificates of a kind; of the others only the presence counts. */
const BASIC_CONSTRAINTS = '2.5.29.19';
const VALUES_MATTER: ReadonlySet<string> = new Set(['2.5.29.15', '2.5.29.37', BASIC_CONSTRAINTS]);

function extensionRows(file: Traits, sample: Traits): ComparedRow[] {
  const oids = new Set([...sample.extensions.keys(), ...file.extensions.keys()]);
  return [...oids].map((oid) => {
    const mine = file.extensions.get(oid);
    const theirs = sample.extensions.get(oid);
    const label = DESCRIBERS.get(oid)?.label ?? oid;
    return { label, file: mine ?? '', sample: theirs ?? '', likeness: extensionLikeness(oid, mine, theirs, sample) };
  });
}

function extensionLikeness(
  oid: string,
  mine: string | undefined,
  theirs: string | undefined,
  sample: Traits,
): Likeness {
  if (theirs === undefined) return sample.damaged ? 'unsure' : 'extra';
  if (mine === undefined) return 'missing';
  if (!VALUES_MATTER.has(oid)) return 'same';
  if (words(mine) === words(theirs)) return 'same';
  // The vendor's own printed sample says CA:TRUE; no appliance should.
  if (oid === BASIC_CONSTRAINTS && mine.startsWith('not a CA')) return 'better';
  return theirs.startsWith('present') ? 'unsure' : 'differs';
}

// The order of key purposes has no meaning.
const words = (text: string): string => text.split(', ').toSorted().join();
