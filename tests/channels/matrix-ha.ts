import type { Socket } from 'node:net';
import { expect } from 'vitest';
import { Bench, dialPlain, echo, EchoTarget, gone } from './bench.ts';
import { type CellChannel, ChannelRun, type LogLine, Tap } from './field.ts';
import { comesUninvited, expiringSoon, IMPATIENT, s_client, TLS_1_0, whyOf } from './matrix-peers.ts';
import type { MatrixCrls } from './matrix-crls.ts';

const LISTENER = 'ha.contoso.com';
const IDS = ['good', 'expired', 'revoked', 'crl-held', 'crl-none', 'anchor', 'name'];
const ALONE = ['none', 'tls10', 'garbage', 'halfOpen', 'slow'];

/** HA links: a process for each end, and between the ends' own programs whatever they like to say. */
export class HaField {
  readonly #bench: Bench;
  readonly #crls: MatrixCrls;
  readonly #listening: ChannelRun;
  readonly #dialling: ChannelRun;
  readonly #service = new EchoTarget();
  readonly #inside = new Map<string, Tap>();
  #doomed!: NonNullable<CellChannel['identity']>;

  constructor(bench: Bench, crls: MatrixCrls) {
    this.#bench = bench;
    this.#crls = crls;
    this.#listening = new ChannelRun(bench);
    this.#dialling = new ChannelRun(bench);
  }

  async start(): Promise<void> {
    const behind = await this.#service.start();
    const [server, sensor] = [await this.#bench.identity(LISTENER), await this.#bench.identity('sensor.contoso.com')];
    this.#doomed = await this.#bench.identity('doomed.contoso.com');
    for (const id of [...IDS, ...ALONE]) {
      const tap = await Tap.start(behind);
      this.#inside.set(id, tap);
      const urls = id === 'crl-held' ? this.#crls.urls('ha') : id === 'crl-none' ? this.#crls.dead : undefined;
      const more = [...IMPATIENT, ...(urls === undefined ? [] : ['crlRefreshMinutes: 0.02'])];
      const kind = 'ha-listener';
      this.#listening.add({ id, kind, target: tap.at, identity: server, ...(urls && { crls: urls }), more });
    }
    await this.#listening.start();
    for (const id of IDS) {
      const serverName = id === 'name' ? 'other.contoso.com' : LISTENER;
      const identity = id === 'revoked' ? this.#doomed : sensor;
      const more = [`serverName: ${serverName}`];
      this.#dialling.add({ id, kind: 'ha-connector', target: this.#listening.at(id), identity, more });
    }
    await this.#dialling.start();
  }

  async stop(): Promise<void> {
    await Promise.all([this.#listening.stop(), this.#dialling.stop()]);
    for (const tap of this.#inside.values()) tap.stop();
    this.#service.stop();
  }

  async #says(id: string, text: string): Promise<[answer: string, socket: Socket]> {
    const socket = await dialPlain(this.#dialling.at(id));
    return [await echo(socket, text), socket];
  }

  async #flows(id: string): Promise<void> {
    const [answer, socket] = await this.#says(id, 'a line of replication');
    expect(answer).toBe('a line of replication');
    socket.destroy();
  }

  async #blocked(id: string): Promise<void> {
    const tap = this.#inside.get(id)!;
    const before = [tap.connections, tap.forth, tap.back];
    const [answer] = await this.#says(id, 'a secret');
    expect(answer).toBe('');
    expect([tap.connections, tap.forth, tap.back]).toEqual(before);
  }

  async #cutOff(id: string, strike: () => void): Promise<void> {
    const [answer, socket] = await this.#says(id, 'before');
    expect(answer).toBe('before');
    strike();
    await gone(socket);
    await this.#blocked(id);
  }

  good = () => this.#flows('good');

  expired = async (): Promise<void> => {
    let shown = 0;
    await expiringSoon(this.#bench, 'brief.contoso.com', async (brief) => {
      this.#dialling.show('expired', brief);
      await this.#dialling.line('expired', 'reloaded', ({ what }) => what === 'certificate', ++shown);
      const [answer, socket] = await this.#says('expired', 'before');
      await gone(socket);
      return answer === 'before';
    });
    // Both ends see it by themselves; whichever is first ends it.
    expect(whyOf(await this.#dialling.line('expired', 'halted'))).toContain('expired');
    const isVerdict = ({ verdict }: LogLine): boolean => verdict !== undefined;
    const ends = [this.#dialling, this.#listening].map((run) => run.line('expired', 'closed', isVerdict));
    expect((await Promise.race(ends)).reason).toContain('expired');
    await this.#blocked('expired');
  };

  revoked = async (): Promise<void> => {
    // Only the listening end learns of it.
    await this.#cutOff('revoked', () => {
      this.#bench.revoke(this.#doomed);
      this.#listening.put('revoked', 'issuing.crl');
    });
    expect((await this.#listening.line('revoked', 'closed')).reason).toContain('revoked');
    const there = await this.#dialling.line('revoked', 'refused');
    expect([there.reason, whyOf(there)]).toEqual(['refused-by-other-end', expect.stringContaining('revoked')]);
  };

  crlServerDown = async (): Promise<void> => {
    await this.#flows('crl-held');
    this.#crls.down('ha');
    expect((await this.#listening.line('crl-held', 'crl-unreachable'))['problems'].join()).toContain('127.0.0.1');
    await this.#flows('crl-held');
    // And where none was ever held:
    expect(whyOf(await this.#listening.line('crl-none', 'halted'))).toContain('revoked cannot be told');
    await this.#blocked('crl-none');
  };

  anchorRemoved = async (other: Bench): Promise<void> => {
    await this.#cutOff('anchor', () => this.#listening.put('anchor', 'root.crt', other));
    const closed = await this.#listening.line('anchor', 'closed');
    expect(closed['verdict']).toMatchObject({ findings: [{ rule: 'trust-path' }] });
  };

  wrongName = async (): Promise<void> => {
    await this.#blocked('name');
    const refused = await this.#dialling.line('name', 'refused');
    expect([refused.reason, whyOf(refused)]).toEqual([
      'peer-certificate',
      expect.stringContaining('host name other.contoso.com'),
    ]);
  };

  noCertificate = async (): Promise<void> => {
    const { said } = await s_client(this.#listening.at('none'), '-quiet');
    expect(said).toContain('CERTGATE-LINK 1 refused The other end presented no certificate');
    const refused = await this.#listening.line('none', 'refused');
    expect([refused.reason, whyOf(refused)]).toEqual([
      'peer-certificate',
      expect.stringContaining('presented no certificate'),
    ]);
    expect(this.#inside.get('none')!.connections).toBe(0);
  };

  tls10 = async (): Promise<void> => {
    const { said } = await s_client(this.#listening.at('tls10'), ...TLS_1_0);
    expect(said).toContain('Cipher is (NONE)');
    const refused = await this.#listening.line('tls10', 'refused');
    expect([refused.reason, refused['problem']]).toEqual(['handshake', 'unsupported protocol']);
    expect(this.#inside.get('tls10')!.connections).toBe(0);
  };

  stranger = (who: 'garbage' | 'halfOpen' | 'slow'): Promise<void> =>
    comesUninvited(who, { run: this.#listening, id: who, inside: this.#inside.get(who)! }, () => this.#flows('good'));
}
