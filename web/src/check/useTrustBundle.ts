import { useQuery } from '@tanstack/react-query';

/**
 * The server's trust anchors, for a check in the page by what an upload is held against: one file, none where there is
 * no anchor. Without `data` they are not known: whether the server trusts a CA, the page then cannot tell.
 */
export const useTrustBundle = () =>
  useQuery<readonly Uint8Array[]>({ queryKey: ['anchors', 'bundle'], queryFn: trustBundle });

async function trustBundle(): Promise<readonly Uint8Array[]> {
  const response = await fetch('/api/v1/trust-bundle');
  if (!response.ok) throw new Error(`The trust anchors cannot be had (${response.status}).`);
  const bytes = new Uint8Array(await response.arrayBuffer());
  return bytes.length === 0 ? [] : [bytes];
}
