import { once } from 'node:events';
import type { Server, Socket } from 'node:net';
import type { Finding } from '../../core/base/finding.ts';
import type { PeerExpectation } from '../../platform/tls/peer-judge.ts';
import type { TrustOptions } from '../../platform/tls/trust.ts';
import { type Admission, admit, blocks, overlooking } from './admission.ts';
import type { ChannelContext, ChannelEvent, ChannelIdentity, RefusalReason } from './channel-context.ts';
import { type ChannelLimits, type ChannelSettings, DEFAULT_LIMITS } from './channel-settings.ts';
import { Connections, LONGEST_WAIT_MS, type LiveConnection } from './connections.ts';
import { Counters } from './counters.ts';
import { join } from './join.ts';
import type { LargeReads } from './large-reads.ts';
import { SourceLimit } from './source-limit.ts';

/** For a farewell to get through to whoever reads it; others are not waited for. */
const FAREWELL_MS = 1000;

/** A connection that passed its verdict and is about to carry data. */
export interface Admitted {
  /** The side that speaks TLS. */
  readonly outer: Socket;
  readonly inner: Socket;
  readonly reads?: LargeReads;
  /** `address:port`, for the log. */
  readonly peer: string;
  readonly chain: readonly Uint8Array[];
}

interface Refusal {
  readonly findings?: readonly Finding[];
  readonly problem?: string | undefined;
  readonly fingerprint?: string | undefined;
  /** What the other end is told before the connection goes. */
  readonly farewell?: string;
}

/** What channels of every kind have in common: own verdict, peers' verdicts, live connections, limits, log. */
export class ChannelCore {
  readonly settings: ChannelSettings;
  readonly context: ChannelContext;
  readonly limits: ChannelLimits;
  readonly connections: Connections;
  readonly counters = new Counters();
  /** Accepted by the system, and not yet carrying data. */
  readonly #pending = new Set<Socket>();
  readonly #sources: SourceLimit | undefined;
  readonly #expectation: PeerExpectation | undefined;
  readonly #ownPurpose: 'server' | 'client';
  #ownFindings: readonly Finding[] = [];
  #ownValidUntil = Infinity;
  #ownTimer: NodeJS.Timeout | undefined;
  #halted = false;
  #stopping = false;

  /** @param expectation of peers; undefined where they show no certificate */
  constructor(
    settings: ChannelSettings,
    context: ChannelContext,
    { ownPurpose, expectation }: { ownPurpose: 'server' | 'client'; expectation?: PeerExpectation },
  ) {
    this.settings = settings;
    this.context = context;
    this.limits = { ...DEFAULT_LIMITS, ...settings.limits };
    this.#ownPurpose = ownPurpose;
    this.#expectation = expectation;
    // Those that dial out listen for local programs, which are few and may be busy.
    const limitsSources = ownPurpose === 'server' || settings.limits?.perSourceAMinute !== undefined;
    if (limitsSources) this.#sources = new SourceLimit(this.limits.perSourceAMinute);
    this.connections = new Connections(
      () => this.now(),
      (connection) => this.#judgeAgain(connection),
    );
  }

  now(): number {
    return this.context.clock.read().now;
  }

  /** What speaks against our own certificate. */
  get ownFindings(): readonly Finding[] {
    return this.#ownFindings;
  }

  /** When our own certificate's verdict changes by itself, milliseconds. */
  get ownValidUntil(): number {
    return this.#ownValidUntil;
  }

  /** No data may flow at all: our own certificate does not hold. */
  get halted(): boolean {
    return this.#halted;
  }

  log(event: ChannelEvent, peer?: string, fingerprint?: string): void {
    this.counters.count(event);
    this.context.log({
      channel: this.settings.id,
      ...(peer !== undefined && { peer }),
      ...(fingerprint !== undefined && { fingerprint }),
      ...event,
    });
  }

