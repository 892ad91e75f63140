/** A fold as its marks tell it; lines are numbered from 1. */
export interface Fold {
  readonly name: string;
  title: string | null;
  readonly start: number;
  /** Its last line; null while it is open. */
  end: number | null;
  /** In bytes, of the line it starts at and of the line after its end. */
  readonly startOffset: number;
  endOffset: number | null;
  /** Sum of what was timed inside it; null when nothing was. */
  durationMs: number | null;
}

/** A timed command that stands in no fold. */
export interface Timing {
  readonly line: number;
  readonly durationMs: number;
}

export interface FoldLayout {
  readonly folds: readonly Fold[];
  readonly timings: readonly Timing[];
}

/**
 * Finds the folds of a log in those of its lines that can matter: lines in which one of `needles` occurs, and the line after a
 * line that left `wantsNext` true. One that is `full` has seen more marks than a log has for its readers' sake.
 */
export interface FoldReader {
  readonly needles: readonly string[];
  readonly wantsNext: boolean;
  readonly full: boolean;
  /** `text` without its `\n`, may be cut off; `offset` is where the line begins. */
  line(number: number, text: string, offset: number): void;
  /** The layout so far. A line that is not complete yet may be looked at without being taken in. */
  layout(incomplete: { number: number; text: string; offset: number } | null): FoldLayout;
}

/** So many folds and timings of one log are kept, and so many marks looked at. */
export const MAX_FOLDS = 5_000;
export const MAX_MARKS = 100_000;

export const copyFolds = (folds: readonly Fold[]): Fold[] => folds.map((fold) => ({ ...fold }));
