import type { Crypto } from '../core/base/ports.ts';
import type { Block } from '../core/files/content.ts';
import { openKey } from '../core/files/open-key.ts';
import { keySummary } from '../core/x509/describe/key.ts';
import { type Fact, type InspectedBlock, pin, readKeyInfo } from './inspection.ts';

interface Options {
  readonly crypto: Crypto;
  readonly passphrase: Uint8Array | undefined;
  /** Of an `EC PARAMETERS` block beside the key. */
  readonly parameters: Uint8Array | undefined;
}

/** A private key: its kind, its size, how it is locked; of the key itself only the public half. */
export async function inspectKey(block: Block, { crypto, ...companions }: Options): Promise<Partial<InspectedBlock>> {
  const { pkcs8, spki, encrypted, encryption, problem } = await openKey(block, companions, crypto);
  pkcs8?.fill(0);
  block.der.fill(0);
  const facts: Fact[] = [
    { label: 'Encrypted', value: encrypted ? (encryption ?? 'yes') : 'no: whoever has the file has the key' },
  ];
  if (spki === undefined) {
    const remarks = problem === undefined ? [] : [problem.message];
    return { facts, remarks, der: EMPTY };
  }
  const key: Fact = { label: 'Key', value: keySummary(readKeyInfo(spki)) };
  return { facts: [key, ...facts, pin(crypto, spki)], spki, der: EMPTY };
}

const EMPTY = new Uint8Array(0);
