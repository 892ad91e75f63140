const IN_A_WORD = /[\p{L}\p{N}]/u;

/** How well a title is what somebody types: larger is better, 0 is not at all. Words may stand in any order. */
export function score(title: string, wanted: string): number {
  const words = wanted.toLowerCase().split(/\s+/).filter(Boolean);
  const where = title.toLowerCase();
  if (words.length === 0) return 1;
  let sum = 0;
  for (const word of words) {
    const worth = best(where, word);
    if (worth === 0) return 0;
    sum += worth + word.length / where.length;
  }
  return sum;
}

/** 3 for a whole word, 2 for the beginning of one, 1 for a part; the best of all places. */
function best(where: string, word: string): number {
  let found = 0;
  for (let at = where.indexOf(word); at >= 0; at = where.indexOf(word, at + 1)) {
    const begins = !IN_A_WORD.test(where[at - 1] ?? ' ');
    const ends = !IN_A_WORD.test(where[at + word.length] ?? ' ');
    found = Math.max(found, begins && ends ? 3 : begins ? 2 : 1);
  }
  return found;
}
