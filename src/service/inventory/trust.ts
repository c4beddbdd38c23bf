import type { Anchors } from './anchors.ts';
import type { Crls } from './crls.ts';
import type { TrustSource } from './judging.ts';

/** The inventory's own anchors and CRLs, for the gate. */
export const inventoryTrust = (anchors: Anchors, crls: Crls): TrustSource => ({
  anchors: () => anchors.certificates(),
  crls: (bundle) => crls.forBundle(bundle),
  crlSource: crls.source,
});
