import { copyFolds, type Fold, type FoldReader, MAX_FOLDS, MAX_MARKS } from './folds.ts';

const HEADING = /^===== (.{1,200}) =====\r?$/;
/** The last line of a deployment's log says its end (deploy/engine/deployment-log.ts); it belongs to no section. */
const CLOSING = /^Deployment [A-Z_]+(?:: |\r?$)/;

/** Folds of a deployment's log: each section from its heading to the next. */
export function createSectionFolds(): FoldReader {
  const folds: Fold[] = [];
  let marks = 0;

  const read = (list: Fold[], number: number, text: string, offset: number): void => {
    marks += 1;
    const title = HEADING.exec(text)?.[1];
    if (title === undefined && !CLOSING.test(text)) return;
    const open = list.at(-1);
    if (open !== undefined && open.end === null) {
      open.end = Math.max(open.start, number - 1);
      open.endOffset = offset;
    }
    if (title === undefined || list.length >= MAX_FOLDS) return;
    list.push({
      ...{ name: `section.${list.length + 1}`, title, start: number, end: null },
      ...{ startOffset: offset, endOffset: null, durationMs: null },
    });
  };

  return {
    needles: ['===== ', 'Deployment '],
    wantsNext: false,
    get full() {
      return marks >= MAX_MARKS;
    },
    line: (number, text, offset) => read(folds, number, text, offset),
    layout: (incomplete) => {
      if (incomplete === null) return { folds, timings: [] };
      const copy = copyFolds(folds);
      read(copy, incomplete.number, incomplete.text, incomplete.offset);
      return { folds: copy, timings: [] };
    },
  };
}
