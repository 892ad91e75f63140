/** `1..200`, `7`, or several of those with commas: the seeds in the order that they are given in, each once. */
export function readSeeds(text: string): number[] {
  const seeds = new Set<number>();
  for (const part of text.split(',')) {
    const [, from, to = from] = /^(\d{1,15})(?:\.\.(\d{1,15}))?$/.exec(part.trim()) ?? [];
    if (from === undefined) throw new Error(`"${part}" is no seed and no range like 1..200`);
    const [first, last] = [Number(from), Number(to)];
    if (last < first) throw new Error(`"${part}" ends before it begins`);
    if (seeds.size + last - first >= MOST) throw new Error(`more than ${MOST} seeds`);
    for (let seed = first; seed <= last; seed += 1) seeds.add(seed);
  }
  return [...seeds];
}

const MOST = 100_000;
