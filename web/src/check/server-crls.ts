import type { z } from 'zod';
import type { crlsForAnswerSchema } from '../../../src/http/contract/trust.ts';
import type { CrlFailure } from '../../../src/core/base/ports.ts';
import { post } from '../api/request.ts';
import { fromBase64, toBase64 } from './pem.ts';
import type { FleetFacts, ServerCrls } from './request.ts';

/** Who else of the inventory has the name, the certificate or the key of the first of these certificates. */
export const fleetFor =
  (applianceId: string) =>
  ([certificate]: readonly Uint8Array[]): Promise<FleetFacts> =>
    post<FleetFacts>(`/appliances/${applianceId}/claims-for`, { certificates: [toBase64(certificate!)] });

/** The CRLs that the server holds these certificates against, fetched if need be. Sends certificates and nothing else. */
export async function serverCrlsFor(certificates: readonly Uint8Array[]): Promise<ServerCrls> {
  const { held, replies, at } = await post<z.output<typeof crlsForAnswerSchema>>('/crls/for', {
    certificates: certificates.slice(0, 20).map(toBase64),
  });
  return {
    at,
    held: held.map(fromBase64),
    replies: replies.map(({ url, from, crl, failure }) => ({
      url,
      from,
      crl: crl === undefined ? undefined : fromBase64(crl),
      failure: failure as CrlFailure | undefined,
    })),
  };
}
