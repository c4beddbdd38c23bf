const FILES = import.meta.glob<string>('../../../docs/rules/*.md', { query: '?raw', import: 'default', eager: true });

/** A rule as its generated page has it. */
export interface RulePage {
  readonly id: string;
  readonly title: string;
  readonly required: string;
  /** The statuses it can give, as reports name them. */
  readonly gives: readonly string[];
  readonly sections: readonly Part[];
  /** Everything in it in lower case, for searching. */
  readonly text: string;
}

export interface Part {
  readonly heading: string;
  readonly blocks: readonly Block[];
}
export interface Block {
  readonly kind: 'text' | 'quote' | 'list';
  /** With `code` in backticks; one for each item of a list. */
  readonly lines: readonly string[];
}

export interface RuleGroup {
  readonly heading: string;
  readonly rules: readonly RulePage[];
}

export const ruleOf = (id: string): RulePage | undefined =>
  RULE_GROUPS.flatMap(({ rules }) => rules).find((rule) => rule.id === id);

/** Of a rule: who asks for it. */
export const groupOf = (rule: RulePage): RuleGroup | undefined =>
  RULE_GROUPS.find(({ rules }) => rules.some(({ id }) => id === rule.id));

function fileOf(name: string): string {
  const entry = Object.entries(FILES).find(([path]) => path.endsWith(`/${name}.md`));
  return entry?.[1] ?? '';
}

function groupsOf(index: string): RuleGroup[] {
  return sectionsOf(index).map(({ heading, lines }) => ({
    heading,
    rules: lines.flatMap((line) => {
      const id = /^\| \[`([a-z0-9-]+)`\]/.exec(line)?.[1];
      return id === undefined ? [] : [pageOf(id, fileOf(id))];
    }),
  }));
}

function pageOf(id: string, source: string): RulePage {
  const title = /^# `[^`]*`: (.*)$/m.exec(source)?.[1] ?? id;
  const required = /^Required: (.*)$/m.exec(source)?.[1] ?? '';
  const gives = [...(/^Can give: (.*)$/m.exec(source)?.[1] ?? '').matchAll(/`([^`]+)`/g)].map(([, status]) => status!);
  const sections = inReadingOrder(sectionsOf(source)).map(({ heading, lines }) => ({
    heading,
    blocks: blocksOf(lines.filter((line) => !line.startsWith('Can give: '))),
  }));
  return { id, title, required, gives, sections, text: source.toLowerCase() };
}

/** What helps first, where it comes from last. */
const LAST = ['Our reading', 'Source'];
const inReadingOrder = <T extends { heading: string }>(sections: readonly T[]): T[] =>
  sections.toSorted((a, b) => LAST.indexOf(a.heading) - LAST.indexOf(b.heading));

function sectionsOf(source: string): { heading: string; lines: string[] }[] {
  const sections: { heading: string; lines: string[] }[] = [];
  for (const line of source.split('\n')) {
    if (line.startsWith('## ')) sections.push({ heading: line.slice(3), lines: [] });
    else sections.at(-1)?.lines.push(line);
  }
  return sections;
}

/** Paragraphs, quotes and lists: what the pages are made of. */
function blocksOf(lines: readonly string[]): Block[] {
  const blocks: { kind: Block['kind']; lines: string[] }[] = [];
  let open = false;
  for (const line of lines) {
    if (line.trim() === '') {
      open = false;
      continue;
    }
    const kind = line.startsWith('> ') ? 'quote' : line.startsWith('- ') ? 'list' : 'text';
    const text = kind === 'text' ? line : line.slice(2);
    const last = open ? blocks.at(-1) : undefined;
    if (last?.kind !== kind) blocks.push({ kind, lines: [text] });
    else if (kind === 'list') last.lines.push(text);
    else last.lines[0] += ` ${text}`;
    open = true;
  }
  return blocks;
}

// Last, since it needs everything above.
/** Every rule, by who asks for it, in the order of reports. */
export const RULE_GROUPS: readonly RuleGroup[] = groupsOf(fileOf('README'));
