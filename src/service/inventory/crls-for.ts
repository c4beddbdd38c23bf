import type { Crypto, CrlReply, CrlSource } from '../../core/base/ports.ts';
import { checkOpened } from '../../core/check/check-bundle.ts';
import { openBundle } from '../../core/files/open-bundle.ts';
import type { OpenCrl } from '../../core/revocation/open-crl.ts';
import type { TrustSource } from './judging.ts';

/** The CRLs that a bundle is held against, for somebody who judges it elsewhere. */
export interface CrlsFor {
  readonly held: readonly OpenCrl[];
  /** One for each URL that was asked. */
  readonly replies: readonly CrlReply<OpenCrl>[];
}

/**
 * Gathers what the gate would gather for this bundle, in the same way: by judging it and noting what it asks for.
 * @param files certificates alone, as they would be uploaded; no key
 * @param now milliseconds
 */
export async function crlsFor(
  files: { readonly crt: Uint8Array; readonly chain?: Uint8Array },
  { trust, crypto, now }: { trust: TrustSource; crypto: Crypto; now: number },
): Promise<CrlsFor> {
  const bundle = await openBundle(files, crypto);
  const held = await trust.crls(bundle);
  const replies = new Map<string, CrlReply<OpenCrl>>();
  const { crlSource } = trust;
  const noting: CrlSource<OpenCrl> | undefined = crlSource && {
    fetch: async (request) => {
      const reply = await crlSource.fetch(request);
      replies.set(request.url, reply);
      return reply;
    },
  };
  const options = { at: new Date(now), trust: await trust.anchors(), crl: 'on', heldCrls: held } as const;
  await checkOpened(bundle, { ...options, ...(noting !== undefined && { crlSource: noting }) }, crypto);
  return { held, replies: [...replies.values()].toSorted((a, b) => (a.url < b.url ? -1 : 1)) };
}
