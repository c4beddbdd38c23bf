import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import type { Address } from './channel-settings.ts';
import { cutOff } from './join.ts';
import { type Dialled, TargetError } from './tls-target.ts';

/** RFC 9110 §7.6.1: for one connection only; and what is answered here. The length of the body stays with it. */
const HOP_BY_HOP = ['connection', 'keep-alive', 'proxy-connection', 'te', 'upgrade', 'expect'];
/** Ours to say; from outside they would be believed as if we had said them. */
const FORWARDED = [
  'forwarded',
  'x-forwarded-for',
  'x-forwarded-proto',
  'x-forwarded-host',
  'x-forwarded-port',
  'x-real-ip',
];
// RFC 6797. A year, as browsers' own lists ask.
const STRICT_TRANSPORT = 'max-age=31536000';
const KEEP_ALIVE_MS = 75_000;
const HEADERS_MS = 30_000;

type Client = { readonly agent: Agent; readonly address: string; readonly inner: Set<Socket> };

/**
 * HTTP between the browser and an appliance's web console: says who asks and that it was by TLS, and tells the
 * browser to stay with TLS. WebSockets and other upgrades pass.
 */
export class HttpFront {
  readonly #target: Address;
  readonly #clients = new WeakMap<Duplex, Client>();
  readonly #server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS, headersTimeout: HEADERS_MS, requestTimeout: 0 });

  constructor(target: Address) {
    this.#target = target;
    this.#server.on('request', (asked, answer) => this.#relay(asked, answer));
    this.#server.on('upgrade', (asked, socket, head) => this.#upgrade(asked, socket, head));
    this.#server.on('clientError', (_error, socket: Duplex) => {
      if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n');
      else socket.destroy();
    });
  }

  /** Serves a client until its connection ends. @param dial connects to the target; absent: plain */
  take(socket: TLSSocket, address: string, dial?: (done: Dialled) => void): void {
    // Connections of its own for each client: some consoles sign in a connection, not a request.
    const agent = new Agent({ keepAlive: true, maxSockets: 4 });
    if (dial !== undefined) {
      Object.assign(agent, { createConnection: (_options: object, done: Dialled): void => dial(done) });
    }
    this.#clients.set(socket, { agent, address, inner: new Set() });
    socket.once('close', () => agent.destroy());
    this.#server.emit('connection', socket);
  }

  /** Ends a client's connections to the appliance, and what the system still holds for it. */
  cut(socket: TLSSocket): void {
    for (const inner of this.#clients.get(socket)?.inner ?? []) cutOff(inner);
  }

  /** Ends those that wait for a next request. */
  closeIdle(): void {
    this.#server.closeIdleConnections();
  }

  #ask(asked: IncomingMessage, more: readonly string[] = []) {
    const { agent, address, inner } = this.#clients.get(asked.socket)!;
    const { host, port } = this.#target;
    const headers = [
      ...without(asked.rawHeaders, [...HOP_BY_HOP, ...FORWARDED, ...named(asked)]),
      'X-Forwarded-For',
      address,
      'X-Forwarded-Proto',
      'https',
      ...(asked.headers.host === undefined ? [] : ['X-Forwarded-Host', asked.headers.host]),
      ...more,
    ];
    const onward = request({
      host,
      port,
      agent,
      method: asked.method,
      path: asked.url,
      headers: headers as never,
      setHost: false,
    });
    onward.once('socket', (used: Socket) => {
      // One that is kept alive comes again.
      if (inner.has(used)) return;
      inner.add(used);
      used.once('close', () => inner.delete(used));
    });
    return onward;
  }

  #relay(asked: IncomingMessage, answer: ServerResponse): void {
    const onward = this.#ask(asked);
    const fail = (error?: Error): void => {
      onward.destroy();
      if (answer.headersSent) return void answer.destroy();
      answer
        // Whoever asks again connects again, and is counted.
        .writeHead(502, 'Bad Gateway', { ...TEXT, ...(error instanceof TargetError && { Connection: 'close' }) })
        .end(whyNot(error));
    };
    onward.on('error', fail);
    onward.once('response', (answered) => {
      answered.on('error', () => answer.destroy());
      try {
        answer.writeHead(answered.statusCode!, answered.statusMessage, outward(answered) as never);
      } catch {
        // Characters that no header may have; Node reads more than it writes.
        return fail();
      }
      answered.pipe(answer);
    });
    answer.once('close', () => onward.destroy());
    asked.pipe(onward);
  }

  #upgrade(asked: IncomingMessage, socket: Duplex, head: Buffer): void {
    const onward = this.#ask(asked, ['Connection', 'Upgrade', 'Upgrade', asked.headers.upgrade ?? '']);
    const over = (): void => {
      onward.destroy();
      socket.destroy();
    };
    socket.on('error', over).once('close', over);
    onward.on('error', (error) => {
      if (!(error instanceof TargetError)) return over();
      const head = Object.entries({ ...TEXT, Connection: 'close' }).map(([name, value]) => `${name}: ${value}\r\n`);
      socket.end(`HTTP/1.1 502 Bad Gateway\r\n${head.join('')}\r\n${whyNot(error)}`);
    });
    // The appliance does not want to: its answer, and the connection is over.
    onward.once('response', (answered) => {
      socket.write(statusLine(answered, [...outward(answered), 'Connection', 'close']));
      answered.pipe(socket);
    });
    onward.once('upgrade', (answered: IncomingMessage, inner: Socket, first: Buffer) => {
      inner.on('error', over).once('close', over);
      socket.write(statusLine(answered, answered.rawHeaders));
      if (first.length > 0) socket.write(first);
      if (head.length > 0) inner.write(head);
      inner.pipe(socket);
      socket.pipe(inner);
    });
    onward.end();
  }
}

const TEXT = { 'Content-Type': 'text/plain; charset=utf-8' };
const whyNot = (error: Error | undefined): string =>
  `${error instanceof TargetError ? error.message : 'The appliance behind this address does not answer.'}\n`;

/** What the browser gets: the appliance's headers, and the order to stay with TLS. */
function outward(answered: IncomingMessage): string[] {
  const kept = without(answered.rawHeaders, [...HOP_BY_HOP, 'strict-transport-security', ...named(answered)]);
  return [...kept, 'Strict-Transport-Security', answered.headers['strict-transport-security'] ?? STRICT_TRANSPORT];
}

/** How long a message is and whom it is for is never for one connection only, whatever `Connection` says. */
const OF_THE_MESSAGE = ['content-length', 'transfer-encoding', 'host'];

/** The headers that `Connection` names as being for one connection only. */
const named = ({ headers }: IncomingMessage): string[] =>
  (headers.connection ?? '')
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => !OF_THE_MESSAGE.includes(name));

function without(rawHeaders: readonly string[], names: readonly string[]): string[] {
  const kept: string[] = [];
  for (let i = 0; i < rawHeaders.length; i += 2) {
    if (!names.includes(rawHeaders[i]!.toLowerCase())) kept.push(rawHeaders[i]!, rawHeaders[i + 1]!);
  }
  return kept;
}

function statusLine({ statusCode, statusMessage }: IncomingMessage, headers: readonly string[]): string {
  const lines = [`HTTP/1.1 ${statusCode} ${statusMessage}`];
  for (let i = 0; i < headers.length; i += 2) lines.push(`${headers[i]}: ${headers[i + 1]}`);
  return `${lines.join('\r\n')}\r\n\r\n`;
}
