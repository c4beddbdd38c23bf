import { DerError } from '../../core/der/errors.ts';
import { identify } from '../../core/files/identify.ts';
import { crlLocations, URLS_PER_CERTIFICATE } from '../../core/revocation/locations.ts';
import { parseCertificate } from '../../core/x509/certificate.ts';
import type { Store } from '../../platform/store/store.ts';
import type { ChannelSettings, TargetTls } from '../../service/channels/channel-settings.ts';
import type { Anchors } from '../../service/inventory/anchors.ts';
import type { ChannelEntry } from '../../service/inventory/channel-entry.ts';
import type { ChannelOverride, ChannelOverrides } from '../../service/inventory/channel-overrides.ts';
import type { Channels } from '../../service/inventory/channels.ts';
import type { Crls } from '../../service/inventory/crls.ts';
import { typed } from '../../service/inventory/fingerprint.ts';
import type { Identities } from '../../service/inventory/identities.ts';
import type { Partner, Partners } from '../../service/inventory/partners.ts';
import { type ChannelOrder, type Feed, fromBase64, type Group, groupOf, toBase64 } from './feed.ts';

export interface FeedParts {
  readonly store: Store;
  readonly channels: Channels;
  readonly channelOverrides: ChannelOverrides;
  readonly identities: Identities;
  readonly partners: Partners;
  readonly anchors: Anchors;
  readonly crls: Crls;
}

/** What the inventory says to all processes together. */
export interface WholeFeed {
  readonly at: number;
  readonly anchors: readonly string[];
  readonly crls: readonly { readonly fingerprint: string; readonly id: string }[];
  readonly crlUrls: readonly string[];
  readonly channels: readonly PlacedOrder[];
}

export interface PlacedOrder extends ChannelOrder {
  readonly node: string | null;
  readonly group: Group;
  /** Where its own certificates say that their CRLs lie; none where it looks at no CRL. */
  readonly crlUrls: readonly string[];
}

/** Changes that another node, or a service that tells nobody, made are seen after this time. */
const LOOK_EVERY_MS = 400;
/** A key that could not be opened, or was not to be had just then, is tried again so often. */
const IDENTITIES_AGAIN_MS = 60_000;

/**
 * The inventory as channels see it: identities, anchors, CRLs, settings and exceptions, and whenever any of it changes.
 * The private keys of all active identities of channels are in it.
 */
export class InventoryFeed {
  readonly #parts: FeedParts;
  readonly #onError: (error: unknown) => void;
  readonly #listeners = new Set<() => void>();
  readonly #unsubscribe: (() => void)[] = [];
  #current: WholeFeed | undefined;
  /** By appliance: keys are opened once, not at every change of anything. */
  readonly #opened = new Map<string, { readonly id: string; readonly shown: ChannelOrder['identity'] }>();
  #stamp = '';
  #timer: NodeJS.Timeout | undefined;
  #refreshing: Promise<void> | undefined;
  #again = false;
  #fails = false;
  #identitiesAgain = Infinity;

  constructor(parts: FeedParts, onError: (error: unknown) => void) {
    this.#parts = parts;
    this.#onError = onError;
  }

  /** Undefined before `start`. */
  get current(): WholeFeed | undefined {
    return this.#current;
  }

