/**
 * What one configuration may cost. The defaults are far above anything met in practice and low enough
 * that a hostile file is refused well within a second on a slow machine.
 */
export interface Limits {
  /** Size of the text in UTF-8 bytes. */
  maxBytes: number;
  /** Parts of the text: scalars, punctuation, runs of blanks. */
  maxTokens: number;
  /** Values in the document after all aliases and merge keys are expanded. */
  maxNodes: number;
  /** Levels of nesting. */
  maxDepth: number;
  /** Jobs the matrix may expand to, counted before anything is expanded, included jobs too. */
  maxJobs: number;
  /** Jobs times the entries of `exclude` and `allow_failures` they are compared with. */
  maxComparisons: number;
  /** Size of all expanded jobs together, in values; stops a large root from being copied into many jobs. */
  maxJobNodes: number;
}

export const defaultLimits: Limits = {
  maxBytes: 1_000_000,
  maxTokens: 60_000,
  maxNodes: 100_000,
  maxDepth: 64,
  maxJobs: 10_000,
  maxComparisons: 300_000,
  maxJobNodes: 1_000_000,
};

export const startOfFile = { line: 1, column: 1 } as const;
