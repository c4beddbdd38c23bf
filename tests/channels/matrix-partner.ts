import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { expect } from 'vitest';
import { type Rsyslog, startRsyslog } from '../peers/rsyslog.ts';
import { Bench, dialPlain, gone, pemKey } from './bench.ts';
import { type CellChannel, ChannelRun, Tap } from './field.ts';
import { expiringSoon, IMPATIENT, strangeServer, whyOf } from './matrix-peers.ts';
import type { MatrixCrls } from './matrix-crls.ts';

const SIEM = 'siem.contoso.com';
const IDS = ['good', 'expired', 'revoked', 'crl-held', 'crl-none', 'anchor', 'name', 'none', 'shown', 'tls10'] as const;
const STRANGE = ['garbage', 'halfOpen', 'slow'] as const;
type Identity = NonNullable<CellChannel['identity']>;

/** Partner channels to rsyslog, which takes syslog over TLS and writes down what it got. */
export class PartnerField {
  readonly #bench: Bench;
  readonly #crls: MatrixCrls;
  readonly #run: ChannelRun;
  /** Between channel and partner. */
  readonly #outside = new Map<string, Tap>();
  readonly #cleanUp: (() => unknown)[] = [];
  readonly #rsyslogs = new Map<string, Rsyslog>();
  #doomed!: Identity;
  #alerts = 0;

  constructor(bench: Bench, crls: MatrixCrls) {
    this.#bench = bench;
    this.#crls = crls;
    this.#run = new ChannelRun(bench);
  }

