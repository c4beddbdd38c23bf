import type { Duplex } from 'node:stream';

/** The path at which a process asks for its feed, on the server's unix socket or over HTTPS with a token. */
export const LINK_PATH = '/api/v1/channels/link';
/** What the HTTP connection becomes. */
export const LINK_PROTOCOL = 'certgate-channels';

const PING_EVERY_MS = 4000;
/** Three pings that did not come. */
const SILENCE_MS = 13_000;

/** One JSON object a line, both ways, over a connection that is authenticated already. */
export class FrameSocket {
  readonly #socket: Duplex & { setTimeout?(ms: number, callback?: () => void): unknown };
  readonly #longest: number;
  readonly #onFrame: (frame: unknown) => void;
  readonly #onClose: () => void;
  readonly #ping: NodeJS.Timeout;
  #silence: NodeJS.Timeout;
  #parts: Buffer[] = [];
  #size = 0;
  #closed = false;

  /** @param longest bytes of a line; more ends the connection */
  constructor(
    socket: Duplex,
    { longest, onFrame, onClose }: { longest: number; onFrame: (frame: unknown) => void; onClose: () => void },
  ) {
    this.#socket = socket;
    this.#longest = longest;
    this.#onFrame = onFrame;
    this.#onClose = onClose;
    // Whoever opened it may have set a shorter patience.
    this.#socket.setTimeout?.(0);
    this.#ping = setInterval(() => this.send({ t: 'ping' }), PING_EVERY_MS);
    this.#silence = setTimeout(() => this.close(), SILENCE_MS);
    socket.on('data', (bytes: Buffer) => this.#take(bytes));
    socket.on('error', () => this.close());
    socket.once('close', () => this.close());
    socket.once('end', () => this.close());
  }

  send(frame: object): void {
    if (!this.#closed) this.#socket.write(`${JSON.stringify(frame)}\n`);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    clearInterval(this.#ping);
    clearTimeout(this.#silence);
    this.#socket.destroy();
    this.#onClose();
  }

  #take(bytes: Buffer): void {
    this.#silence.refresh();
    let rest = bytes;
    for (let end = rest.indexOf(10); end !== -1 && !this.#closed; end = rest.indexOf(10)) {
      this.#parts.push(rest.subarray(0, end));
      const line = Buffer.concat(this.#parts).toString('utf8');
      this.#parts = [];
      this.#size = 0;
      rest = rest.subarray(end + 1);
      this.#hear(line);
    }
    if (rest.length === 0) return;
    this.#parts.push(rest);
    this.#size += rest.length;
    if (this.#size > this.#longest) this.close();
  }

  #hear(line: string): void {
    let frame: unknown;
    try {
      frame = JSON.parse(line);
    } catch {
      return this.close();
    }
    if ((frame as { t?: unknown } | null)?.t !== 'ping') this.#onFrame(frame);
  }
}
