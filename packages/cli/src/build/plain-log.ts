/**
 * Takes the fold and timing marks (`travis_fold:start:...`, spec/travis.md 5.4) out of a log that is read on a
 * terminal. Text comes in pieces; a mark that is cut in two is held back until it is whole.
 */
export function plainLog(): { push(text: string): string; end(): string } {
  let held = '';

  return {
    push: (text) => {
      const clean = (held + text).replaceAll(MARK, '');
      const cut = startOfCutMark(clean);
      held = clean.slice(cut);
      return clean.slice(0, cut);
    },
    end: () => {
      const rest = held;
      held = '';
      return rest;
    },
  };
}

/** "Erase to the end of the line", which stands behind every mark. */
const ERASE = '\u001b[0K';
const MARK = new RegExp(`travis_(?:fold|time):[^\\r\\n]*\\r${ERASE.replace('[', '\\[')}`, 'g');
const MARKS = ['travis_fold:', 'travis_time:'];

/** Where a mark begins that has not ended yet; the text's length when there is none. */
function startOfCutMark(text: string): number {
  return Math.min(...MARKS.map((mark) => startOfCut(text, mark)));
}

function startOfCut(text: string, mark: string): number {
  const at = text.lastIndexOf(mark);
  if (at >= 0 && isUnfinished(text.slice(at))) return at;
  for (let length = mark.length - 1; length > 0; length -= 1) {
    if (text.endsWith(mark.slice(0, length))) return text.length - length;
  }
  return text.length;
}

function isUnfinished(mark: string): boolean {
  const end = mark.search(/[\r\n]/);
  if (end < 0) return true;
  return mark[end] === '\r' && ERASE.startsWith(mark.slice(end + 1));
}
