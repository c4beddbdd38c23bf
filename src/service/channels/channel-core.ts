import { once } from 'node:events';
import type { Server, Socket } from 'node:net';
import type { Finding } from '../../core/base/finding.ts';
import { parseCertificate } from '../../core/x509/certificate.ts';
import type { PeerExpectation } from '../../platform/tls/peer-judge.ts';
import type { TrustOptions } from '../../platform/tls/trust.ts';
import { type Admission, admit, blocks } from './admission.ts';
import type { Overlooked } from './break-glass.ts';
import type { ChannelContext, ChannelEvent, ClosingVerdict, RefusalReason } from './channel-context.ts';
import { type ChannelLimits, type ChannelSettings, DEFAULT_LIMITS } from './channel-settings.ts';
import { Connections, LONGEST_WAIT_MS, type LiveConnection } from './connections.ts';
import { Counters } from './counters.ts';
import { join } from './join.ts';
import type { LargeReads } from './large-reads.ts';
import { judgeOwnCertificate, type OwnVerdict, trustOptionsOf } from './own-verdict.ts';
import { SourceLimit } from './source-limit.ts';
import type { TlsTarget } from './tls-target.ts';

/** For a farewell to get through to whoever reads it; others are not waited for. */
const FAREWELL_MS = 1000;

/** A connection that passed its verdict and is about to carry data. */
export interface Admitted {
  /** The side that speaks TLS. */
  readonly outer: Socket;
  /** The TCP connection that carries `outer`. */
  readonly wire: Socket;
  readonly inner: Socket;
  readonly reads?: LargeReads;
  /** `address:port`, for the log. */
  readonly peer: string;
  readonly chain: readonly Uint8Array[];
}

export interface Refusal {
  readonly findings?: readonly Finding[];
  readonly problem?: string | undefined;
  readonly fingerprint?: string | undefined;
  readonly overlookable?: readonly Overlooked[];
  /** Of the other end, for its subject. */
  readonly chain?: readonly Uint8Array[];
  /** What the other end is told before the connection goes. */
  readonly farewell?: string;
}

/** What channels of every kind have in common: own verdict, peers' verdicts, live connections, limits, log. */
export class ChannelCore {
  readonly context: ChannelContext;
  readonly connections: Connections;
  readonly counters = new Counters();
  /** Where what stands behind the channel is held to a certificate of its own. */
  target: TlsTarget | undefined;
  /** Accepted by the system, and not yet carrying data. */
  readonly #pending = new Set<Socket>();
  readonly #dials: boolean;
  #settings: ChannelSettings;
  #limits: ChannelLimits;
  #sources: SourceLimit | undefined;
  #expectation: PeerExpectation | undefined;
  #own: OwnVerdict | undefined;
  #haltedSince: number | undefined;
  #ownTimer: NodeJS.Timeout | undefined;
  #halted = false;
  #stopping = false;

  /** @param expectation of peers; undefined where they show no certificate */
  constructor(
    settings: ChannelSettings,
    context: ChannelContext,
    { dials, expectation }: { dials: boolean; expectation?: PeerExpectation },
  ) {
    this.context = context;
    this.#dials = dials;
    this.#settings = settings;
    this.#limits = { ...DEFAULT_LIMITS, ...settings.limits };
    this.#expectation = expectation;
    this.#sources = this.#newSourceLimit();
    this.connections = new Connections(
      () => this.now(),
      (connection) => this.#judgeAgain(connection),
    );
  }

  get settings(): ChannelSettings {
    return this.#settings;
  }

  get limits(): ChannelLimits {
    return this.#limits;
  }

