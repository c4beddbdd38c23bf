import type { Command } from 'commander';
import { stringify } from 'yaml';
import type { Profile } from '../core/requirements/profile.ts';
import { SHIPPED_PROFILES } from '../core/requirements/profiles/shipped.data.ts';
import { EXIT, didYouMean, UsageError } from './failure.ts';
import type { Finish } from './main.ts';
import { examples, oneOf } from './options.ts';
import { print, styleOf } from './output.ts';
import { hang } from './render/prose.ts';
import { safeJson, wrap } from './render/text.ts';

const FORMATS = ['pretty', 'yaml', 'json'] as const;

export function defineProfiles(command: Command, finish: Finish): void {
  command
    .argument('[ID]', 'the profile to print, as YAML; without it all are listed')
    .option('--format <format>', 'pretty, yaml or json', oneOf('--format', FORMATS), 'pretty')
    .addHelpText(
      'after',
      examples([
        'certgate profiles',
        'certgate profiles defender-iot-strict',
        'certgate profiles defender-iot > my.yaml && certgate check sensor.crt --profile my.yaml',
      ]),
    )
    .action((id: string | undefined, { format }: { format: (typeof FORMATS)[number] }) => {
      if (id === undefined && format === 'pretty') print(list());
      else {
        const data = id === undefined ? SHIPPED_PROFILES : find(id);
        print(format === 'json' ? `${safeJson(data, 2)}\n` : stringify(data));
      }
      finish(EXIT.ok);
    });
}

function find(id: string): Profile {
  const profile = SHIPPED_PROFILES.find((profile) => profile.id === id);
  if (profile !== undefined) return profile;
  const meant = didYouMean(
    id,
    SHIPPED_PROFILES.map(({ id }) => id),
  );
  throw new UsageError(`there is no profile ${id}.${meant} certgate profiles lists them all.`);
}

function list(): string {
  const style = styleOf(process.stdout);
  const column = Math.max(...SHIPPED_PROFILES.map(({ id }) => id.length)) + 2;
  const lines = SHIPPED_PROFILES.flatMap(({ id, title }) =>
    hang(style.paint('cyan', id.padEnd(column)), wrap(title, style.columns - column), column),
  );
  lines.push(
    '',
    style.paint('dim', 'certgate profiles ID prints one. certgate check --profile ID|FILE judges by it.'),
    style.paint('dim', 'Your own: a YAML file with id, extends and rules: {rule: {severity, settings}}.'),
  );
  return `${lines.join('\n')}\n`;
}
