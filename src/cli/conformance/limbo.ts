import { UsageError } from '../failure.ts';
import type { SuiteCase } from './suite.ts';

/** The fields of x509-limbo's schema (version 1) that decide. */
interface LimboCase {
  readonly id: string;
  readonly validation_kind: 'CLIENT' | 'SERVER';
  readonly trusted_certs: readonly string[];
  readonly untrusted_intermediates: readonly string[];
  readonly peer_certificate: string;
  readonly validation_time: string | null;
  readonly extended_key_usage: readonly string[];
  readonly key_usage: readonly string[];
  readonly expected_result: 'SUCCESS' | 'FAILURE';
  readonly expected_peer_name: { readonly kind: string; readonly value: string } | null;
  readonly expected_peer_names: readonly { readonly kind: string; readonly value: string }[];
  readonly max_chain_depth: number | null;
  readonly conflicts_with: readonly string[];
  readonly crls?: readonly string[];
}

const KINDS: Readonly<Record<string, 'dns' | 'ip' | 'email'>> = { DNS: 'dns', IP: 'ip', RFC822: 'email' };

/** https://x509-limbo.com: the original limbo.json, or a part of it. */
export function readLimbo(document: unknown, now: Date): SuiteCase[] {
  const cases = (document as { testcases?: unknown } | null)?.testcases;
  if (!Array.isArray(cases) || cases.some((entry) => typeof entry?.peer_certificate !== 'string')) {
    throw new UsageError('--limbo FILE is no limbo.json: it has no testcases with a peer_certificate.');
  }
  return (cases as LimboCase[]).map((entry) => toCase(entry, now));
}

function toCase(entry: LimboCase, now: Date): SuiteCase {
  const names = [
    ...(entry.expected_peer_name === null ? [] : [entry.expected_peer_name]),
    ...entry.expected_peer_names,
  ];
  const usages = entry.extended_key_usage;
  const client = usages.length > 0 ? usages.includes('clientAuth') : entry.validation_kind === 'CLIENT';
  const crls = entry.crls ?? [];
  return {
    id: entry.id,
    group: entry.id.startsWith('bettertls::') ? 'BetterTLS' : 'core',
    expected: entry.expected_result === 'SUCCESS' ? 'accept' : 'reject',
    conflictsWith: entry.conflicts_with,
    input: {
      leaf: fromPem(entry.peer_certificate),
      intermediates: entry.untrusted_intermediates.map(fromPem),
      trustAnchors: entry.trusted_certs.map(fromPem),
      at: entry.validation_time === null ? now : new Date(entry.validation_time),
      purpose: client ? 'client' : 'server',
      keyUsage: entry.key_usage,
      peerNames: names.map(({ kind, value }) => ({ kind: KINDS[kind]!, value })),
      ...(entry.max_chain_depth === null ? {} : { maxDepth: entry.max_chain_depth }),
      ...(crls.length === 0 ? {} : { crls: crls.map(fromPem) }),
    },
  };
}

function fromPem(pem: string): Uint8Array {
  return Buffer.from(pem.replace(/-----[^-]+-----/g, ''), 'base64');
}