  /** How strict to be from now on, and with whom; `sweep` applies it to what is live. */
  reconfigure(settings: ChannelSettings, expectation: PeerExpectation | undefined): void {
    const { perSourceAMinute } = this.#limits;
    this.#settings = settings;
    this.#limits = { ...DEFAULT_LIMITS, ...settings.limits };
    this.#expectation = expectation;
    if (this.#limits.perSourceAMinute !== perSourceAMinute) this.#sources = this.#newSourceLimit();
  }

  #newSourceLimit(): SourceLimit | undefined {
    // Those that dial out listen for local programs, which are few and may be busy.
    const limitsSources = !this.#dials || this.#settings.limits?.perSourceAMinute !== undefined;
    return limitsSources ? new SourceLimit(this.#limits.perSourceAMinute) : undefined;
  }

  now(): number {
    return this.context.clock.read().now;
  }

  /** What speaks against our own certificate. */
  get ownFindings(): readonly Finding[] {
    return this.#own?.findings ?? [];
  }

  /** When our own certificate's verdict changes by itself, milliseconds. */
  get ownValidUntil(): number {
    return this.#own?.validUntil ?? Infinity;
  }

  /** The last verdict on our own certificate; undefined before the first. */
  get own(): OwnVerdict | undefined {
    return this.#own;
  }

  /** No data may flow at all: our own certificate does not hold. */
  get halted(): boolean {
    return this.#halted;
  }

  /** Milliseconds; undefined while it is not halted. */
  get haltedSince(): number | undefined {
    return this.#haltedSince;
  }

  #becauseOfOwn(): Pick<Refusal, 'findings' | 'overlookable'> {
    return { findings: this.ownFindings, overlookable: this.#own?.overlookable ?? [] };
  }

  log(event: ChannelEvent, peer?: string, shown: { fingerprint?: string | undefined; subject?: string } = {}): void {
    this.counters.count(event);
    const { fingerprint, subject } = shown;
    this.context.log({
      channel: this.settings.id,
      ...(peer !== undefined && { peer }),
      ...(fingerprint !== undefined && { fingerprint }),
      ...(subject !== undefined && { subject }),
      ...event,
    });
  }

  refuse(socket: Socket, reason: RefusalReason, why: Refusal = {}, peer = nameOf(socket)): void {
    const { farewell } = why;
    this.noteRefusal(reason, why, peer);
    if (farewell === undefined) return void socket.destroy();
    socket.end(farewell);
    setTimeout(() => socket.destroy(), FAREWELL_MS).unref();
  }

  /** The line of the log, where somebody else ends the connection. */
  noteRefusal(reason: RefusalReason, why: Refusal, peer: string): void {
    const { findings = [], fingerprint, problem, overlookable = [], chain = [] } = why;
    const subject = subjectOf(chain);
    const more = { ...(overlookable.length > 0 && { overlookable }), ...(problem !== undefined && { problem }) };
    const shown = { fingerprint, ...(subject !== undefined && { subject }) };
    this.log({ event: 'refused', reason, findings, ...more }, peer, shown);
  }

  /** Before any handshake: may this one try at all? Refuses it otherwise. */
  mayTry(socket: Socket): boolean {
    socket.on('error', () => socket.destroy());
    // Gone between its arrival and now.
    if (socket.remoteAddress === undefined) {
      socket.destroy();
      return false;
    }
    const open = this.#pending.size + this.connections.size;
    if (this.#stopping) this.refuse(socket, 'stopping');
    else if (this.#halted) this.refuse(socket, 'own-certificate', this.#becauseOfOwn());
    else if (open >= this.limits.connections) this.refuse(socket, 'too-many-connections');
    else if (this.#sources?.allows(socket.remoteAddress, this.now()) === false)
      this.refuse(socket, 'too-many-attempts');
    else {
      this.#pending.add(socket);
      socket.once('close', () => this.#pending.delete(socket));
      return true;
    }
    return false;
  }

  /** The verdict on a peer that shows `chain`; synchronous. */
  admitPeer(chain: readonly Uint8Array[], time = this.now(), options = trustOptionsOf(this.#settings)): Admission {
    if (this.#expectation === undefined)
      return { admitted: true, findings: [], fingerprint: undefined, validUntil: Infinity, overlookable: [] };
    const { settings, context } = this;
    const question = { chain, expectation: this.#expectation, now: time, breakGlass: context.breakGlass };
    return admit(settings, context.trust(), question, options);
  }

  /**
   * Lets the data flow, and watches over it until it ends. Asks once more whether it may: between the verdict and now
   * somebody was waited for.
   * @param words `accept` is called before anything else is written; `farewell` is told to the other end where it may not
   */
  carry(
    { outer, wire, inner, reads, peer, chain }: Admitted,
    words: { accept?: () => void; farewell?: (findings: readonly Finding[]) => string } = {},
  ): boolean {
    const admission = this.admitPeer(chain);
    const { admitted, findings, fingerprint, validUntil, override, overlookable } = admission;
    if (this.#stopping || this.#halted || !admitted) {
      inner.destroy();
      const told = words.farewell === undefined ? {} : { farewell: words.farewell(findings) };
      if (this.#stopping) this.refuse(outer, 'stopping', {}, peer);
      else if (this.#halted) this.refuse(outer, 'own-certificate', this.#becauseOfOwn(), peer);
      else this.refuse(outer, 'peer-certificate', { findings, fingerprint, overlookable, chain, ...told }, peer);
      return false;
    }
    this.log({ event: 'accepted', findings, ...(override !== undefined && { override }) }, peer, { fingerprint });
    words.accept?.();
    let ending: Ending = { reason: 'ended' };
    const joined = join({ outer, wire, inner, ...(reads && { reads }) }, (traffic) => {
      this.connections.remove(live.id);
      const subject = ending.verdict && subjectOf(chain);
      this.log({ event: 'closed', ...ending, ...traffic }, peer, {
        fingerprint,
        ...(subject !== undefined && { subject }),
      });
    });
    const live = this.connections.add({
      peer,
      chain,
      fingerprint,
      since: this.now(),
      validUntil,
      override,
      traffic: joined.traffic,
      close: (reason, verdict) => {
        ending = { reason, ...(verdict && { verdict }) };
        if (verdict === undefined) joined.close();
        else joined.cut();
      },
    });
    return true;
  }

  /**
   * Watches over a connection of somebody who shows no certificate, and whose bytes another part carries.
   * @param cut ends it so that nothing of it gets out any more, on either side
   */
  watch(socket: Socket, peer: string, cut: () => void): boolean {
    if (this.#stopping || this.#halted) {
      this.refuse(socket, this.#stopping ? 'stopping' : 'own-certificate', this.#becauseOfOwn(), peer);
      return false;
    }
    this.log({ event: 'accepted', findings: [] }, peer);
    let ending: Ending = { reason: 'ended' };
    const traffic = () => ({ bytesIn: socket.bytesRead, bytesOut: socket.bytesWritten });
    const live = this.connections.add({
      peer,
      chain: [],
      fingerprint: undefined,
      since: this.now(),
      validUntil: Infinity,
      traffic,
      close: (reason, verdict) => {
        ending = { reason, ...(verdict && { verdict }) };
        if (verdict === undefined) socket.destroy();
        else cut();
      },
    });
    socket.once('close', () => {
      this.connections.remove(live.id);
      this.log({ event: 'closed', ...ending, ...traffic() }, peer);
    });
    return true;
  }

  /** No longer waiting: it carries data, and is counted as a connection. */
  settled(socket: Socket): void {
    this.#pending.delete(socket);
  }

  /** After a change of identity, anchors, CRLs, exceptions or policy: judges ourselves and every live connection anew. */
  sweep(): void {
    this.judgeOwn();
    this.connections.sweep((connection) => this.#judgeAgain(connection));
    this.target?.sweep();
  }

  #judgeAgain(connection: LiveConnection): void {
    if (this.#expectation === undefined) return;
    const { admitted, findings, validUntil, override, overlookable } = this.admitPeer(connection.chain);
    connection.validUntil = validUntil;
    connection.override = override;
    if (admitted) return;
    const why = findings[0]?.message ?? 'The certificate of the other end is no longer valid.';
    connection.close(why, { reason: 'peer-certificate', findings, overlookable });
  }

  /** Judges our own certificate; under mandatory validation an invalid one halts the channel, a valid one resumes it. */
  judgeOwn(): void {
    clearTimeout(this.#ownTimer);
    this.#own = this.#judgeOwnAtTime(this.now());
    const { findings, validUntil, overridden, overlookable } = this.#own;
    const halted = this.#wouldHalt(this.#own);
    if (halted && !this.#halted) {
      this.#haltedSince = this.now();
      this.log({ event: 'halted', findings, ...(overlookable.length > 0 && { overlookable }) });
      this.connections.closeAll(findings[0]!.message, { reason: 'own-certificate', findings, overlookable });
    } else if (!halted && this.#halted) {
      this.#haltedSince = undefined;
      this.log({ event: 'resumed', ...(overridden && { findings }) });
    }
    this.#halted = halted;
    if (validUntil !== Infinity) this.#judgeOwnAt(validUntil);
  }

  /** In steps, because a clock that is set forward makes no timer fire earlier. */
  #judgeOwnAt(time: number): void {
    const wait = Math.min(Math.max(time - this.now(), 0), LONGEST_WAIT_MS);
    this.#ownTimer = setTimeout(() => (this.now() >= time ? this.judgeOwn() : this.#judgeOwnAt(time)), wait);
    this.#ownTimer.unref();
  }

  /** What would speak against our own certificate at another time, with the anchors and CRLs of now. */
  ownFindingsAt(time: number): readonly Finding[] {
    return this.#judgeOwnAtTime(time).findings;
  }

  /** Whether it would be halted at another time, and why. */
  wouldHaltAt(time: number, options?: TrustOptions): { halted: boolean; findings: readonly Finding[] } {
    const verdict = this.#judgeOwnAtTime(time, options);
    return { halted: this.#wouldHalt(verdict), findings: verdict.findings };
  }

  #wouldHalt({ findings, overridden, missing }: OwnVerdict): boolean {
    // Without a certificate of its own no listener can shake hands, however lenient.
    if (missing && this.settings.kind !== 'partner') return true;
    return findings.length > 0 && !overridden && blocks(this.settings);
  }

  /** The live connections that would be closed at another time, and why. */
  wouldCloseAt(
    time: number,
    options?: TrustOptions,
  ): { peer: string; fingerprint: string | undefined; subject: string | undefined; findings: readonly Finding[] }[] {
    const peers = this.connections.list().flatMap(({ peer, chain, fingerprint }) => {
      const { admitted, findings } = this.admitPeer(chain, time, options);
      return admitted ? [] : [{ peer, fingerprint, subject: subjectOf(chain), findings }];
    });
    return [...peers, ...(this.target?.wouldCloseAt(time, options) ?? [])];
  }

  #judgeOwnAtTime(time: number, options?: TrustOptions): OwnVerdict {
    const { identity, trust, breakGlass } = this.context;
    const held = { identity: identity.current(), trust: trust(), breakGlass };
    return judgeOwnCertificate(this.settings, held, time, options);
  }

  /** Judges nothing any more: it never came to listen, or carries nothing any more. */
  giveUp(): void {
    clearTimeout(this.#ownTimer);
  }

  /** Lets live connections end for as long as `limits.drainMs`, then ends them. */
  async stop(server: Server): Promise<void> {
    const closed = once(server, 'close');
    server.close();
    this.#stopping = true;
    for (const socket of this.#pending) socket.destroy();
    const timer = setTimeout(() => this.connections.closeAll('the channel was stopped'), this.limits.drainMs);
    await closed;
    clearTimeout(timer);
    // Not before: what still lives is judged to its end.
    this.giveUp();
  }
}

/** How a connection came to its end. */
interface Ending {
  readonly reason: string;
  readonly verdict?: ClosingVerdict;
}

/** Of the first certificate; undefined where there is none, or it cannot be read. */
export function subjectOf([leaf]: readonly Uint8Array[]): string | undefined {
  try {
    return leaf && parseCertificate(leaf).subject.toString();
  } catch {
    return undefined;
  }
}

export const nameOf = (socket: Socket): string => `${socket.remoteAddress ?? '?'}:${socket.remotePort ?? '?'}`;
