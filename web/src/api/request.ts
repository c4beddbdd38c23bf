import type { Problem } from '../../../src/http/contract/problem.ts';

/** The server's refusal (RFC 9457), with the findings in it; or that it did not answer. */
export class RequestFailed extends Error {
  override readonly name = 'RequestFailed';
  readonly problem: Problem;
  constructor(problem: Problem) {
    super(problem.detail ?? problem.title);
    this.problem = problem;
  }
  /** The stable part of the problem's type, to match on. */
  get code(): string {
    return this.problem.type.replace('urn:certgate:problem:', '');
  }
}

export interface RequestOptions {
  /** FormData goes as it is, a Blob as a file of its own type, everything else as JSON. */
  readonly body?: unknown;
  /** Of the thing that is changed, as it was read. */
  readonly version?: number;
  /** The same key twice is carried out once. */
  readonly idempotencyKey?: string;
  readonly signal?: AbortSignal;
}

// Only in memory: a page that was loaded again asks GET /session for it.
let csrfToken: string | undefined;
let onSignedOut: () => void = () => {};

/** What anybody may ask says nothing about the session. */
const PUBLIC = new Set(['/console', '/setup']);
let heardAt: number | undefined;

/** When the server last answered to who we are, in milliseconds; undefined: not since the page was loaded. */
export const lastHeardAt = (): number | undefined => heardAt;
export const keepCsrfToken = (token: string | undefined): void => void (csrfToken = token);
/** Called when the server no longer knows who we are. */
export const whenSignedOut = (callback: () => void): void => void (onSignedOut = callback);

const NO_ANSWER: Problem = {
  type: 'urn:certgate:problem:no-answer',
  title: 'No answer',
  status: 0,
  detail: 'The server does not answer. Nothing was lost; what you entered is still here. Try again in a moment.',
};

/** Something between us answered in the server's place: a proxy's page for signing in, for instance. */
const NOT_OURS: Problem = {
  type: 'urn:certgate:problem:not-ours',
  title: 'Not an answer of Certgate',
  status: 0,
  detail:
    'Something else answered in place of this server, perhaps a proxy that wants you to sign in. Nothing was lost; what you entered is still here. Load the page in another tab to see what it is.',
};

/** @throws {RequestFailed} */
export async function request<T>(method: string, path: string, options: RequestOptions = {}): Promise<T> {
  const { response, text } = await send(method, path, options);
  if (response.ok && !PUBLIC.has(path)) heardAt = Date.now();
  if (text === '' && response.ok) return undefined as T;
  const body = parsed(text);
  if (response.ok && body === undefined) throw new RequestFailed(NOT_OURS);
  if (response.ok) return body as T;
  const failure = new RequestFailed(isProblem(body) ? body : { ...NO_ANSWER, status: response.status });
  if (failure.code === 'not-signed-in') onSignedOut();
  throw failure;
}

interface Answer {
  readonly response: Response;
  readonly text: string;
}

/** The answer is read here, too: a connection may also break in the middle of it. */
async function send(method: string, path: string, options: RequestOptions): Promise<Answer> {
  const { body, version, idempotencyKey, signal } = options;
  // The browser gives both of them their content type.
  const isReady = body instanceof FormData || body instanceof Blob;
  const headers = new Headers();
  if (body !== undefined && !isReady) headers.set('Content-Type', 'application/json');
  if (csrfToken !== undefined && method !== 'GET') headers.set('X-CSRF-Token', csrfToken);
  if (version !== undefined) headers.set('If-Match', `"${version}"`);
  if (idempotencyKey !== undefined) headers.set('Idempotency-Key', idempotencyKey);
  try {
    const response = await fetch(`/api/v1${path}`, {
      method,
      headers,
      ...(body !== undefined && { body: isReady ? body : JSON.stringify(body) }),
      ...(signal !== undefined && { signal }),
    });
    return { response, text: await response.text() };
  } catch (error) {
    if (signal?.aborted === true) throw error;
    throw new RequestFailed(NO_ANSWER);
  }
}

export const get = <T>(path: string, signal?: AbortSignal): Promise<T> =>
  request<T>('GET', path, signal === undefined ? {} : { signal });
export const post = <T>(path: string, body?: unknown, options: Omit<RequestOptions, 'body'> = {}): Promise<T> =>
  request<T>('POST', path, { ...options, ...(body !== undefined && { body }) });

const isProblem = (body: unknown): body is Problem =>
  typeof body === 'object' && body !== null && 'type' in body && 'title' in body;

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
