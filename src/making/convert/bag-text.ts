import type { Block, FileContent } from '../../core/files/content.ts';
import type { Certificate } from '../../core/x509/certificate.ts';
import type { BagAttributes } from './bag.ts';

/** What `openssl pkcs12` writes above each block, read and written. */

/** The attributes that stand between the block before and this one. */
export function attributesAbove(bytes: Uint8Array, { blocks, repairs }: FileContent, block: Block): BagAttributes {
  if (!repairs.bagAttributes) return {};
  const before = blocks[block.index - 1];
  const start = before === undefined ? 0 : before.offset + before.length;
  const text = new TextDecoder().decode(bytes.subarray(start, block.offset));
  const friendlyName = /^\s*friendlyName: (.+?)\s*$/m.exec(text)?.[1];
  const hex = /^\s*localKeyID: ((?:[0-9A-F]{2} ?)+)\s*$/im.exec(text)?.[1];
  return {
    ...(friendlyName !== undefined && { friendlyName }),
    ...(hex !== undefined && { localKeyId: Buffer.from(hex.replaceAll(' ', ''), 'hex') }),
  };
}

/** The same text again, as OpenSSL would write it; nothing where there is nothing to say. */
export function attributesText({ friendlyName, localKeyId }: BagAttributes, certificate?: Certificate): string {
  const lines: string[] = [];
  if (localKeyId !== undefined) {
    lines.push(
      `    localKeyID: ${Buffer.from(localKeyId)
        .toString('hex')
        .toUpperCase()
        .replaceAll(/..(?=.)/g, '$& ')}`,
    );
  }
  if (friendlyName !== undefined) lines.push(`    friendlyName: ${oneLine(friendlyName)}`);
  const head = lines.length === 0 ? 'Bag Attributes: <No Attributes>\n' : `Bag Attributes\n${lines.join('\n')}\n`;
  if (certificate === undefined) return lines.length === 0 ? '' : `${head}Key Attributes: <No Attributes>\n`;
  return `${head}subject=${oneLine(certificate.subject.toString())}\nissuer=${oneLine(certificate.issuer.toString())}\n`;
}

// A name may hold line ends, and what looks like a BEGIN line; neither may stand in a PEM file as such.
const oneLine = (text: string): string => text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]/gu, ' ').replaceAll('-----', '- - -');
