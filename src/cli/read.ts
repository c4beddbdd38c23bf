import { open } from 'node:fs/promises';
import { FILE_BUDGET } from '../core/files/budget.ts';

// One more than is ever looked at, so that the report can say that the file is too large.
const MOST = FILE_BUDGET.fileOctets + 1;
const PIECE = 1 << 20;

/**
 * The bytes of a file, a pipe or a device, of more than `most` only the first: a path may name something endless.
 * @throws the system's error where it cannot be opened or read
 */
export async function readUpTo(path: string, most = MOST): Promise<Uint8Array> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    // A regular file says its size; a pipe says 0.
    const pieces: Uint8Array[] = [];
    let total = 0;
    while (total < most) {
      const piece = Buffer.allocUnsafe(Math.min(most - total, total === 0 && size > 0 ? size + 1 : PIECE));
      const { bytesRead } = await file.read(piece, 0, piece.length, null);
      if (bytesRead === 0) break;
      pieces.push(piece.subarray(0, bytesRead));
      total += bytesRead;
      // One octet more was asked for than a regular file says it has.
      if (size > 0 && bytesRead < piece.length) break;
    }
    return pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces);
  } finally {
    await file.close();
  }
}
