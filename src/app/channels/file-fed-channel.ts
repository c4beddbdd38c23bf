import type { ConfiguredChannel } from './channel-config.ts';
import { identityState, readIdentity, readTrust, trustState } from './channel-files.ts';
import { CrlFeed } from './crl-feed.ts';
import { type Held, RunningChannel, type Surroundings } from './running-channel.ts';

export interface FileSurroundings extends Surroundings {
  /** Where fetched CRLs are kept. */
  readonly crlFolder: string;
}

/** Whose CRLs are believed: the CAs above our own certificate, and the anchors. */
const signersOf = ({ identity, trust }: Held): Uint8Array[] => [...(identity?.chain.slice(1) ?? []), ...trust.anchors];

/** A channel fed from files, and CRLs from URLs. */
export class FileFedChannel {
  readonly running: RunningChannel;
  readonly #configured: ConfiguredChannel;
  /** The state of the files when they were read. */
  readonly #seen: { identity: string; trust: string };
  readonly #feed: CrlFeed;

  private constructor(
    configured: ConfiguredChannel,
    running: RunningChannel,
    { seen, feed }: { seen: { identity: string; trust: string }; feed: CrlFeed },
  ) {
    this.#configured = configured;
    this.running = running;
    this.#seen = seen;
    this.#feed = feed;
  }

  /** @throws {ChannelFileError} and errors of listening */
  static async start(configured: ConfiguredChannel, around: FileSurroundings): Promise<FileFedChannel> {
    const { files, settings } = configured;
    const seen = { identity: identityState(files), trust: trustState(files) };
    const held = { identity: await readIdentity(files), trust: readTrust(files) };
    const now = (): number => around.clock.read().now;
    const feed = new CrlFeed(around.crlFolder, { urls: files.crlUrls, everyMs: files.crlRefreshMs, now });
    if (files.crlUrls.length > 0) {
      await feed.begin(signersOf(held));
      held.trust = readTrust(files, feed.crls);
    }
    const fed = new FileFedChannel(configured, await RunningChannel.start(settings, around, held), { seen, feed });
    fed.#noteFailures();
    return fed;
  }

  /**
   * Takes in what changed. Trust first and by itself: a revocation does not wait for a key file that is half written.
   * What cannot be read leaves in force what was; it is tried again when its files change again.
   */
  async reload(): Promise<void> {
    const { files } = this.#configured;
    const trust = trustState(files);
    if (trust !== this.#seen.trust) {
      this.#seen.trust = trust;
      await this.#takeTrust();
    }
    const identity = identityState(files);
    if (identity !== this.#seen.identity) {
      this.#seen.identity = identity;
      await this.running.take('certificate', async () => this.running.present(await readIdentity(files)));
    }
  }

  /** Asks for CRLs where it is time to; whoever calls need not wait. */
  async fetchCrls(): Promise<void> {
    const { held, core } = this.running;
    if (this.#configured.files.crlUrls.length === 0) return;
    if (!(await this.#feed.look(signersOf(held), core.now()))) return;
    this.#noteFailures();
    if (this.#feed.failures.length > 0) this.running.say({ event: 'crl-unreachable', problems: this.#feed.failures });
    await this.#takeTrust();
  }

  #takeTrust(): Promise<void> {
    return this.running.take('trust', () => {
      this.running.held.trust = readTrust(this.#configured.files, this.#feed.crls);
    });
  }

  #noteFailures(): void {
    const { problems } = this.running;
    for (const key of problems.keys()) if (key.startsWith('crl ')) problems.delete(key);
    for (const failure of this.#feed.failures) problems.set(`crl ${failure}`, failure);
  }
}
