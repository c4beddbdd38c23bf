import type { FastifyRequest } from 'fastify';
import { RequestError } from './problems.ts';

/** The version that a change was made against: `If-Match: "7"`. */
export function versionAsked(request: FastifyRequest): number {
  const version = /^(?:W\/)?"(\d+)"$/.exec(request.headers['if-match'] ?? '')?.[1];
  if (version === undefined) {
    throw new RequestError(428, 'version-needed', 'Say which version you change: send its ETag as If-Match.');
  }
  return Number(version);
}

export const withVersion = <R extends { header: (name: string, value: string) => R }>(
  reply: R,
  { version }: { readonly version: number },
): R => reply.header('ETag', `"${version}"`);
