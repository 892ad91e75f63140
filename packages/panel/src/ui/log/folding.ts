import type { LogFold } from '@sluice/contract';

/** How a log's job or deployment stands, as far as its folds care. */
export type Outcome = 'running' | 'passed' | 'failed';

/** What the reader has opened or closed, by key of the fold. */
export type FoldChoices = ReadonlyMap<string, boolean>;

export const foldKey = (fold: Pick<LogFold, 'name' | 'start'>): string =>
  `${fold.name}@${fold.start}`;

/**
 * Whether a fold is open unless the reader says otherwise: what still runs is, what has ended is not. Of what failed the last
 * one is open, for there the cause stands.
 */
export function isOpen(
  fold: LogFold,
  folds: readonly LogFold[],
  outcome: Outcome,
  choices: FoldChoices,
): boolean {
  const chosen = choices.get(foldKey(fold));
  if (chosen !== undefined) return chosen;
  if (fold.end === null) return true;
  return outcome === 'failed' && fold === folds.at(-1);
}

/** Choices that open every fold around a line, so that it can be shown. */
export function withLineOpen(
  choices: FoldChoices,
  folds: readonly LogFold[],
  line: number,
): FoldChoices {
  const around = folds.filter((fold) => fold.start < line && line <= (fold.end ?? line));
  if (around.length === 0) return choices;
  return new Map([...choices, ...around.map((fold) => [foldKey(fold), true] as const)]);
}
