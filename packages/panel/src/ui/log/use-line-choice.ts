import { useEffect, useState } from 'react';
import { formatHash, type LineRange, parseHash } from './hash.ts';

export interface LineChoice {
  /** What is chosen; it stands in the address. */
  readonly range: LineRange | null;
  /** The line that was chosen last: the end of the range that moves. */
  readonly newest: number | null;
  /** `extend`: from where the range began to `line`. */
  choose(line: number, extend: boolean): void;
  clear(): void;
}

/** The lines that the address names: a link to them is the address itself. */
export function useLineChoice(onVisit: (range: LineRange) => void): LineChoice {
  const [choice, setChoice] = useState(() => begin(parseHash(location.hash)));

  useEffect(() => {
    const visit = () => {
      const range = parseHash(location.hash);
      setChoice(begin(range));
      if (range !== null) onVisit(range);
    };
    window.addEventListener('hashchange', visit);
    return () => window.removeEventListener('hashchange', visit);
  });

  const put = (next: Choice | null) => {
    setChoice(next);
    const hash = next === null ? '' : formatHash(rangeOf(next));
    // No new entry: going back leaves the page, not the line.
    history.replaceState(history.state, '', `${location.pathname}${location.search}${hash}`);
  };

  return {
    range: choice === null ? null : rangeOf(choice),
    newest: choice?.moving ?? null,
    choose: (line, extend) =>
      put(extend && choice !== null ? { ...choice, moving: line } : { fixed: line, moving: line }),
    clear: () => put(null),
  };
}

interface Choice {
  readonly fixed: number;
  readonly moving: number;
}

const begin = (range: LineRange | null): Choice | null =>
  range === null ? null : { fixed: range.first, moving: range.last };

const rangeOf = ({ fixed, moving }: Choice): LineRange => ({
  first: Math.min(fixed, moving),
  last: Math.max(fixed, moving),
});
