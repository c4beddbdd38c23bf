import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls, type SecureContext, type TLSSocket } from 'node:tls';
import { clientContext } from '../../platform/tls/client-context.ts';
import { peerChain } from '../../platform/tls/peer-chain.ts';
import type { PeerExpectation } from '../../platform/tls/peer-judge.ts';
import type { TrustOptions } from '../../platform/tls/trust.ts';
import { type Admission, admit } from './admission.ts';
import type { RefusalReason } from './channel-context.ts';
import { type ChannelCore, type Refusal, subjectOf } from './channel-core.ts';
import { type ConsoleSettings, serverNameOf } from './channel-settings.ts';
import { Connections, type LiveConnection } from './connections.ts';
import { carriedBy, cutOff } from './join.ts';
import { trustOptionsOf } from './own-verdict.ts';

/** What stands behind a console cannot be spoken to. The message is for whoever sits at the browser. */
export class TargetError extends Error {
  override readonly name = 'TargetError';
}

export type Dialled = (error: TargetError | null, socket?: TLSSocket) => void;

/** For whom, and whether one direction may end before the other. */
interface Dial {
  readonly client: Socket;
  /** `address:port` of the client, for the log. */
  readonly peer: string;
  readonly allowHalfOpen: boolean;
}

const NOTHING = { bytesIn: 0, bytesOut: 0 };

/**
 * The web console behind a channel, where it speaks TLS itself: dials it, judges its certificate before a byte is sent,
 * and closes the connections that led to it when that no longer holds.
 */
export class TlsTarget {
  readonly #core: ChannelCore;
  readonly #context: SecureContext = clientContext(undefined);
  /** Open connections to it; `peer` is the client that each is for. */
  readonly #live: Connections;
  /** What it showed last, and since when. */
  #shown: { readonly chain: readonly Uint8Array[]; readonly since: number } | undefined;

