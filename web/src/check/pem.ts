import type { Block } from '../../../src/core/files/content.ts';

/** A block's bytes as PEM text. */
export function pemOf({ der }: Pick<Block, 'der'>): Uint8Array {
  const lines = toBase64(der).match(/.{1,64}/g) ?? [];
  return new TextEncoder().encode(`-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`);
}

export function toBase64(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 0x8000) text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return btoa(text);
}

export const fromBase64 = (text: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(text), (one) => one.charCodeAt(0));

/** Pieces of text files one below the other, each ending its line. */
export function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const ended = pieces.map((piece) => (piece.at(-1) === 0x0a ? piece : Uint8Array.from([...piece, 0x0a])));
  const whole = new Uint8Array(ended.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of ended) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
