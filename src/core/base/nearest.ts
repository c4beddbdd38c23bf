/** How many single-letter edits lie between two words. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(substitution, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}

/** The valid word that was most likely meant; undefined where nothing is valid. */
export const nearest = (word: string, valid: Iterable<string>): string | undefined => closest(word, valid)?.[0];

/** ` Did you mean x?`, or nothing where nothing valid is like it: a wild guess helps nobody. */
export function didYouMean(word: string, valid: Iterable<string>): string {
  const best = closest(word, valid);
  return best === undefined || best[1] > Math.max(2, Math.floor(word.length / 3)) ? '' : ` Did you mean ${best[0]}?`;
}

function closest(word: string, valid: Iterable<string>): readonly [string, number] | undefined {
  const lower = word.toLowerCase();
  // A part of a name is a better hint than few edits.
  const score = (candidate: string): number =>
    distance(lower, candidate.toLowerCase()) - (lower.length > 2 && candidate.includes(lower) ? candidate.length : 0);
  return [...valid].map((candidate) => [candidate, score(candidate)] as const).toSorted((a, b) => a[1] - b[1])[0];
}