  refuse(socket: Socket, reason: RefusalReason, why: Refusal = {}, peer = nameOf(socket)): void {
    const { findings = [], fingerprint, farewell, problem } = why;
    this.log({ event: 'refused', reason, findings, ...(problem !== undefined && { problem }) }, peer, fingerprint);
    if (farewell === undefined) return void socket.destroy();
    socket.end(farewell);
    setTimeout(() => socket.destroy(), FAREWELL_MS).unref();
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
    else if (this.#halted) this.refuse(socket, 'own-certificate', { findings: this.#ownFindings });
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
  admitPeer(chain: readonly Uint8Array[], time = this.now()): Admission {
    if (this.#expectation === undefined)
      return { admitted: true, findings: [], fingerprint: undefined, validUntil: Infinity };
    const { settings, context } = this;
    const question = { chain, expectation: this.#expectation, now: time, breakGlass: context.breakGlass };
    return admit(settings, context.trust(), question, this.#trustOptions());
  }

  #trustOptions(): TrustOptions {
    const { crl, staleCrlGraceHours = 0 } = this.settings;
    return { crl, staleCrlGraceMs: staleCrlGraceHours * 3_600_000 };
  }

  /**
   * Lets the data flow, and watches over it until it ends. Asks once more whether it may: between the verdict and now
   * somebody was waited for.
   * @param words `accept` is called before anything else is written; `farewell` is told to the other end where it may not
   */
  carry(
    { outer, inner, reads, peer, chain }: Admitted,
    words: { accept?: () => void; farewell?: (findings: readonly Finding[]) => string } = {},
  ): boolean {
    const admission = this.admitPeer(chain);
    const { admitted, findings, fingerprint, validUntil, override } = admission;
    if (this.#stopping || this.#halted || !admitted) {
      inner.destroy();
      const told = words.farewell === undefined ? {} : { farewell: words.farewell(findings) };
      if (this.#stopping) this.refuse(outer, 'stopping', {}, peer);
      else if (this.#halted) this.refuse(outer, 'own-certificate', { findings: this.#ownFindings }, peer);
      else this.refuse(outer, 'peer-certificate', { findings, fingerprint, ...told }, peer);
      return false;
    }
    this.log({ event: 'accepted', findings, ...(override !== undefined && { override }) }, peer, fingerprint);
    words.accept?.();
    let reason = 'ended';
    const joined = join({ outer, inner, ...(reads && { reads }) }, (traffic) => {
      this.connections.remove(live.id);
      this.log({ event: 'closed', reason, ...traffic }, peer, fingerprint);
    });
    const live = this.connections.add({
      peer,
      chain,
      fingerprint,
      since: this.now(),
      validUntil,
      traffic: joined.traffic,
      close: (why) => {
        reason = why;
        joined.close();
      },
    });
    return true;
  }

  /** Watches over a connection of somebody who shows no certificate, and whose bytes another part carries. */
  watch(socket: Socket, peer: string): boolean {
    if (this.#stopping || this.#halted) {
      this.refuse(socket, this.#stopping ? 'stopping' : 'own-certificate', { findings: this.#ownFindings }, peer);
      return false;
    }
    this.log({ event: 'accepted', findings: [] }, peer);
    let reason = 'ended';
    const traffic = () => ({ bytesIn: socket.bytesRead, bytesOut: socket.bytesWritten });
    const live = this.connections.add({
      peer,
      chain: [],
      fingerprint: undefined,
      since: this.now(),
      validUntil: Infinity,
      traffic,
      close: (why) => {
        reason = why;
        socket.destroy();
      },
    });
    socket.once('close', () => {
      this.connections.remove(live.id);
      this.log({ event: 'closed', reason, ...traffic() }, peer);
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
  }

  #judgeAgain(connection: LiveConnection): void {
    if (this.#expectation === undefined) return;
    const { admitted, findings, validUntil } = this.admitPeer(connection.chain);
    connection.validUntil = validUntil;
    if (!admitted) connection.close(findings[0]?.message ?? 'The certificate of the other end is no longer valid.');
  }

  /** Judges our own certificate; under mandatory validation an invalid one halts the channel, a valid one resumes it. */
  judgeOwn(): void {
    clearTimeout(this.#ownTimer);
    const { findings, validUntil, overridden } = this.#ownVerdict(this.context.identity.current());
    this.#ownFindings = findings;
    this.#ownValidUntil = validUntil;
    const halted = findings.length > 0 && !overridden && blocks(this.settings);
    if (halted && !this.#halted) {
      this.log({ event: 'halted', findings });
      this.connections.closeAll(findings[0]!.message);
    } else if (!halted && this.#halted) this.log({ event: 'resumed' });
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
    return this.#ownVerdict(this.context.identity.current(), time).findings;
  }

  /** The live connections that would be closed at another time, and why. */
  wouldCloseAt(time: number): { peer: string; findings: readonly Finding[] }[] {
    return this.connections.list().flatMap(({ peer, chain }) => {
      const { admitted, findings } = this.admitPeer(chain, time);
      return admitted ? [] : [{ peer, findings }];
    });
  }

  /** `validUntil`: when it has to be looked at again. An invalid certificate may be one whose time is still to come. */
  #ownVerdict(
    identity: ChannelIdentity | undefined,
    now = this.now(),
  ): { findings: readonly Finding[]; validUntil: number; overridden: boolean } {
    const { settings, context } = this;
    const shows = settings.kind !== 'partner' || settings.clientCertificate === true;
    if (!shows) return { findings: [], validUntil: Infinity, overridden: false };
    const chain = identity?.chain ?? [];
    const expectation = { purpose: this.#ownPurpose };
    const verdict = context.trust().judge(chain, expectation, now, this.#trustOptions());
    if (verdict.valid) return { findings: [], validUntil: verdict.validUntil, overridden: false };
    const question = { chain, expectation, now, breakGlass: context.breakGlass };
    const override = overlooking(settings, context.trust(), question, verdict);
    const validUntil = Math.min(now + LOOK_AGAIN_MS, override?.endsAt ?? Infinity);
    return { findings: verdict.findings, validUntil, overridden: override !== undefined };
  }

  /** Lets live connections end for as long as `limits.drainMs`, then ends them. */
  async stop(server: Server): Promise<void> {
    const closed = once(server, 'close');
    server.close();
    this.#stopping = true;
    clearTimeout(this.#ownTimer);
    for (const socket of this.#pending) socket.destroy();
    const timer = setTimeout(() => this.connections.closeAll('the channel was stopped'), this.limits.drainMs);
    await closed;
    clearTimeout(timer);
  }
}

/** A certificate that does not hold is asked again so often, beside every change. */
const LOOK_AGAIN_MS = 10_000;

export const nameOf = (socket: Socket): string => `${socket.remoteAddress ?? '?'}:${socket.remotePort ?? '?'}`;
