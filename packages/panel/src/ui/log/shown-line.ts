import { cells } from './heights.ts';
import { type LineText, lineText } from './line-text.ts';
import type { SourceLine } from './source.ts';

interface Shown {
  readonly text: LineText;
  readonly cells: number;
}

/** Read once for each line, however often it is drawn. */
const known = new WeakMap<SourceLine, Shown>();

export function shownLine(line: SourceLine): Shown {
  const before = known.get(line);
  if (before !== undefined) return before;
  const text = lineText(line.text);
  const shown = { text, cells: cells(text.plain) };
  known.set(line, shown);
  return shown;
}