  constructor(core: ChannelCore) {
    this.#core = core;
    this.#live = new Connections(
      () => core.now(),
      (connection) => this.#judgeAgain(connection),
    );
  }

  /** Calls `done` once: with a connection that passed the verdict, or with why there is none, which the log has, too. */
  dial({ client, peer, allowHalfOpen }: Dial, done: Dialled): void {
    const core = this.#core;
    const { host, port } = core.settings.target;
    const wire = connectTcp({ host, port, allowHalfOpen });
    let [settled, connected] = [false, false];
    const settle = (outcome: () => void): void => {
      if (settled) return;
      settled = true;
      clearTimeout(timer);
      outcome();
    };
    const fail = (reason: TargetReason, why: Refusal): void =>
      settle(() => {
        wire.destroy();
        core.noteRefusal(reason, why, peer);
        done(new TargetError(inWords(reason, why)));
      });
    const broken = (problem: string): void => fail(connected ? 'target-handshake' : 'target-unreachable', { problem });
    const timer = setTimeout(() => broken('it did not answer in time'), core.limits.handshakeMs);
    const left = (): void => {
      wire.destroy();
      settle(() => done(new TargetError('The client has gone.')));
    };
    const failed = (error: NodeJS.ErrnoException & { reason?: string }): void =>
      broken(error.reason ?? (error.message || `${error.code}`));
    client.once('close', left);
    wire.once('close', () => client.off('close', left));
    wire.on('error', failed);
    wire.once('connect', () => {
      connected = true;
      const socket = this.#overTls(wire);
      socket.on('error', failed);
      socket.once('close', () => broken('it closed the connection'));
      socket.once('secureConnect', () => judged(socket));
    });
    const judged = (socket: TLSSocket): void => {
      if (settled) return;
      // Synchronous up to here and on: nothing was written, so nothing can have leaked before the verdict.
      const chain = peerChain(socket);
      this.#shown = { chain, since: core.now() };
      const admission = this.#judge(chain);
      const { admitted, findings, fingerprint, overlookable } = admission;
      if (!admitted) return fail('target-certificate', { findings, fingerprint, overlookable, chain });
      settle(() => {
        this.#watch(socket, { peer, chain, admission });
        done(null, socket);
      });
    };
  }

  /** TLS upon a connection of our own, which can be reset: that of `tls.connect` cannot. */
  #overTls(wire: Socket): TLSSocket {
    const name = serverNameOf(dialled(this.#core)).value;
    const socket = connectTls({
      socket: wire,
      secureContext: this.#context,
      // Our verdict, synchronous in secureConnect, takes the place of OpenSSL's.
      rejectUnauthorized: false,
      ...(isIP(name) === 0 && { servername: name }),
    });
    carriedBy(socket, wire);
    return socket;
  }

  #watch(
    socket: TLSSocket,
    { peer, chain, admission }: { peer: string; chain: readonly Uint8Array[]; admission: Admission },
  ): void {
    const core = this.#core;
    const { findings, fingerprint, validUntil, override } = admission;
    const carried = override !== undefined && { override };
    const subject = subjectOf(chain);
    if (findings.length > 0) {
      const shown = { fingerprint, ...(subject !== undefined && { subject }) };
      core.log({ event: 'target-accepted', findings, ...carried }, peer, shown);
    }
    const live = this.#live.add({
      peer,
      chain,
      fingerprint,
      validUntil,
      ...carried,
      since: core.now(),
      traffic: () => NOTHING,
      // With the client: what it has open here must not go on by another connection to the same appliance unasked.
      close: (reason, verdict) => {
        core.connections
          .list()
          .find((connection) => connection.peer === peer)
          ?.close(reason, verdict);
        cutOff(socket);
      },
    });
    socket.once('close', () => this.#live.remove(live.id));
  }

  #judge(chain: readonly Uint8Array[], now = this.#core.now(), options?: TrustOptions): Admission {
    const { settings, context } = this.#core;
    const question = { chain, expectation: expectationOf(this.#core), now, breakGlass: context.breakGlass };
    return admit(settings, context.trust(), question, options ?? trustOptionsOf(settings));
  }

  #judgeAgain(connection: LiveConnection): void {
    const { admitted, findings, validUntil, override, overlookable } = this.#judge(connection.chain);
    connection.validUntil = validUntil;
    connection.override = override;
    if (admitted) return;
    const why = findings[0]?.message ?? 'The certificate of the appliance behind this channel is no longer valid.';
    connection.close(why, { reason: 'target-certificate', findings, overlookable });
  }

  /** After a change of anchors, CRLs, exceptions or policy: judges every open connection anew. */
  sweep(): void {
    this.#live.sweep((connection) => this.#judgeAgain(connection));
  }

  /** What is to be said by now of the certificate that it showed last; undefined before the first. */
  verdict(): { readonly admission: Admission; readonly since: number } | undefined {
    return this.#shown && { admission: this.#judge(this.#shown.chain), since: this.#shown.since };
  }

  /** Clients whose connection would be closed at another time, each once. */
  wouldCloseAt(time: number, options?: TrustOptions): ReturnType<ChannelCore['wouldCloseAt']> {
    const clients = new Map(this.#live.list().map((connection) => [connection.peer, connection]));
    return [...clients.values()].flatMap(({ peer, chain, fingerprint }) => {
      const { admitted, findings } = this.#judge(chain, time, options);
      return admitted ? [] : [{ peer, fingerprint, subject: subjectOf(chain), findings }];
    });
  }
}

type TargetReason = Extract<RefusalReason, `target-${string}`>;

const dialled = ({ settings }: ChannelCore) => {
  const { target, targetTls } = settings as ConsoleSettings;
  return { ...targetTls, target };
};

/** A pinned certificate need carry no name. */
function expectationOf(core: ChannelCore): PeerExpectation {
  const { fingerprints, ...named } = dialled(core);
  return { purpose: 'server', ...(fingerprints === undefined && { names: [serverNameOf(named)] }) };
}

function inWords(reason: TargetReason, { findings = [], problem = '' }: Refusal): string {
  if (reason === 'target-unreachable') return `The appliance behind this address does not answer: ${problem}.`;
  if (reason === 'target-handshake') {
    return [
      `The web console of the appliance behind this address does not agree on TLS: ${problem}.`,
      'If it is plain HTTP, take targetTls out of the channel; else it must speak TLS 1.2 or later.',
    ].join('\n');
  }
  const [finding] = findings;
  return [
    'The certificate of the appliance behind this address does not hold. Nothing was sent to it.',
    ...(finding === undefined ? [] : [finding.message]),
    ...(finding?.fix === undefined ? [] : [`Fix: ${finding.fix}`]),
  ].join('\n');
}
