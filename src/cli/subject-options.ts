import type { Command } from 'commander';
import type { ApplianceRequest } from '../making/issue/request.ts';
import { UsageError } from './failure.ts';

/** The options that say who a certificate is for. */

export interface SubjectFlags {
  readonly country?: string;
  readonly state?: string;
  readonly locality?: string;
  readonly organization?: string;
  readonly unit?: string;
  readonly cn?: string;
  readonly email?: string;
  readonly san?: readonly string[];
}

const collect = (value: string, previous: readonly string[] = []): readonly string[] => [
  ...previous,
  ...value.split(/[\s,]+/).filter((name) => name !== ''),
];

export function addSubjectOptions(command: Command): Command {
  return command
    .option('--cn <name>', "the appliance's domain name, e.g. sensor.contoso.com")
    .option('--country <code>', 'two letters, e.g. US (C)')
    .option('--organization <name>', 'your organisation (O)')
    .option('--unit <name>', 'the unit in it (OU)')
    .option('--state <name>', 'state or province (ST), if you like')
    .option('--locality <name>', 'city (L), if you like')
    .option('--email <address>', 'e-mail address, if you like')
    .option('--san <name>', 'another DNS name or IP address it is reached by (repeat for more)', collect);
}

const REQUIRED = [
  ['--cn', 'cn'],
  ['--country', 'country'],
  ['--organization', 'organization'],
  ['--unit', 'unit'],
] as const;

/** @throws {UsageError} that names every field that is missing */
export function readSubject(flags: SubjectFlags): ApplianceRequest {
  const missing = REQUIRED.filter(([, name]) => (flags[name] ?? '').trim() === '').map(([option]) => option);
  if (missing.length > 0) {
    throw new UsageError(
      `${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} missing: the appliance requires CN, C, O and OU.`,
    );
  }
  const text = (value: string | undefined): string => (value ?? '').trim();
  const { state, locality, email, san } = flags;
  return {
    subject: {
      commonName: text(flags.cn),
      country: text(flags.country),
      organization: text(flags.organization),
      organizationalUnit: text(flags.unit),
      ...(state !== undefined && { state: text(state) }),
      ...(locality !== undefined && { locality: text(locality) }),
      ...(email !== undefined && { emailAddress: text(email) }),
    },
    ...(san !== undefined && { alternativeNames: san }),
  };
}

export const namesSubject = (flags: SubjectFlags): boolean =>
  [flags.cn, flags.country, flags.organization, flags.unit, flags.state, flags.locality, flags.email].some(
    (value) => value !== undefined,
  );
