import { join } from 'node:path';
import { shellWord } from '../../core/base/shell-word.ts';
import type { ApplianceState, State } from '../../making/issue/pack/assemble.ts';
import { REPLIES, REQUESTS } from '../../making/issue/pack/layout.ts';
import type { Made, Objection } from '../../making/issue/pack/make.ts';
import { problemsOf } from '../../making/issue/pack/manifest.ts';
import type { Reply } from '../../making/issue/pack/replies.ts';
import { renderProblem } from '../render/request.ts';
import type { Style } from '../render/style.ts';
import { plural, shorten, visible, width, wrap } from '../render/text.ts';

const MOST_SHOWN = 10;

/** Why appliances of a site could get no certificate. */
export function renderObjections(style: Style, objections: readonly Objection[]): string {
  const blocks = objections
    .slice(0, MOST_SHOWN)
    .map(({ name, findings }) =>
      [
        `${style.sign.bad} ${style.paint('bold', visible(name))}`,
        ...findings.flatMap((finding) => renderProblem(style, finding)).map((line) => `  ${line}`),
      ].join('\n'),
    );
  const more = objections.length - MOST_SHOWN;
  return `${[...blocks, ...(more > 0 ? [`… and ${more} more.`] : [])].join('\n\n')}\n`;
}

export function renderMade(style: Style, folder: string, made: Made & { readonly appliances: number }): string {
  const kept = made.appliances - made.keys;
  const keys = `${plural(made.keys, 'new key')}${kept > 0 ? `, ${kept} there already` : ''}`;
  return [
    `${style.paint('green', style.sign.ok)} ${visible(folder)}: ${plural(made.appliances, 'appliance')}, ${keys}`,
    `  send to your CA   everything in ${visible(join(folder, REQUESTS))} (a private CA: public ones drop OU)`,
    `  what comes back   into ${visible(join(folder, REPLIES))}, then: certgate pack import ${shellWord(visible(folder))}`,
    '',
  ].join('\n');
}

export interface StatesView {
  readonly folder: string;
  readonly states: readonly ApplianceState[];
  /** Certificates whose key is none of the pack's. */
  readonly unknown: readonly Reply[];
}

const WORDS: Readonly<Record<State, string>> = {
  ready: 'ready',
  unsupported: 'unsupported',
  refused: 'refused',
  waiting: 'waiting',
  'no-key': 'no key',
};

/** The table of a pack, one line an appliance, then what is wrong and what is missing. */
export function renderStates(style: Style, { folder, states, unknown }: StatesView): string {
  const names = Math.min(28, Math.max(4, ...states.map(({ appliance }) => width(visible(appliance.name)))));
  const hosts = Math.min(40, Math.max(...states.map(({ appliance }) => width(visible(appliance.subject.commonName)))));
  const lines = states.map((state) => line(style, state, { names, hosts }));
  const count = (wanted: State): number => states.filter(({ state }) => state === wanted).length;
  const summary = (Object.keys(WORDS) as State[]).filter((state) => count(state) > 0);
  const words = summary.map((state) => `${count(state)} ${WORDS[state]}`).join(', ');
  return `${[
    ...lines,
    ...unknown.flatMap((reply) => stranger(style, reply)),
    '',
    style.paint('bold', `${plural(states.length, 'appliance')}: ${words}`),
    ...missing(folder, states),
  ].join('\n')}\n`;
}

/** How wide they are. */
interface Columns {
  readonly names: number;
  readonly hosts: number;
}

function line(style: Style, { appliance, state, report, notAfter, paths }: ApplianceState, columns: Columns): string {
  const { ok, unsure, bad, dot } = style.sign;
  const sign = { ready: ok, unsupported: unsure, refused: bad, waiting: dot, 'no-key': bad }[state];
  const colour = ({ ready: 'green', unsupported: 'yellow', refused: 'red', waiting: 'gray', 'no-key': 'red' } as const)[
    state
  ];
  const cell = (text: string, columns: number): string => {
    const short = shorten(visible(text), columns);
    return short + ' '.repeat(columns - width(short) + 2);
  };
  const problems = problemsOf(report);
  const detail =
    state === 'waiting'
      ? `no certificate yet for ${paths.csr}`
      : state === 'no-key'
        ? 'its key or request is missing'
        : problems.length > 0
          ? problems[0]!.rule
          : `until ${notAfter!.toISOString().slice(0, 10)}`;
  const who = cell(appliance.name, columns.names) + cell(appliance.subject.commonName, columns.hosts);
  const head = `${style.paint(colour, `${sign} ${WORDS[state].padEnd(12)}`)}${who}${style.paint('dim', visible(detail))}`;
  const explained = problems
    .slice(0, 3)
    .flatMap(({ rule, message }) => wrap(`${rule}: ${visible(message)}`, style.columns - 6));
  return [head, ...explained.map((text) => `      ${text}`)].join('\n');
}

function stranger(style: Style, { path, certificate }: Reply): string[] {
  const text = `${visible(path)} is for ${visible(certificate.subject.toString())}, and its key is none of this pack: was it made from another request?`;
  return wrap(`${style.sign.unsure} ${text}`, style.columns);
}

function missing(folder: string, states: readonly ApplianceState[]): string[] {
  const of = (wanted: State): string[] =>
    states.filter(({ state }) => state === wanted).map(({ appliance }) => appliance.name);
  const [waiting, noKey, refused] = [of('waiting'), of('no-key'), of('refused')];
  const chainless = states
    .filter(({ state, hasChain }) => (state === 'ready' || state === 'unsupported') && !hasChain)
    .map(({ appliance }) => appliance.name);
  const some = (names: readonly string[]): string =>
    visible(names.slice(0, 8).join(', ')) + (names.length > 8 ? ` and ${names.length - 8} more` : '');
  return [
    ...(waiting.length > 0 ? [`Missing: the certificates of ${some(waiting)}.`] : []),
    ...(refused.length > 0
      ? [`Ask your CA again for: ${some(refused)}; what it sent is in ${visible(join(folder, 'refused'))}.`]
      : []),
    ...(chainless.length > 0
      ? [
          `Not checked up to the root: ${some(chainless)}; put your CA's own certificates into ${visible(join(folder, REPLIES))}, too.`,
        ]
      : []),
    ...(noKey.length > 0 ? [`Run certgate pack new again: it makes what is missing of ${some(noKey)}.`] : []),
  ];
}
