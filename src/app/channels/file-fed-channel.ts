import type { ConfiguredChannel } from './channel-config.ts';
import { identityState, readChain, readIdentity, readTrust, trustState } from './channel-files.ts';
import { CrlFeed } from './crl-feed.ts';
import { type Held, RunningChannel, type Surroundings } from './running-channel.ts';

export interface FileSurroundings extends Surroundings {
  /** Where fetched CRLs are kept. */
  readonly crlFolder: string;
}

/** Whose CRLs are believed: the CAs above our own certificate, those that are named without one, and the anchors. */
const signersOf = ({ identity, trust }: Held, chain: readonly Uint8Array[]): Uint8Array[] => [
  ...(identity?.chain.slice(1) ?? []),
  ...chain,
  ...trust.anchors,
];

/** A channel fed from files, and CRLs from URLs. */
export class FileFedChannel {
  readonly running: RunningChannel;
  readonly #configured: ConfiguredChannel;
  /** The state of the files when they were read. */
  readonly #seen: { identity: string; trust: string };
  readonly #feed: CrlFeed;
  /** CAs that are named though no certificate of our own is below them, DER. */
  #chain: readonly Uint8Array[];

  private constructor(
    configured: ConfiguredChannel,
    running: RunningChannel,
    { seen, feed, chain }: { seen: { identity: string; trust: string }; feed: CrlFeed; chain: readonly Uint8Array[] },
  ) {
    this.#configured = configured;
    this.running = running;
    this.#seen = seen;
    this.#feed = feed;
    this.#chain = chain;
  }

  /** @throws {ChannelFileError} and errors of listening */
  static async start(configured: ConfiguredChannel, around: FileSurroundings): Promise<FileFedChannel> {
    const { files, settings } = configured;
    const seen = { identity: identityState(files), trust: trustState(files) };
    const held = { identity: await readIdentity(files), trust: readTrust(files) };
    const chain = readChain(files);
    const now = (): number => around.clock.read().now;
    const feed = new CrlFeed(around.crlFolder, { urls: files.crlUrls, everyMs: files.crlRefreshMs, now });
    if (files.crlUrls.length > 0) {
      await feed.begin(signersOf(held, chain));
      held.trust = readTrust(files, feed.crls);
    }
    const running = await RunningChannel.start(settings, around, held);
    const fed = new FileFedChannel(configured, running, { seen, feed, chain });
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
      await this.running.take('certificate', async () => {
        const [next, chain] = [await readIdentity(files), readChain(files)];
        await this.running.present(next);
        this.#chain = chain;
      });
    }
  }

  /** Asks for CRLs where it is time to; whoever calls need not wait. */
  async fetchCrls(): Promise<void> {
    const { held, core } = this.running;
    if (this.#configured.files.crlUrls.length === 0) return;
    if (!(await this.#feed.look(signersOf(held, this.#chain), core.now()))) return;
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
