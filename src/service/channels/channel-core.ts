import type { Socket } from 'node:net';
import type { Finding } from '../../core/base/finding.ts';
import type { PeerExpectation } from '../../platform/tls/peer-judge.ts';
import { type Admission, admit } from './admission.ts';
import type { ChannelContext, ChannelEvent, ChannelIdentity, RefusalReason } from './channel-context.ts';
import { type ChannelLimits, type ChannelSettings, DEFAULT_LIMITS } from './channel-settings.ts';
import { Connections, type LiveConnection } from './connections.ts';
import { join } from './join.ts';
import { SourceLimit } from './source-limit.ts';

/** For a farewell to get through to whoever reads it; others are not waited for. */
const FAREWELL_MS = 1000;

/** A connection that passed its verdict and is about to carry data. */
export interface Admitted {
  readonly outer: Socket;
  readonly inner: Socket;
  /** `address:port`, for the log. */
  readonly peer: string;
  readonly chain: readonly Uint8Array[];
  readonly admission: Admission;
}

/** What channels of every kind have in common: own verdict, peers' verdicts, live connections, limits, log. */
export class ChannelCore {
  readonly settings: ChannelSettings;
  readonly context: ChannelContext;
  readonly limits: ChannelLimits;
  readonly connections: Connections;
  readonly #sources: SourceLimit;
  readonly #expectation: PeerExpectation | undefined;
  readonly #ownPurpose: 'server' | 'client';
  #ownFindings: readonly Finding[] = [];
  #ownTimer: NodeJS.Timeout | undefined;
  #halted = false;

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
    this.#sources = new SourceLimit(this.limits.perSourceAMinute);
    this.connections = new Connections(
      () => this.now(),
      (connection) => this.#judgeAgain(connection),
    );
  }

  now(): number {
    return this.context.clock.read().now;
  }

  /** Why no data may flow at all: our own certificate. Empty: it may. */
  get ownFindings(): readonly Finding[] {
    return this.#ownFindings;
  }

  get halted(): boolean {
    return this.#halted;
  }

  log(event: ChannelEvent, peer?: string, fingerprint?: string): void {
    this.context.log({
      channel: this.settings.id,
      ...(peer !== undefined && { peer }),
      ...(fingerprint !== undefined && { fingerprint }),
      ...event,
    });
  }

  /** @param farewell what the other end is told before the connection goes */
  refuse(
    socket: Socket,
    reason: RefusalReason,
    why: { findings?: readonly Finding[]; fingerprint?: string | undefined; farewell?: string } = {},
  ): void {
    const { findings = [], fingerprint, farewell } = why;
    this.log({ event: 'refused', reason, findings }, nameOf(socket), fingerprint);
    if (farewell === undefined) return void socket.destroy();
    socket.end(farewell);
    setTimeout(() => socket.destroy(), FAREWELL_MS).unref();
  }

  /** Before any handshake: may this one try at all? Refuses it otherwise. */
  mayTry(socket: Socket, open: number): boolean {
    if (this.#halted) this.refuse(socket, 'own-certificate', { findings: this.#ownFindings });
    else if (open >= this.limits.connections) this.refuse(socket, 'too-many-connections');
    else if (!this.#sources.allows(socket.remoteAddress ?? '', this.now())) this.refuse(socket, 'too-many-attempts');
    else return true;
    return false;
  }

  /** The verdict on a peer that shows `chain`; synchronous. */
  admitPeer(chain: readonly Uint8Array[], time = this.now()): Admission {
    if (this.#expectation === undefined)
      return { admitted: true, findings: [], fingerprint: undefined, validUntil: Infinity };
    const { settings, context } = this;
    const question = { chain, expectation: this.#expectation, now: time };
    return admit(settings, context.trust(), question, this.#trustOptions());
  }

  #trustOptions() {
    const { crl, staleCrlGraceHours = 0 } = this.settings;
    return { crl, staleCrlGraceMs: staleCrlGraceHours * 3_600_000 };
  }

  /** Lets the data flow, and watches over it until it ends. */
  carry({ outer, inner, peer, chain, admission }: Admitted): void {
    this.log({ event: 'accepted', findings: admission.findings }, peer, admission.fingerprint);
    let reason = 'ended';
    const joined = join(outer, inner, ({ bytesIn, bytesOut }) => {
      this.connections.remove(live.id);
      this.log({ event: 'closed', reason, bytesIn, bytesOut }, peer, admission.fingerprint);
    });
    const live = this.connections.add({
      peer,
      chain,
      fingerprint: admission.fingerprint,
      since: this.now(),
      validUntil: admission.validUntil,
      close: (why) => {
        reason = why;
        joined.close();
      },
    });
  }

  /** After a change of identity, anchors, CRLs or policy: judges ourselves and every live connection anew. */
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
    const identity = this.context.identity.current();
    const { findings, validUntil } = this.#ownVerdict(identity);
    this.#ownFindings = findings;
    const halted = findings.length > 0 && this.settings.validation === 'mandatory' && this.settings.observe !== true;
    if (halted && !this.#halted) {
      this.log({ event: 'halted', findings });
      this.connections.closeAll(findings[0]!.message);
    } else if (!halted && this.#halted) this.log({ event: 'resumed' });
    this.#halted = halted;
    if (validUntil === Infinity) return;
    this.#ownTimer = setTimeout(() => this.judgeOwn(), Math.min(Math.max(validUntil - this.now(), 0), 2 ** 30));
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

  #ownVerdict(
    identity: ChannelIdentity | undefined,
    time = this.now(),
  ): { findings: readonly Finding[]; validUntil: number } {
    const shows = this.settings.kind !== 'partner' || this.settings.clientCertificate === true;
    if (!shows) return { findings: [], validUntil: Infinity };
    const expectation = { purpose: this.#ownPurpose };
    const verdict = this.context.trust().judge(identity?.chain ?? [], expectation, time, this.#trustOptions());
    return { findings: verdict.findings, validUntil: verdict.valid ? verdict.validUntil : Infinity };
  }

  stop(): void {
    clearTimeout(this.#ownTimer);
    this.connections.closeAll('the channel was stopped');
  }
}

export const nameOf = (socket: Socket): string => `${socket.remoteAddress ?? '?'}:${socket.remotePort ?? '?'}`;
