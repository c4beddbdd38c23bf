import { request as httpRequest } from 'node:http';
import { answers } from './listen.ts';
import type { Config } from './config/config.ts';

export interface ApiAnswer {
  readonly status: number;
  /** Parsed JSON; undefined where there is none. */
  readonly body: unknown;
}

/** The API, however it is reached. */
export interface Api {
  /** Whether a running server answers. */
  readonly online: boolean;
  send(method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<ApiAnswer>;
  close(): Promise<void>;
}

/**
 * The API as the host's owner sees it: through the unix socket of the server that runs, else upon the database itself,
 * without server, network or valid certificate.
 * @throws {StoreError | VaultError}
 */
export async function openHostApi(config: Config): Promise<Api> {
  if (await answers(config.socket)) return throughSocket(config.socket);
  // The whole server is loaded only where none runs.
  const { openWithoutServer } = await import('./without-server.ts');
  return openWithoutServer(config);
}

const throughSocket = (socketPath: string): Api => ({
  online: true,
  send: (method, path, body, more = {}) =>
    new Promise((resolve, reject) => {
      const text = body === undefined ? undefined : JSON.stringify(body);
      const headers = { ...more, ...(text !== undefined && { 'Content-Type': 'application/json' }) };
      const request = httpRequest({ socketPath, method, path, headers }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => resolve(answer(response.statusCode ?? 0, Buffer.concat(chunks).toString())));
        response.on('error', reject);
      });
      request.on('error', reject);
      request.end(text);
    }),
  close: () => Promise.resolve(),
});

export const answer = (status: number, text: string): ApiAnswer => {
  try {
    return { status, body: text === '' ? undefined : (JSON.parse(text) as unknown) };
  } catch {
    return { status, body: undefined };
  }
};
