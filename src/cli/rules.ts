import type { Command } from 'commander';
import { APPLIANCE_SAYS } from '../core/base/finding.ts';
import { ORIGIN_NAMES } from '../core/requirements/define.ts';
import type { Rule } from '../core/requirements/rule.ts';
import { RULES } from '../core/requirements/rules/index.ts';
import { EXIT, didYouMean, UsageError } from './failure.ts';
import type { Finish } from './main.ts';
import { examples, oneOf } from './options.ts';
import { print, styleOf } from './output.ts';
import { hang, prose } from './render/prose.ts';
import type { Style } from './render/style.ts';
import { safeJson, visible, width, wrap } from './render/text.ts';

const FORMATS = ['pretty', 'json'] as const;

export function defineRules(command: Command, finish: Finish): void {
  command
    .argument('[ID]', 'the rule to explain; without it all are listed')
    .option('--format <format>', 'pretty or json', oneOf('--format', FORMATS), 'pretty')
    .addHelpText('after', examples(['certgate rules', 'certgate rules crt-wildcard', 'certgate rules --format json']))
    .action((id: string | undefined, { format }: { format: (typeof FORMATS)[number] }) => {
      const rules = id === undefined ? RULES : [find(id)];
      if (format === 'json') print(`${safeJson(id === undefined ? rules.map(asData) : asData(rules[0]!), 2)}\n`);
      else {
        const style = styleOf(process.stdout);
        print(id === undefined ? list(style, rules) : explain(style, rules[0]!));
      }
      finish(EXIT.ok);
    });
}

function find(id: string): Rule {
  const rule = RULES.find((rule) => rule.id === id);
  if (rule !== undefined) return rule;
  const meant = didYouMean(
    id,
    RULES.map(({ id }) => id),
  );
  throw new UsageError(`there is no rule ${id}.${meant} certgate rules lists them all.`);
}

/** What is data of a rule: everything but its code. */
function asData({
  id,
  origin,
  title,
  source,
  quote,
  reading,
  required,
  explanation,
  fix,
  applianceSays,
  gives,
  defaults,
}: Rule) {
  const says = applianceSays === null ? null : APPLIANCE_SAYS[applianceSays];
  return {
    id,
    origin,
    title,
    source,
    quote,
    reading,
    required,
    explanation,
    fix,
    applianceSays: says,
    gives,
    settings: defaults,
  };
}

// The vendor's first: they are why the appliance refuses.
const ORIGINS = ['defender-iot', 'rfc5280', 'certgate'] as const;

function list(style: Style, rules: readonly Rule[]): string {
  const lines: string[] = [];
  const column = Math.max(...rules.map(({ id }) => width(id))) + 2;
  for (const origin of ORIGINS) {
    if (lines.length > 0) lines.push('');
    lines.push(style.paint('bold', `By ${ORIGIN_NAMES[origin]}`));
    for (const rule of rules.filter((rule) => rule.origin === origin)) {
      const title = wrap(visible(rule.title), style.columns - column - 2);
      lines.push(...hang(`  ${style.paint('cyan', rule.id.padEnd(column))}`, title, column + 2));
    }
  }
  lines.push(
    '',
    style.paint('dim', 'certgate rules ID explains one: the source, what passes, what fails, how to fix it.'),
  );
  return `${lines.join('\n')}\n`;
}

function explain(style: Style, rule: Rule): string {
  const columns = style.columns - 2;
  const section = (title: string, lines: readonly string[]): string[] =>
    lines.length === 0 ? [] : ['', style.paint('bold', title), ...lines.map((line) => `  ${line}`)];
  const paragraphs = (text: string) => text.split('\n\n').flatMap((paragraph) => prose(style, paragraph, columns));
  const says = rule.applianceSays === null ? 'Nothing: it would take it.' : `"${APPLIANCE_SAYS[rule.applianceSays]}"`;
  const settings = Object.entries(rule.defaults ?? {}).map(([name, value]) => `${name}: ${JSON.stringify(value)}`);
  const lines = [
    `${style.paint('bold', rule.id)}  ${visible(rule.title)}`,
    ...section('Required', wrap(upperFirst(rule.required), columns)),
    ...section('What passes, what fails', paragraphs(rule.explanation)),
    ...section('How to fix it', rule.fix === undefined ? [] : paragraphs(rule.fix)),
    ...section('The source', [
      ...wrap(`"${rule.quote}"`, columns),
      ...wrap(`${rule.source.document}, ${rule.source.section}`, columns).map((line) => style.paint('dim', line)),
    ]),
    ...section('Our reading', rule.reading === undefined ? [] : paragraphs(rule.reading)),
    ...section('What the appliance would say', wrap(says, columns)),
    ...section('Settings in a profile', settings),
  ];
  return `${lines.join('\n')}\n`;
}

const upperFirst = (text: string): string => (text === '' ? '' : text[0]!.toUpperCase() + text.slice(1));
