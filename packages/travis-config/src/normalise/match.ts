/**
 * The known word `word` is probably a typo of, or undefined (spec 1.5). A third of its letters may be
 * wrong, swapped neighbours counting as one; words of up to three letters are never repaired. Of equally near candidates the
 * one sharing most letters wins, then the longest, then the first.
 */
export function nearest(word: string, known: readonly string[]): string | undefined {
  if (word.length <= 3 || word.length > 40) return undefined;
  const max = Math.min(5, Math.floor(word.length / 3));
  let best: { word: string; rank: readonly number[] } | undefined;
  for (const candidate of known) {
    if (candidate.length <= 3 || Math.abs(candidate.length - word.length) > max) continue;
    const distance = editDistance(word, candidate);
    if (distance > max) continue;
    const rank = [distance, -sharedLetters(word, candidate), -candidate.length];
    if (!best || compare(rank, best.rank) < 0) best = { word: candidate, rank };
  }
  return best?.word;
}

/** Insertions, deletions, replacements and swaps of neighbours between two words. */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replace = (last[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      let cost = Math.min(replace, (last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        cost = Math.min(cost, (beforeLast[j - 2] ?? 0) + 1);
      }
      row.push(cost);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length] ?? 0;
}

function sharedLetters(a: string, b: string): number {
  const letters = new Set(b);
  return [...new Set(a)].filter((letter) => letters.has(letter)).length;
}

function compare(a: readonly number[], b: readonly number[]): number {
  for (const [index, value] of a.entries()) {
    const other = b[index] ?? 0;
    if (value !== other) return value - other;
  }
  return 0;
}
