// docs/rules/: a page for every rule and a list of all, out of the rules themselves.
import { APPLIANCE_SAYS } from '../../src/core/base/finding.ts';
import { ORIGIN_NAMES } from '../../src/core/requirements/define.ts';
import type { Rule } from '../../src/core/requirements/rule.ts';
import { RULES } from '../../src/core/requirements/rules/index.ts';

export const folders = ['docs/rules'];

const NOTICE = '<!-- Generated from the rules by `npm run generate`; change those. -->\n';

const says = ({ applianceSays }: Rule): string =>
  applianceSays === null ? 'Nothing: it would take it.' : `“${APPLIANCE_SAYS[applianceSays]}”`;

const section = (title: string, text: string | undefined): string =>
  text === undefined || text === '' ? '' : `\n## ${title}\n\n${text}\n`;

function page(rule: Rule): string {
  const settings = Object.entries(rule.defaults ?? {}).map(
    ([name, value]) => `- \`${name}\`: ${JSON.stringify(value)}`,
  );
  return [
    NOTICE,
    `# \`${rule.id}\`: ${rule.title}\n\nRequired: ${rule.required}.\n`,
    section('What passes, what fails', rule.explanation),
    section('How to fix it', rule.fix),
    section(
      'Source',
      `> ${rule.quote}\n\n${rule.source.document}, ${rule.source.section}. By ${ORIGIN_NAMES[rule.origin]}.`,
    ),
    section('Our reading', rule.reading),
    section('What the appliance would say', says(rule)),
    section('Settings in a profile', settings.join('\n')),
    `\nCan give: ${rule.gives.map((status) => `\`${status}\``).join(', ')}.\n`,
  ].join('');
}

function list(): string {
  const parts = [...new Set(RULES.map(({ origin }) => origin))].map((origin) => {
    const rows = RULES.filter((rule) => rule.origin === origin).map(
      ({ id, title, required }) => `| [\`${id}\`](${id}.md) | ${title} | ${required.replaceAll('|', '\\|')} |`,
    );
    return `\n## By ${ORIGIN_NAMES[origin]}\n\n| rule | asks for | required |\n|---|---|---|\n${rows.join('\n')}\n`;
  });
  return `${NOTICE}# Rules\n\nWhat \`certgate check\` judges, in the order of its reports. \`certgate rules ID\` prints the same.\n${parts.join('')}`;
}

/** Path → text. */
export async function outputs(): Promise<ReadonlyMap<string, string>> {
  return new Map([
    ['docs/rules/README.md', list()],
    ...RULES.map((rule) => [`docs/rules/${rule.id}.md`, page(rule)] as const),
  ]);
}
