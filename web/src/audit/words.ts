import { scopeWords } from '../access/words.ts';
import { ROLE_NAMES } from '../api/session.ts';
import type { Tone } from '../parts/State.tsx';
import type { AuditEntry } from './api.ts';

type Details = AuditEntry['details'];

/** `ada` *did something to* `sensor-1` *with that*: the words around the thing it was done to. */
interface Sentence {
  readonly before: string;
  readonly after?: (details: Details) => string;
  /** Worth a second look. */
  readonly tone?: Tone;
}

const text = (value: unknown): string => (typeof value === 'string' || typeof value === 'number' ? String(value) : '');
const list = (value: unknown): string => (Array.isArray(value) ? value.map(text).join(', ') : '');
const because = ({ reason }: Details): string => (text(reason) === '' ? '' : `, because: ${text(reason)}`);
const rules = ({ rules }: Details): string => (list(rules) === '' ? '' : ` (${list(rules)})`);

/** `validation: none, crl: on`. */
const changes = (details: Details): string => {
  const parts = Object.entries(details).map(([name, value]) => `${name}: ${plain(value)}`);
  return parts.length === 0 ? '' : `: ${parts.join(', ')}`;
};
const plain = (value: unknown): string =>
  value === null ? 'none' : typeof value === 'object' ? JSON.stringify(value) : String(value);

/** An entry of an older version may name a role that there is no more. */
const roleName = (role: unknown): string => (ROLE_NAMES as Readonly<Record<string, string>>)[text(role)] ?? text(role);

const userChange = ({ role, disabled, passwordChanged }: Details): string =>
  passwordChanged === true ? ': new password' : `: now ${roleName(role)}${disabled === true ? ', disabled' : ''}`;

export const SENTENCES: Readonly<Record<string, Sentence>> = {
  'anchor.added': { before: 'added the trust anchor' },
  'anchor.removed': { before: 'removed the trust anchor', tone: 'warn' },
  'appliance.created': { before: 'added the appliance', after: ({ hostname }) => ` (${text(hostname)})` },
  'appliance.changed': { before: 'changed the appliance', after: changes },
  'appliance.retired': { before: 'retired the appliance' },
  'certificate.staged': { before: 'took in a certificate for', after: because },
  'certificate.activated': { before: 'put a certificate into use on', after: because, tone: 'good' },
  'certificate.activation-refused': {
    before: 'could not put the waiting certificate into use on',
    after: rules,
    tone: 'bad',
  },
  'certificate.cancelled': { before: 'gave up the waiting certificate of' },
  'certificate.confirmed': { before: 'confirmed the new certificate of' },
  'certificate.rolled-back': { before: 'went back to the certificate before on', after: because, tone: 'warn' },
  'channel.created': { before: 'added the channel' },
  'channel.changed': { before: 'changed the channel', after: changes },
  'channel.removed': { before: 'removed the channel' },
  'channel.override-opened': {
    before: 'opened an exception on the channel',
    after: (details) => `: lets through in spite of ${list(details['overlooks'])}${because(details)}`,
    tone: 'bad',
  },
  'channel.override-closed': {
    before: 'closed an exception on the channel',
    after: ({ why }) => (text(why) === '' ? '' : `: ${text(why)}`),
  },
  'console.not-served': {
    before: 'could not show the new certificate of',
    after: ({ why }) => `, and went back to the one before: ${text(why)}`,
    tone: 'bad',
  },
  'crl.added': { before: 'took the revocation list', after: crlOf },
  'crl.replaced': { before: 'took a newer revocation list', after: crlOf },
  'crl.older-allowed': { before: 'allowed an older revocation list once', after: crlOf, tone: 'warn' },
  'crl.removed': { before: 'removed the revocation list', after: crlOf, tone: 'warn' },
  'csr.created': { before: 'had a key and a signing request (CSR) made for' },
  'csr.removed': { before: 'removed a signing request (CSR) and its key of' },
  'identity.exported': {
    before: 'took the private key out of',
    after: ({ format, encrypted }) => ` (${text(format)}, ${encrypted === true ? 'encrypted' : 'NOT encrypted'})`,
    tone: 'warn',
  },
  'partner.created': { before: 'added the partner' },
  'partner.changed': { before: 'changed the partner', after: changes },
  'partner.removed': { before: 'removed the partner' },
  'settings.changed': { before: 'changed what new appliances start with', after: changes },
  'token.created': {
    before: 'made the token',
    after: ({ scopes }) =>
      `, which may: ${Array.isArray(scopes) ? scopes.map((scope) => scopeWords(text(scope))).join(' · ') : ''}`,
  },
  'token.revoked': { before: 'revoked the token' },
  'upload.refused': { before: 'uploaded a certificate that was refused for', after: rules, tone: 'bad' },
  'upload.reason-needed': {
    before: 'uploaded a certificate that needs a written reason for',
    after: rules,
    tone: 'odd',
  },
  'user.created': { before: 'made the user', after: ({ role }) => ` (${roleName(role)})` },
  'user.changed': { before: 'changed the user', after: userChange },
  'user.locked-out': {
    before: 'locked the user',
    after: ({ failedAttempts, seconds }) =>
      ` for ${text(seconds)} seconds after ${text(failedAttempts)} wrong passwords`,
    tone: 'warn',
  },
  'user.recovered': { before: 'gave a new password and the role Admin to', tone: 'warn' },
  'user.signed-in': { before: 'signed in' },
};

