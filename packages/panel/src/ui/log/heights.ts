/** Where rows stand, in pixels. */
export interface Heights {
  readonly total: number;
  top(row: number): number;
  /** The row that stands at `y`. */
  rowAt(y: number): number;
  height(row: number): number;
}

/** Folds are buttons, one below the other: a target is at least 24 pixels high (WCAG 2.5.8). */
export const ROW_HEIGHT = 24;
/** Wrapped lines are of different heights, which is kept for every row: only logs up to so many can be wrapped. */
export const MOST_WRAPPED_ROWS = 20_000;

export function equalHeights(count: number): Heights {
  return {
    total: count * ROW_HEIGHT,
    top: (row) => row * ROW_HEIGHT,
    rowAt: (y) => Math.min(Math.max(0, Math.floor(y / ROW_HEIGHT)), Math.max(0, count - 1)),
    height: () => ROW_HEIGHT,
  };
}

/** `linesOf` says into how many lines a row is wrapped. */
export function wrappedHeights(count: number, linesOf: (row: number) => number): Heights {
  const tops = new Float64Array(count + 1);
  for (let row = 0; row < count; row += 1) {
    tops[row + 1] = (tops[row] ?? 0) + linesOf(row) * ROW_HEIGHT;
  }
  const top = (row: number) => tops[Math.min(Math.max(0, row), count)] ?? 0;
  return {
    total: top(count),
    top,
    rowAt: (y) => {
      let low = 0;
      let high = Math.max(0, count - 1);
      while (low < high) {
        const middle = (low + high + 1) >> 1;
        if (top(middle) <= y) low = middle;
        else high = middle - 1;
      }
      return low;
    },
    height: (row) => top(row + 1) - top(row),
  };
}

const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60]|\p{Emoji_Presentation}/u;

/** How many cells of a fixed-width font a text takes. */
export function cells(text: string): number {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the range of ASCII
  if (/^[\u0000-\u02ff]*$/.test(text)) return text.length;
  let count = 0;
  for (const character of text) {
    if (/\p{Mark}|\u200d|\ufe0f/u.test(character)) continue;
    count += WIDE.test(character) ? 2 : 1;
  }
  return count;
}
