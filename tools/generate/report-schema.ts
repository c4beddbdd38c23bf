// docs/schema/report.schema.json: what `certgate check --format json` prints.
import { APPLIANCE_SAYS, STATUSES } from '../../src/core/base/finding.ts';
import { RULES } from '../../src/core/requirements/rules/index.ts';

export const folders = ['docs/schema'];

type Schema = Readonly<Record<string, unknown>>;

const text = (description?: string): Schema => ({ type: 'string', ...(description !== undefined && { description }) });
const count = (description?: string): Schema => ({
  type: 'integer',
  minimum: 0,
  ...(description !== undefined && { description }),
});

/** An object of exactly these properties; a name that ends in `?` may be absent. */
function shape(properties: Readonly<Record<string, Schema>>, description?: string): Schema {
  const names = Object.keys(properties);
  return {
    type: 'object',
    ...(description !== undefined && { description }),
    properties: Object.fromEntries(names.map((name) => [name.replace(/\?$/, ''), properties[name]])),
    required: names.filter((name) => !name.endsWith('?')),
    additionalProperties: false,
  };
}

const rule: Schema = { enum: RULES.map(({ id }) => id) };
const rules: Schema = { type: 'array', items: rule, uniqueItems: true };
const verdict: Schema = { enum: ['accepted', 'unsupported', 'refused'] };

const location = shape({
  file: text('crt, key, chain, passphrase, or a path or URL'),
  'block?': count('which PEM block of the file, counted from 0'),
  'path?': text('the field in the terms of its standard'),
  'offset?': count("bytes, in the block's DER, or in the file where there is no block"),
  'length?': count('bytes'),
});

const source = shape({ document: text(), section: text() }, 'the sentence the rule rests on');

const finding = {
  ...shape({
    rule,
    status: { enum: STATUSES },
    'location?': location,
    'found?': text('the offending (or accepted) value; never key material, never a passphrase'),
    'required?': text(),
    message: text(),
    'fix?': text('what to do'),
    'applianceSays?': { enum: Object.values(APPLIANCE_SAYS) },
    'clientsSay?': text('what browsers and other TLS clients show'),
    'source?': source,
  }),
  if: { properties: { status: { const: 'refused' } } },
  // oxlint-disable-next-line unicorn/no-thenable -- the keyword of JSON Schema
  then: { required: ['location', 'found', 'required', 'fix', 'source'] },
};

const report = shape({
  bundle: text('the name under which the bundle was handed in'),
  profile: text(),
  at: { ...text('the time judged for'), format: 'date-time' },
  trust: { enum: ['anchors', 'own-chain', 'none'] },
  verdict,
  complete: { type: 'boolean', description: 'false when a rule could not be checked; notChecked names those' },
  notChecked: rules,
  'lowered?': { ...rules, description: 'vendor rules that the profile judges more leniently than the vendor' },
  findings: { type: 'array', items: finding },
});

const schema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  $id: 'urn:certgate:report',
  title: 'What certgate check --format json prints',
  ...shape({
    reports: { type: 'array', items: report },
    summary: shape({ total: count(), accepted: count(), unsupported: count(), refused: count() }),
  }),
};

/** Path → text. */
export async function outputs(): Promise<ReadonlyMap<string, string>> {
  return new Map([['docs/schema/report.schema.json', `${JSON.stringify(schema, null, 2)}\n`]]);
}