  /** Called after each change. Returns how to stop that. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Begins to look, and to tell. */
  async start(): Promise<void> {
    const { identities, anchors, crls, channels, channelOverrides } = this.#parts;
    const wake = (): void => void this.refresh();
    for (const source of [identities, anchors, crls, channels, channelOverrides]) {
      this.#unsubscribe.push(source.onChange(wake));
    }
    await this.refresh();
    this.#timer = setInterval(() => void this.#look(), LOOK_EVERY_MS);
    this.#timer.unref();
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    for (const unsubscribe of this.#unsubscribe.splice(0)) unsubscribe();
    await this.#refreshing;
  }

  /** Reads everything anew; calls that come meanwhile are answered by one more reading. */
  refresh(): Promise<void> {
    if (this.#refreshing !== undefined) {
      this.#again = true;
      return this.#refreshing;
    }
    this.#refreshing = this.#read().finally(() => (this.#refreshing = undefined));
    return this.#refreshing;
  }

  async #read(): Promise<void> {
    do {
      this.#again = false;
      try {
        const stamp = await this.#readStamp();
        this.#current = await this.read();
        // Not before: what could not be read is read again.
        this.#stamp = stamp;
        this.#fails = false;
      } catch (error) {
        return this.#failed(error);
      }
      for (const listener of this.#listeners) listener();
    } while (this.#again);
  }

  async #look(): Promise<void> {
    if (this.#refreshing !== undefined) return;
    try {
      await this.#parts.channelOverrides.closeDue();
      const isNews = (await this.#readStamp()) !== this.#stamp;
      if (isNews || performance.now() >= this.#identitiesAgain) await this.refresh();
      else this.#fails = false;
    } catch (error) {
      this.#failed(error);
    }
  }

  /** Told once, not at every look. */
  #failed(error: unknown): void {
    if (!this.#fails) this.#onError(error);
    this.#fails = true;
  }

  /** Every change leaves an entry in the audit log, except CRLs that came by themselves. */
  async #readStamp(): Promise<string> {
    const { db } = this.#parts.store;
    const audit = db.selectFrom('audit').select(({ fn }) => fn.max('seq').as('last'));
    // Not by when they came: the clocks of two nodes need not agree.
    const crls = db.selectFrom('crls').select(['id', 'fingerprint']).orderBy('id');
    const [{ last }, held] = await Promise.all([audit.executeTakeFirstOrThrow(), crls.execute()]);
    return [last ?? 0, ...held.map(({ id, fingerprint }) => `${id} ${fingerprint}`)].join(' ');
  }

  /** What the inventory says now. */
  async read(): Promise<WholeFeed> {
    const { channels, channelOverrides, partners, anchors, crls } = this.#parts;
    const entries = (await channels.list()).filter(({ enabled }) => enabled);
    if (entries.length === 0) return { at: Date.now(), anchors: [], crls: [], crlUrls: [], channels: [] };
    const [allPartners, overrides, anchored, held] = await Promise.all([
      partners.list(),
      channelOverrides.recent(),
      anchors.certificates(),
      crls.list(),
    ]);
    this.#identitiesAgain = Infinity;
    const orders: PlacedOrder[] = [];
    const inUse = new Set<string>();
    for (const entry of entries) {
      const partner = allPartners.find(({ id }) => id === entry.partnerId);
      // Removed between the two questions; the next reading has neither.
      if (entry.kind === 'partner' && partner === undefined) continue;
      const shown = partner === undefined ? entry.applianceId : partner.clientApplianceId;
      if (shown !== null) inUse.add(shown);
      const identity = await this.#identity(shown).catch((error: unknown) => this.#identityBefore(entry.id, error));
      orders.push({
        settings: settingsOf(entry, partner),
        name: entry.name,
        identity,
        overrides: overrides.filter(({ channelId }) => channelId === entry.id).map(toOrder),
        node: entry.node,
        group: groupOf(entry.kind),
        crlUrls: entry.crl === 'on' ? crlUrlsOf(identity) : [],
      });
    }
    for (const id of this.#opened.keys()) if (!inUse.has(id)) this.#opened.delete(id);
    return {
      at: Date.now(),
      anchors: anchored.map(toBase64),
      crls: held.map(({ id, fingerprint }) => ({ id, fingerprint: typed(fingerprint) })),
      crlUrls: orders.some(({ settings }) => settings.crl === 'on')
        ? [...new Set([...held.flatMap(({ url }) => url ?? []), ...orders.flatMap(({ crlUrls }) => crlUrls)])]
        : [],
      channels: orders,
    };
  }

  /** A key that cannot be opened stops neither other channels nor the news of a revocation. */
  #identityBefore(channelId: string, error: unknown): ChannelOrder['identity'] {
    this.#onError(error);
    this.#identitiesAgain = performance.now() + IDENTITIES_AGAIN_MS;
    return this.#current?.channels.find(({ settings }) => settings.id === channelId)?.identity ?? null;
  }

  async #identity(applianceId: string | null): Promise<ChannelOrder['identity']> {
    const { identities } = this.#parts;
    const active = applianceId === null ? undefined : await identities.active(applianceId);
    if (applianceId === null || active === undefined) return null;
    const known = this.#opened.get(applianceId);
    if (known?.id === active.id) return known.shown;
    const material = await identities.material(applianceId);
    if (material === undefined) return null;
    const { identity, crtPem, chainPem, key } = material;
    const [leaf] = certificatesOf(crtPem);
    // A root is the other end's to have; sending it only costs bytes.
    const above = certificatesOf(chainPem ?? '').filter((der) => !parseCertificate(der).isSelfIssued);
    const shown = { chain: [leaf!, ...above].map(toBase64), key: toBase64(key) };
    key.fill(0);
    this.#opened.set(applianceId, { id: identity.id, shown });
    return shown;
  }
}

/** Of each certificate that it sends. */
function crlUrlsOf(identity: ChannelOrder['identity']): string[] {
  return (identity?.chain ?? []).flatMap((certificate) => {
    try {
      const urls = crlLocations(parseCertificate(fromBase64(certificate))).flatMap((location) => location.urls);
      return urls.filter((url) => /^http:/i.test(url)).slice(0, URLS_PER_CERTIFICATE);
    } catch (error) {
      // The rule on the certificate's form says so.
      if (error instanceof DerError) return [];
      throw error;
    }
  });
}

const certificatesOf = (pem: string): Uint8Array[] =>
  identify(Buffer.from(pem))
    .blocks.filter(({ kind }) => kind === 'certificate' || kind === 'trusted-certificate')
    .map(({ der }) => der);

function settingsOf(entry: ChannelEntry, partner: Partner | undefined): ChannelSettings {
  const { id, kind, listen, validation, crl, mode, staleCrlGraceHours, limits, allow, serverName } = entry;
  const asked = Object.entries(allow).filter(([, names]) => names.length > 0);
  const target = entry.target ?? { host: partner?.host ?? '', port: partner?.port ?? 0 };
  const common = {
    id,
    listen,
    target,
    validation,
    crl,
    staleCrlGraceHours,
    limits,
    observe: mode === 'observe',
    ...(asked.length > 0 && { allow: Object.fromEntries(asked) }),
  };
  if (kind === 'console') {
    return {
      kind,
      http: entry.http,
      ...common,
      ...(entry.targetTls !== null && { targetTls: wished(entry.targetTls) }),
    };
  }
  if (kind === 'partner') {
    const { serverName: name = null, fingerprints = [], clientApplianceId = null } = partner ?? {};
    return {
      kind,
      ...common,
      clientCertificate: clientApplianceId !== null,
      ...(name !== null && { serverName: name }),
      ...(fingerprints.length > 0 && { fingerprints }),
    };
  }
  return { kind, ...common, ...(serverName !== null && { serverName }) };
}

const wished = ({ serverName, fingerprints }: NonNullable<ChannelEntry['targetTls']>): TargetTls => ({
  ...(serverName !== null && { serverName }),
  ...(fingerprints.length > 0 && { fingerprints }),
});

const toOrder = (override: ChannelOverride): ChannelOrder['overrides'][number] => ({
  id: override.id,
  channel: override.channelId,
  overlooks: override.overlooks,
  fingerprint: override.fingerprint,
  reason: override.reason,
  by: override.openedBy,
  hours: (override.endsAt - override.openedAt) / 3_600_000,
  endsAt: override.endsAt,
  closed: override.closedAt !== null,
});

/** The part of one process; CRLs only by their fingerprints. */
export function feedOf(whole: WholeFeed, node: string | null, group: Group): Feed {
  const mine = whole.channels.filter((order) => order.node === node && (group === 'all' || order.group === group));
  const { at, anchors, crlUrls } = whole;
  return {
    format: 1,
    at,
    anchors,
    crls: whole.crls.map(({ fingerprint }) => fingerprint).toSorted(),
    crlUrls,
    channels: mine.map(({ node: _node, group: _group, crlUrls: _urls, ...order }) => order),
  };
}
