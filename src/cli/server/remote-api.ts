import { request as httpsRequest } from 'node:https';
import { rootCertificates, connect, type TLSSocket } from 'node:tls';
import { type Api, answer } from '../../app/host-api.ts';
import { systemReason, UsageError } from '../failure.ts';

export interface RemoteOptions {
  /** `https://gate.contoso.com:8443` */
  readonly server: string;
  /** PEM: CAs to trust beside the usual ones. */
  readonly ca?: string | undefined;
  /** SHA-256 of the server's certificate, or of any of these; in place of every other check. */
  readonly fingerprint?: string | readonly string[] | undefined;
  readonly token?: string | undefined;
}

const TIME_LIMIT_MS = 60_000;

/** The API of a server elsewhere. @throws {UsageError} where the server cannot be reached or is not who it should be */
export function openRemoteApi(options: RemoteOptions): Api {
  const url = serverUrl(options.server);
  return {
    online: true,
    async send(method, path, body, more = {}) {
      const socket = await verifiedSocket(url, options);
      const text = body === undefined ? undefined : JSON.stringify(body);
      return new Promise((resolve, reject) => {
        const request = httpsRequest(
          {
            method,
            path,
            host: url.hostname,
            port: url.port,
            createConnection: () => socket,
            timeout: TIME_LIMIT_MS,
            headers: {
              ...more,
              ...(text !== undefined && {
                'Content-Type': 'application/json',
                'Content-Length': Buffer.byteLength(text),
              }),
              ...(options.token !== undefined && { Authorization: `Bearer ${options.token}` }),
            },
          },
          (response) => {
            const chunks: Buffer[] = [];
            response.on('data', (chunk: Buffer) => chunks.push(chunk));
            response.on('end', () => {
              socket.destroy();
              resolve(answer(response.statusCode ?? 0, Buffer.concat(chunks).toString()));
            });
          },
        );
        request.on('timeout', () => request.destroy(new UsageError(`${url.host} gave no answer within a minute.`)));
        request.on('error', reject);
        request.end(text);
      });
    },
    close: () => Promise.resolve(),
  };
}

export function serverUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'https:') throw new UsageError(`--server ${text} must be like https://gate.contoso.com:8443.`);
  return url;
}

/** Nothing is sent before the server is known to be the one that is meant. */
export function verifiedSocket(url: URL, { ca, fingerprint }: RemoteOptions): Promise<TLSSocket> {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  return new Promise((resolve, reject) => {
    const socket = connect({
      host,
      port: Number(url.port || 443),
      servername: /^[\d.]+$|:/.test(host) ? '' : host,
      minVersion: 'TLSv1.2',
      rejectUnauthorized: fingerprint === undefined,
      ...(ca !== undefined && { ca: [...rootCertificates, ca] }),
    });
    socket.setTimeout(TIME_LIMIT_MS, () => socket.destroy(new UsageError(`${url.host} does not answer.`)));
    socket.once('error', (error: NodeJS.ErrnoException) => {
      reject(error instanceof UsageError ? error : new UsageError(explain(url.host, error)));
    });
    socket.once('secureConnect', () => {
      const shown = socket.getPeerCertificate().fingerprint256;
      const pinned = fingerprint === undefined ? undefined : [fingerprint].flat();
      if (pinned !== undefined && !pinned.some((pin) => plain(pin) === plain(shown))) {
        socket.destroy();
        reject(
          new UsageError(`${url.host} shows another certificate than --fingerprint names: ${shown}. Nothing was sent.`),
        );
      } else resolve(socket);
    });
  });
}

const plain = (fingerprint: string): string =>
  fingerprint
    .replace(/^\s*sha-?256(?: fingerprint)?\s*[=:]/i, '')
    .replaceAll(/[\s:.-]/g, '')
    .toLowerCase();

function explain(host: string, error: NodeJS.ErrnoException): string {
  const code = error.code ?? '';
  if (code === 'ECONNREFUSED') return `nothing listens at ${host}. Is certgate serve running there?`;
  if (code === 'ENOTFOUND') return `there is no host ${host}.`;
  if (/CERT|SELF_SIGNED|ISSUER|ERR_TLS/.test(code)) {
    return `the certificate of ${host} cannot be verified (${error.message}). Give its CA with --cacert FILE, or the SHA-256 that the host showed with --fingerprint. Nothing was sent.`;
  }
  return `${host} cannot be reached: ${systemReason(error)}.`;
}
