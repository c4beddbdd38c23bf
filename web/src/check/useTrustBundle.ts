import { useQuery } from '@tanstack/react-query';

/**
 * The server's trust anchors, for a check in the page by what an upload is held against: one file, none where there is
 * no anchor. Undefined while they are not known.
 */
export function useTrustBundle(): readonly Uint8Array[] | undefined {
  const { data } = useQuery({ queryKey: ['anchors', 'bundle'], queryFn: trustBundle });
  return data;
}

async function trustBundle(): Promise<readonly Uint8Array[]> {
  const response = await fetch('/api/v1/trust-bundle');
  if (!response.ok) throw new Error(`The trust anchors cannot be had (${response.status}).`);
  const bytes = new Uint8Array(await response.arrayBuffer());
  return bytes.length === 0 ? [] : [bytes];
}