function crlOf({ issuer, number }: Details): string {
  return ` of ${text(issuer)}${text(number) === '' ? '' : `, number ${text(number)}`}`;
}

/** An action that has no words yet is shown by its name. */
export const sentenceOf = (action: string): Sentence => SENTENCES[action] ?? { before: wordsOf(action) };
export const wordsOf = (action: string): string => action.replaceAll(/[.-]/g, ' ');

const ACTORS: Readonly<Record<string, string>> = {
  system: 'Certgate itself',
  host: 'Somebody on the host',
  setup: 'The first start',
};
export const actorName = (actor: string): string => ACTORS[actor] ?? actor;

/** Subjects whose name says no more than the sentence does. */
const UNNAMED = /^(settings|crl):/;

/** What it was done to: as it is called now, or was when it happened. */
export function subjectOf({ action, actor, subject, subjectName, details }: AuditEntry): string | undefined {
  if (UNNAMED.test(subject)) return undefined;
  if (action === 'user.signed-in' && subjectName === actor) return undefined;
  const name = subjectName ?? (text(details['name']) || text(details['channel']));
  if (name !== '') return name;
  const [kind = '', id = ''] = subject.split(':');
  return `${kind} ${id.slice(0, 8)} (gone since)`;
}

const PAGES: Readonly<Record<string, (id: string) => string>> = {
  appliance: (id) => `/appliances/${id}`,
  anchor: () => '/trust',
  channel: () => '/channels',
  partner: () => '/settings',
  user: () => '/access',
};

/** Where the thing itself can be looked at. */
export function pageOf(subject: string): string | undefined {
  const [kind = '', id = ''] = subject.split(':');
  return PAGES[kind]?.(encodeURIComponent(id));
}

const NOUNS: Readonly<Record<string, string>> = {
  anchor: 'Trust anchors',
  appliance: 'Appliances',
  certificate: 'Certificates',
  channel: 'Channels',
  console: 'This console',
  crl: 'Revocation lists',
  csr: 'Signing requests',
  identity: 'Private keys',
  partner: 'Partners',
  settings: 'Settings',
  token: 'Tokens',
  upload: 'Uploads not let in',
  user: 'Users',
};

/** Actions by what they are about, for a menu. */
export function actionGroups(actions: readonly string[]): { noun: string; label: string; actions: string[] }[] {
  const groups = new Map<string, string[]>();
  for (const action of actions) {
    const noun = action.split('.')[0] ?? action;
    groups.set(noun, [...(groups.get(noun) ?? []), action]);
  }
  return [...groups]
    .map(([noun, actions]) => ({ noun, label: NOUNS[noun] ?? noun, actions }))
    .toSorted((a, b) => a.label.localeCompare(b.label));
}
