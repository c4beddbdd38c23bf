import type { Finding } from '../../../src/core/base/finding.ts';
import type { OpenedBundle } from '../../../src/core/files/bundle.ts';
import type { Block, FileContent } from '../../../src/core/files/content.ts';
import type { BundlePart, Evidence } from './request.ts';

// Eight rows of sixteen at most: what is longer shows its beginning.
const MOST = 128;
const AROUND = 16;

/** The bytes that a finding speaks of. Nothing of a key file is ever shown, not even of its ciphertext. */
export function evidenceOf(
  finding: Finding,
  bundle: OpenedBundle,
  files: { readonly [Part in BundlePart]?: Uint8Array },
): Evidence | undefined {
  const { location, status } = finding;
  if (location === undefined || status === 'pass' || status === 'not-applicable') return undefined;
  const { file } = location;
  if (file !== 'crt' && file !== 'chain') return undefined;
  const content = file === 'crt' ? bundle.crt.content : (bundle.chain?.content ?? bundle.crt.content);
  const whole = files[file] ?? files.crt;
  const isSecret = content.blocks.some(({ kind }) => kind.endsWith('private-key') || kind === 'pkcs12');
  if (location.block === undefined) return isSecret ? undefined : inFile(finding, content, whole, file);
  const block = content.blocks[location.block];
  if (block === undefined || (isSecret && block.kind !== 'certificate')) return undefined;
  if (location.offset !== undefined) {
    return { ...window(block.der, location.offset, location.length ?? 1), kind: 'der', file, block: block.index };
  }
  const fault = damaged(finding, block);
  return fault === undefined || whole === undefined || isSecret
    ? undefined
    : { ...line(whole, fault.offset), kind: 'text', file };
}

/** Of a finding about the file as such: the place it names, else how a file begins that is something else altogether. */
function inFile(
  finding: Finding,
  content: FileContent,
  whole: Uint8Array | undefined,
  file: BundlePart,
): Evidence | undefined {
  const { offset, length = 1 } = finding.location!;
  if (whole === undefined || content.repairs.utf16) return undefined;
  if (offset !== undefined) {
    return content.form === 'der' || content.form === 'binary'
      ? { ...window(whole, offset, length), kind: 'der', file }
      : { ...line(whole, offset), kind: 'text', file };
  }
  return strange(finding, content)
    ? { ...window(whole, 0, Math.min(64, whole.length)), kind: 'text', file, to: 0 }
    : undefined;
}

/** Rows of sixteen around a range. */
function window(bytes: Uint8Array, offset: number, length: number): Pick<Evidence, 'start' | 'bytes' | 'from' | 'to'> {
  const from = Math.min(offset, bytes.length);
  const to = Math.min(bytes.length, from + Math.max(1, length));
  const start = Math.max(0, from - (from % 16) - AROUND);
  const end = Math.min(bytes.length, Math.max(Math.min(to + AROUND, start + MOST), start + 32));
  return { start, bytes: bytes.slice(start, end), from, to };
}

const damaged = ({ rule }: Finding, { faults }: Block) =>
  rule === 'crt-file' || rule === 'chain-file' ? faults[0] : undefined;

/** The line around one character. */
function line(bytes: Uint8Array, at: number): Pick<Evidence, 'start' | 'bytes' | 'from' | 'to'> {
  const isEnd = (octet: number | undefined): boolean => octet === 0x0a || octet === 0x0d;
  let start = at;
  while (start > 0 && at - start < 80 && !isEnd(bytes[start - 1])) start--;
  let end = at;
  while (end < bytes.length && end - at < 80 && !isEnd(bytes[end])) end++;
  return { start, bytes: bytes.slice(start, end), from: at, to: Math.min(at + 1, end) };
}

/** A file that is something else altogether: how it begins tells most people what it is. */
const strange = ({ rule, status }: Finding, { form, blocks }: FileContent): boolean =>
  (rule === 'crt-file' || rule === 'chain-file') &&
  status === 'refused' &&
  blocks.length === 0 &&
  (form === 'html' || form === 'json' || form === 'xml' || form === 'text');