  async start(): Promise<void> {
    const name = (hostname: string): Promise<Identity> => this.#bench.identity(hostname);
    const [siem, sensor] = [await name(SIEM), await name('sensor.contoso.com')];
    this.#doomed = await name(SIEM);
    const [good, doomed, other, demanding] = await Promise.all([
      this.#rsyslog(siem),
      this.#rsyslog(this.#doomed),
      this.#rsyslog(await name('other.contoso.com')),
      this.#rsyslog(siem, true),
    ]);
    const special: Partial<Record<string, Rsyslog>> = {
      revoked: doomed,
      name: other,
      none: demanding,
      shown: demanding,
    };
    for (const id of [...IDS, ...STRANGE]) {
      const rsyslog = special[id] ?? good;
      this.#rsyslogs.set(id, rsyslog);
      const tap = await Tap.start({ host: '127.0.0.1', port: rsyslog.port });
      this.#outside.set(id, tap);
      const urls = id === 'crl-held' ? this.#crls.urls('partner') : id === 'crl-none' ? this.#crls.dead : undefined;
      this.#run.add({
        id,
        kind: 'partner',
        target: tap.at,
        ...(id === 'shown' && { identity: sensor }),
        ...(urls !== undefined && { crls: urls }),
        more: [
          `serverName: ${SIEM}`,
          // Without a certificate of our own nothing else names the CA whose CRLs come from a URL.
          ...(urls === undefined ? [] : [`chain: ${join(this.#bench.folder, 'issuing.crt')}`]),
          ...(id === 'shown' ? ['clientCertificate: true'] : []),
          ...(urls === undefined ? [] : ['crlRefreshMinutes: 0.02']),
          ...(STRANGE.some((who) => who === id) ? IMPATIENT : []),
        ],
      });
    }
    await this.#run.start();
  }

  async #rsyslog(identity: Identity, demandsClientCertificate = false): Promise<Rsyslog> {
    const rsyslog = await startRsyslog({
      certificates: identity.tls.certificates,
      key: pemKey(identity),
      authorities: readFileSync(join(this.#bench.folder, 'root.crt'), 'utf8'),
      demandsClientCertificate,
    });
    this.#cleanUp.push(() => rsyslog.stop());
    return rsyslog;
  }

  async stop(): Promise<void> {
    await this.#run.stop();
    for (const tap of this.#outside.values()) tap.stop();
    await Promise.all(this.#cleanUp.map((stop) => stop()));
  }

  /** Sends an alert as a local program does. */
  async #alert(id: string): Promise<{ socket: Socket; text: string }> {
    const socket = (await dialPlain(this.#run.at(id))).resume();
    const text = `alert ${id} ${++this.#alerts}`;
    socket.write(`<13>1 2026-01-01T00:00:00Z sensor certgate - - - ${text}.\n`);
    return { socket, text: `${text}.` };
  }

  /** Whether it came before the connection was over. */
  async #arrives(id: string, { socket, text }: { socket: Socket; text: string }): Promise<boolean> {
    while (!this.#rsyslogs.get(id)!.received().includes(text)) {
      if (socket.destroyed) return false;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return true;
  }

  async #flows(id: string): Promise<Socket> {
    const alert = await this.#alert(id);
    expect(await this.#arrives(id, alert)).toBe(true);
    return alert.socket;
  }

  /** The alert never arrives: nobody holds it any more who could still send it. */
  async #blocked(id: string): Promise<void> {
    const { socket, text } = await this.#alert(id);
    await gone(socket);
    expect(this.#rsyslogs.get(id)!.received()).not.toContain(text);
  }

  good = async (): Promise<void> => void (await this.#flows('good')).destroy();

  expired = (): Promise<void> =>
    expiringSoon(this.#bench, SIEM, async (brief) => {
      const rsyslog = await this.#rsyslog(brief);
      this.#rsyslogs.set('expired', rsyslog);
      this.#outside.get('expired')!.upstream = { host: '127.0.0.1', port: rsyslog.port };
      const alert = await this.#alert('expired');
      if (!(await this.#arrives('expired', alert))) return false;
      await gone(alert.socket);
      expect((await this.#run.line('expired', 'closed')).reason).toContain('expired');
      await this.#blocked('expired');
      return true;
    });

  revoked = async (): Promise<void> => {
    const socket = await this.#flows('revoked');
    this.#bench.revoke(this.#doomed);
    this.#run.put('revoked', 'issuing.crl');
    await gone(socket);
    expect((await this.#run.line('revoked', 'closed')).reason).toContain('revoked');
    await this.#blocked('revoked');
  };

  crlServerDown = async (): Promise<void> => {
    const socket = await this.#flows('crl-held');
    this.#crls.down('partner');
    expect((await this.#run.line('crl-held', 'crl-unreachable'))['problems'].join()).toContain('127.0.0.1');
    expect(socket.destroyed).toBe(false);
    (await this.#flows('crl-held')).destroy();
    socket.destroy();
    // And where none was ever held:
    await this.#blocked('crl-none');
    expect(whyOf(await this.#run.line('crl-none', 'refused'))).toContain('revoked cannot be told');
  };

  anchorRemoved = async (other: Bench): Promise<void> => {
    const socket = await this.#flows('anchor');
    this.#run.put('anchor', 'root.crt', other);
    await gone(socket);
    expect((await this.#run.line('anchor', 'closed'))['verdict']).toMatchObject({ findings: [{ rule: 'trust-path' }] });
    await this.#blocked('anchor');
  };

  wrongName = async (): Promise<void> => {
    await this.#blocked('name');
    const refused = await this.#run.line('name', 'refused');
    expect([refused.reason, whyOf(refused)]).toEqual([
      'peer-certificate',
      expect.stringContaining(`host name ${SIEM}`),
    ]);
  };

  /** The partner asks for one: a channel without is sent away by him, one that shows it is let in. */
  noCertificate = async (): Promise<void> => {
    await this.#blocked('none');
    (await this.#flows('shown')).destroy();
  };

  tls10 = async (): Promise<void> => {
    const { folder } = this.#run;
    writeFileSync(join(folder, 'old.crt'), this.#doomed.tls.certificates);
    writeFileSync(join(folder, 'old.key'), pemKey(this.#doomed));
    const files = ['-cert', join(folder, 'old.crt'), '-key', join(folder, 'old.key')];
    const args = ['s_server', '-accept', '127.0.0.1:0', '-tls1', '-cipher', 'ALL:@SECLEVEL=0', ...files];
    const server = spawn('openssl', args, { stdio: ['pipe', 'pipe', 'ignore'] });
    this.#cleanUp.push(() => server.kill());
    let said = '';
    server.stdout.on('data', (part: Buffer) => (said += part.toString()));
    while (!/ACCEPT .*:\d+/.test(said)) await once(server.stdout, 'data');
    this.#outside.get('tls10')!.upstream = { host: '127.0.0.1', port: Number(/ACCEPT .*:(\d+)/.exec(said)![1]) };
    await this.#blocked('tls10');
    const refused = await this.#run.line('tls10', 'refused');
    expect([refused.reason, refused['problem']]).toEqual(['handshake', expect.stringMatching(/protocol version/)]);
    expect(said).not.toContain('alert');
  };

  stranger = async (who: (typeof STRANGE)[number]): Promise<void> => {
    const strange = await strangeServer(who);
    this.#cleanUp.push(strange.stop);
    this.#outside.get(who)!.upstream = strange.at;
    const { socket } = await this.#alert(who);
    await this.good();
    await gone(socket);
    const { reason } = await this.#run.line(who, 'refused');
    expect(reason).toBe(who === 'garbage' ? 'handshake' : 'handshake-timeout');
  };
}
