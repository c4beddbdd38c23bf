import type { Finding, Location, Trust } from '../../core/base/finding.ts';
import type { Style } from './style.ts';
import { visible, wrap } from './text.ts';

/** One certificate of the path and what speaks against it. */
export interface Rung {
  readonly subject: string;
  readonly role: 'anchor' | 'intermediate' | 'leaf';
  readonly serialNumber: string;
  readonly sha256: string;
  readonly notBefore: string;
  readonly notAfter: string;
  /** The subject of the certificate whose key made its signature; undefined for the topmost. */
  readonly signedBy: string | undefined;
  readonly location: Location;
  readonly problems: readonly {
    readonly message: string;
    readonly found?: string | undefined;
    readonly required?: string | undefined;
  }[];
}

/** What `verify` says, as JSON and on paper. */
export interface PathView {
  readonly valid: boolean;
  readonly profile: string;
  readonly at: string;
  readonly trust: Trust;
  readonly revocation: string;
  /** From the top down; where nothing is valid, the path that came closest. */
  readonly path: readonly Rung[];
  readonly policies: readonly string[];
  readonly findings: readonly Finding[];
  readonly otherAttempts: readonly { readonly path: readonly string[]; readonly reasons: readonly string[] }[];
}

const TRUST_WORDS: Readonly<Record<Trust, string>> = {
  anchors: 'a trust anchor of yours',
  'own-chain': "the chain's own root, as on the appliance: compare its fingerprint, or give --trust",
  none: 'nothing: there is no root in the chain, and no --trust was given',
};

/** The path as a tree, the reason at each step. */
export function renderPath(style: Style, view: PathView): string {
  const { valid, profile, at, trust, path } = view;
  const headline = valid
    ? style.paint('green', `${style.sign.ok} VALID`)
    : style.paint('red', `${style.sign.bad} NOT VALID`);
  const lines = [
    style.paint('bold', headline),
    ...wrap(`judged for ${at}, profile ${profile}; trusted: ${TRUST_WORDS[trust]}`, style.columns - 2).map(
      (line) => `  ${line}`,
    ),
    '',
  ];
  for (const [depth, rung] of path.entries()) lines.push(...rungLines(style, rung, depth, view));
  if (!valid) lines.push(...conclusion(style, view));
  return `${lines.join('\n')}\n`;
}

function rungLines(style: Style, rung: Rung, depth: number, view: PathView): string[] {
  const indent = '   '.repeat(Math.min(Math.max(0, depth - 1), 8));
  const branch = depth === 0 ? '' : '└─ ';
  const { file, block } = rung.location;
  const place = `${file}${block === undefined || block === 0 ? '' : `, block ${block}`}`;
  const below = `${indent}${depth === 0 ? '' : '   '}`;
  const room = style.columns - below.length - 2;
  const detail = (sign: string, text: string, paint: 'green' | 'red' | 'dim'): string[] =>
    wrap(visible(text), room).map((line, i) => `${below}${style.paint(paint, `${i === 0 ? sign : ' '} ${line}`)}`);
  const lines = [
    ...wrap(visible(rung.subject), room).map(
      (line, i) => `${i === 0 ? `${indent}${branch}` : below}${style.paint('bold', line)}`,
    ),
    ...detail(style.sign.dot, `${ROLE_WORDS[rung.role]}, from ${place}; ${rung.notBefore} to ${rung.notAfter}`, 'dim'),
  ];
  if (rung.role === 'anchor') lines.push(...detail(style.sign.dot, `SHA-256 ${rung.sha256}`, 'dim'));
  for (const { message, found, required } of rung.problems) {
    lines.push(...detail(style.sign.bad, message, 'red'));
    if (found !== undefined) lines.push(...detail(' ', `found: ${found}`, 'dim'));
    if (required !== undefined) lines.push(...detail(' ', `required: ${required}`, 'dim'));
  }
  if (rung.problems.length === 0 && view.path.length > 0)
    lines.push(...detail(style.sign.ok, reasonWhy(rung, view), 'green'));
  return lines;
}

const ROLE_WORDS = { anchor: 'trust anchor', intermediate: 'CA', leaf: 'the certificate' } as const;

function reasonWhy(rung: Rung, { valid, revocation }: PathView): string {
  if (rung.role === 'anchor') return 'trusted, in its dates, may sign certificates';
  const words =
    rung.signedBy === undefined ? ['nothing wrong with it by itself'] : [`signed by the key of ${rung.signedBy}`];
  if (valid) words.push('in its dates', 'allowed by every certificate above it');
  if (valid && revocation === 'required') words.push('not revoked');
  return words.join(', ');
}

function conclusion(style: Style, { findings, path, otherAttempts }: PathView): string[] {
  const lines: string[] = [];
  const say = (text: string): void => void lines.push(...wrap(visible(text), style.columns));
  // What no certificate of the tree carries: files that could not be read.
  const told = new Set(path.flatMap(({ problems }) => problems.map(({ message }) => message)));
  const others = new Set(otherAttempts.flatMap(({ reasons }) => reasons));
  for (const { message } of findings)
    if (!told.has(message) && !others.has(message)) say(`${style.sign.bad} ${message}`);
  const fix = findings[0]?.fix;
  if (fix !== undefined) {
    lines.push('');
    say(`To put it right: ${fix}.`);
  }
  if (otherAttempts.length === 0) return lines;
  lines.push('', style.paint('bold', 'Other ways that were tried'));
  for (const attempt of otherAttempts.slice(0, 5)) {
    const text = `${attempt.path.toReversed().join(' → ')}: ${attempt.reasons[0] ?? ''}`;
    lines.push(
      ...wrap(visible(text), style.columns - 4).map((line, i) =>
        style.paint('dim', `${i === 0 ? '  - ' : '    '}${line}`),
      ),
    );
  }
  if (otherAttempts.length > 5)
    lines.push(style.paint('dim', `  … ${otherAttempts.length - 5} more; --json lists them all`));
  return lines;
}
