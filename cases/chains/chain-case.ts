import type { ChainInput, PathResult, ValidatorOptions } from '../../src/core/path/validate.ts';
import { validatePath } from '../../src/index.ts';

/**
 * A golden chain: one readable file.
 *
 *     why: What is right or wrong with it and why that matters.
 *     at: 2026-06-01T00:00:00Z
 *     profile: appliance
 *     dns: sensor.example
 *
 *     == leaf
 *     -----BEGIN CERTIFICATE-----
 *     == intermediate
 *     == anchor
 *     == crl
 *     == expect
 *     valid: CN=sensor.example < CN=Issuing CA < CN=Root CA
 *
 * or, below expect, one line for each finding:
 *
 *     refused intermediates[0] tbsCertificate.validity.notAfter: valid from … to …
 */
export interface ChainCase {
  readonly why: string;
  /** `key: value` lines in the order of `OPTIONS`. */
  readonly options: ReadonlyMap<string, string>;
  readonly blocks: readonly { readonly section: Section; readonly der: Uint8Array }[];
  readonly expect: readonly string[];
}

const SECTIONS = ['leaf', 'intermediate', 'anchor', 'crl'] as const;
type Section = (typeof SECTIONS)[number];

const OPTIONS = [
  'at',
  'profile',
  'purpose',
  'dns',
  'ip',
  'email',
  'depth',
  'revocation',
  'policy',
  'explicit',
] as const;

export function parseChainCase(text: string, file: string): ChainCase {
  const [head = '', ...sections] = text.split(/^== /m);
  const options = new Map<string, string>();
  for (const line of head.split('\n').filter((candidate) => candidate.trim() !== '')) {
    const [, key = '', value = ''] = /^([a-z]+): (.*)$/.exec(line) ?? [];
    if (key !== 'why' && !(OPTIONS as readonly string[]).includes(key)) throw new Error(`${file}: what is "${line}"?`);
    options.set(key, value);
  }
  const why = options.get('why');
  if (why === undefined || !options.has('at')) throw new Error(`${file}: a chain needs why: and at:`);
  options.delete('why');
  const blocks: ChainCase['blocks'][number][] = [];
  let expect: string[] = [];
  for (const section of sections) {
    const end = section.indexOf('\n');
    const word = section.slice(0, end);
    const body = section.slice(end + 1);
    if (word === 'expect') expect = body.split('\n').filter((line) => line !== '');
    else if ((SECTIONS as readonly string[]).includes(word)) {
      blocks.push({ section: word as Section, der: Buffer.from(body.replace(/-----[^-]+-----/g, ''), 'base64') });
    } else throw new Error(`${file}: there is no section "${word}"`);
  }
  return { why, options, blocks, expect };
}

export function formatChainCase({ why, options, blocks, expect }: ChainCase): string {
  const head = [`why: ${why}`];
  for (const key of OPTIONS) if (options.has(key)) head.push(`${key}: ${options.get(key)!}`);
  const pem = blocks.map(({ section, der }) => {
    const label = section === 'crl' ? 'X509 CRL' : 'CERTIFICATE';
    const base64 = Buffer.from(der)
      .toString('base64')
      .replace(/.{64}(?=.)/g, '$&\n');
    return `== ${section}\n-----BEGIN ${label}-----\n${base64}\n-----END ${label}-----\n`;
  });
  return `${head.join('\n')}\n\n${pem.join('')}== expect\n${expect.join('\n')}\n`;
}

/** The question that a case asks. */
export function inputOf({ options, blocks }: ChainCase): ChainInput & ValidatorOptions {
  const all = (section: Section): Uint8Array[] =>
    blocks.filter((block) => block.section === section).map(({ der }) => der);
  const crls = all('crl');
  const text = (key: string): string | undefined => options.get(key);
  const names = (['dns', 'ip', 'email'] as const).flatMap((kind) => {
    const value = text(kind);
    return value === undefined ? [] : [{ kind, value }];
  });
  return {
    leaf: all('leaf')[0]!,
    intermediates: all('intermediate'),
    trustAnchors: all('anchor'),
    at: new Date(text('at')!),
    profile: (text('profile') ?? 'appliance') as NonNullable<ValidatorOptions['profile']>,
    purpose: (text('purpose') ?? 'server') as NonNullable<ChainInput['purpose']>,
    peerNames: names,
    ...(crls.length > 0 && { crls }),
    ...(text('depth') !== undefined && { maxDepth: Number(text('depth')) }),
    ...(text('revocation') !== undefined && {
      revocation: text('revocation') as NonNullable<ChainInput['revocation']>,
    }),
    policy: {
      ...(text('policy') !== undefined && { initialPolicySet: text('policy')!.split(' ') }),
      ...(text('explicit') !== undefined && { explicit: text('explicit') === 'yes' }),
    },
  };
}

export const judgeChain = (golden: ChainCase): PathResult => validatePath(inputOf(golden));

/** What stands below `== expect`. */
export function expectationOf({ valid, path, policies, findings }: PathResult): string[] {
  if (valid)
    return [
      `valid: ${path!.length} certificates`,
      ...(policies!.length === 0 ? [] : [`policies: ${policies!.join(' ')}`]),
    ];
  return findings.map(({ location, found }) => {
    const place = location!.block === undefined ? location!.file : `${location!.file}[${location!.block}]`;
    return `refused ${place} ${location!.path ?? '-'}: ${found ?? ''}`;
  });
}
