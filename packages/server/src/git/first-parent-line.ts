/**
 * The first-parent line of a branch, followed as it grows. A push that adds to the line keeps all that is known
 * of it: where a commit landed on the line does not change by what comes after. So a new head costs one `rev-list`
 * of what is new, where asking git anew costs three or four processes for each commit in play
 * (accepting 15 signals for new commits took 6.2 s on a busy machine).
 */
export interface FirstParentLine {
  readonly tip: string;
  /** How many first parents lie below the tip. */
  readonly depth: number;
  /**
   * Positions, counted from the root, of commits that lie on the line or were merged into it. Shared with the
   * lines that this one grew from: a position above `depth` is of a later one.
   */
  readonly positions: Map<string, number>;
  /** Those of `positions` that lie on the line itself. */
  readonly own: Set<string>;
}

/** Lines by branch; one at a time is worked on for each, so that two pushes cannot mix. */
export interface FirstParentLines {
  at(branch: string, tip: string): Promise<FirstParentLine>;
  /** What the lines alone say of two commits; null: nothing. */
  isAncestor(a: string, b: string): boolean | null;
  /** Whether a line has this commit, which is then present. */
  has(sha: string): boolean;
}

export interface LineQuestions {
  /** `git rev-list` with these arguments, line by line. */
  list(args: readonly string[]): Promise<string[]>;
  /** How many first parents lie below a commit. */
  depth(sha: string): Promise<number>;
}

/** What is kept of the lines of one repository between two questions. */
export type KeptLines = Map<string, Promise<FirstParentLine>>;

const MOST_BRANCHES = 100;
const MOST_POSITIONS = 50_000;

export function createFirstParentLines(
  { list, depth }: LineQuestions,
  kept: KeptLines,
  settled: Map<string, FirstParentLine>,
): FirstParentLines {
  const begin = async (tip: string): Promise<FirstParentLine> => {
    const position = await depth(tip);
    return { tip, depth: position, positions: new Map([[tip, position]]), own: new Set([tip]) };
  };

  const grow = async (line: FirstParentLine, tip: string): Promise<FirstParentLine> => {
    if (line.positions.size > MOST_POSITIONS) return begin(tip);
    const range = ['--end-of-options', `${line.tip}..${tip}`, '--'];
    const added = await list(['rev-list', '--first-parent', '--parents', ...range]);
    // Rewritten, or turned around by a merge that made the old head its second parent.
    if (added.at(-1)?.split(' ')[1] !== line.tip) return begin(tip);
    const top = line.depth + added.length;
    for (const [index, text] of added.entries()) {
      const sha = text.slice(0, 40);
      line.positions.set(sha, top - index);
      line.own.add(sha);
    }
    return { ...line, tip, depth: top };
  };

  return {
    at: (branch, tip) => {
      const before = kept.get(branch);
      const line = (before ?? Promise.reject(new Error('not known yet'))).then(
        (known) => (known.tip === tip ? known : grow(known, tip)),
        () => begin(tip),
      );
      kept.delete(branch);
      kept.set(branch, line);
      line.then(
        (known) => settled.set(branch, known),
        () => undefined,
      );
      const [oldest] = kept.keys();
      if (kept.size > MOST_BRANCHES && oldest !== undefined) {
        kept.delete(oldest);
        settled.delete(oldest);
      }
      return line;
    },
    isAncestor: (a, b) => {
      for (const { own, positions } of settled.values())
        if (own.has(a) && own.has(b)) return (positions.get(a) ?? 0) <= (positions.get(b) ?? 0);
      return null;
    },
    has: (sha) => [...settled.values()].some(({ own }) => own.has(sha)),
  };
}
