import { useQuery } from '@tanstack/react-query';
import { toBase64 } from '../check/pem.ts';
import type { PageCheck } from '../check/usePageCheck.ts';
import type { ChainPictureData } from '../report/chain.ts';
import { type Candidate, useTrustActions } from '../trust/api.ts';
import { sha256Hex } from './sha256.ts';
import { UnknownRoot } from './UnknownRoot.tsx';

/** The same offer before anything was sent: the server is shown the root's certificate and nothing else. */
export function RootInPage({ check: { chain, recognised } }: { check: PageCheck }) {
  const { inspect } = useTrustActions();
  const fingerprint = chain && unknownRootOf(chain);
  const certificates = recognised?.certificates ?? [];
  const { data } = useQuery({
    queryKey: ['anchors', 'inspect', fingerprint],
    queryFn: () => found(certificates, fingerprint!, inspect),
    enabled: fingerprint !== undefined,
    staleTime: Infinity,
  });
  if (fingerprint === undefined || data == null) return null;
  // Once it is an anchor, the page checks again by itself.
  return <UnknownRoot root={data.root} certificate={data.certificate} onTrusted={() => Promise.resolve()} />;
}

/** Where every signature fits, and leads to a root that is no anchor: its fingerprint. */
function unknownRootOf({ certificates, links, missing }: ChainPictureData): string | undefined {
  const root = certificates.at(-1);
  const isWhole = missing === undefined && links.every(({ state }) => state === 'verified');
  return certificates.length > 1 && isWhole && root?.role === 'root' && !root.anchor ? root.fingerprint : undefined;
}

async function found(
  certificates: readonly Uint8Array[],
  fingerprint: string,
  inspect: (certificate: string) => Promise<Candidate[]>,
): Promise<{ root: Candidate; certificate: string } | null> {
  for (const der of certificates) {
    if ((await sha256Hex(der)) !== fingerprint.replaceAll(':', '').toLowerCase()) continue;
    const certificate = toBase64(der);
    const [root] = await inspect(certificate);
    return root === undefined || root.problem !== undefined ? null : { root, certificate };
  }
  return null;
}
