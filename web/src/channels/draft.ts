import type { Channel, ChannelChange, Kind, NewChannel } from './api.ts';

/** What somebody typed into the form of a channel; numbers as they were typed. */
export interface Draft {
  readonly kind: Kind;
  readonly name: string;
  readonly applianceId: string | null;
  readonly partnerId: string | null;
  readonly node: string;
  readonly listenHost: string;
  readonly listenPort: string;
  readonly targetHost: string;
  readonly targetPort: string;
  readonly http: boolean;
  /** The web console behind a console channel speaks TLS itself. */
  readonly targetTls: boolean;
  /** Of its certificate, one a line. */
  readonly targetFingerprints: string;
  /** In the certificate of whatever is dialled. */
  readonly serverName: string;
  /** `as-set`: as the appliance or the partner has it; only while the channel is made. */
  readonly validation: 'as-set' | 'mandatory' | 'none';
  readonly crl: 'as-set' | 'on' | 'off';
  readonly mode: 'enforce' | 'observe';
  readonly staleCrlGraceHours: string;
  /** One a line. */
  readonly commonNames: string;
  readonly dnsNames: string;
  readonly publicKeys: string;
  readonly connections: string;
  readonly perSourceAMinute: string;
  readonly handshakeMs: string;
  readonly drainMs: string;
}

export const NEW: Draft = {
  kind: 'console',
  name: '',
  applianceId: null,
  partnerId: null,
  node: '',
  listenHost: '0.0.0.0',
  listenPort: '443',
  targetHost: '127.0.0.1',
  targetPort: '8080',
  http: true,
  targetTls: false,
  targetFingerprints: '',
  serverName: '',
  validation: 'as-set',
  crl: 'as-set',
  mode: 'enforce',
  staleCrlGraceHours: '0',
  commonNames: '',
  dnsNames: '',
  publicKeys: '',
  connections: '2000',
  perSourceAMinute: '600',
  handshakeMs: '10000',
  drainMs: '10000',
};

/** What a kind usually listens at and leads to: a start, to be changed. */
export const USUAL: Readonly<Record<Kind, Partial<Draft>>> = {
  console: { listenHost: '0.0.0.0', listenPort: '443', targetHost: '127.0.0.1', targetPort: '8080' },
  'ha-listener': { listenHost: '0.0.0.0', listenPort: '8444', targetHost: '127.0.0.1', targetPort: '' },
  'ha-connector': { listenHost: '127.0.0.1', listenPort: '8445', targetHost: '', targetPort: '8444' },
  partner: { listenHost: '127.0.0.1', listenPort: '6514' },
};

export function draftOf(channel: Channel): Draft {
  const { kind, name, applianceId, partnerId, node, listen, target, http, targetTls, serverName } = channel;
  const { validation, crl, mode, staleCrlGraceHours, allow, limits } = channel;
  return {
    kind,
    name,
    applianceId,
    partnerId,
    node: node ?? '',
    listenHost: listen.host,
    listenPort: String(listen.port),
    targetHost: target?.host ?? '',
    targetPort: target === null ? '' : String(target.port),
    http,
    targetTls: targetTls !== null,
    targetFingerprints: targetTls?.fingerprints.join('\n') ?? '',
    serverName: serverName ?? targetTls?.serverName ?? '',
    validation,
    crl,
    mode,
    staleCrlGraceHours: String(staleCrlGraceHours),
    commonNames: allow.commonNames.join('\n'),
    dnsNames: allow.dnsNames.join('\n'),
    publicKeys: allow.publicKeys.join('\n'),
    connections: String(limits.connections),
    perSourceAMinute: String(limits.perSourceAMinute),
    handshakeMs: String(limits.handshakeMs),
    drainMs: String(limits.drainMs),
  };
}

/** What the API is sent; what does not belong to the kind is left out. */
export function wishOf(draft: Draft): Omit<NewChannel, 'kind'> & ChannelChange {
  const { kind, name, node, listenHost, listenPort, targetHost, targetPort, validation, crl, mode } = draft;
  const isPartner = kind === 'partner';
  return {
    name,
    ...(isPartner ? { partnerId: draft.partnerId } : { applianceId: draft.applianceId }),
    node: textOrNull(node),
    listen: { host: listenHost, port: Number(listenPort) },
    ...(!isPartner && { target: { host: targetHost, port: Number(targetPort) } }),
    ...(kind === 'console' && { http: draft.http, targetTls: targetTlsOf(draft) }),
    ...(kind === 'ha-connector' && { serverName: textOrNull(draft.serverName) }),
    ...(validation !== 'as-set' && { validation }),
    ...(crl !== 'as-set' && { crl }),
    mode,
    staleCrlGraceHours: Number(draft.staleCrlGraceHours),
    allow: {
      commonNames: lines(draft.commonNames),
      dnsNames: lines(draft.dnsNames),
      publicKeys: lines(draft.publicKeys),
    },
    limits: {
      connections: Number(draft.connections),
      perSourceAMinute: Number(draft.perSourceAMinute),
      handshakeMs: Number(draft.handshakeMs),
      drainMs: Number(draft.drainMs),
    },
  };
}

const targetTlsOf = ({ targetTls, serverName, targetFingerprints }: Draft): NewChannel['targetTls'] =>
  targetTls ? { serverName: textOrNull(serverName), fingerprints: lines(targetFingerprints) } : null;

const textOrNull = (text: string): string | null => (text.trim() === '' ? null : text.trim());
const lines = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
