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
export function nearest(word: string, valid: readonly string[]): string | undefined {
  const lower = word.toLowerCase();
  // A part of a name is a better hint than few edits.
  const score = (candidate: string): number =>
    distance(lower, candidate.toLowerCase()) - (candidate.includes(lower) ? candidate.length : 0);
  return valid.toSorted((a, b) => score(a) - score(b))[0];
}
