import type { SourceLine } from './source.ts';

/** Of a line that never ends so much is shown while it is written. */
const MOST_CHARACTERS = 65_536;
const MOST_LINES = 5_000;

/** The lines at a log's end, put together from the text that comes in. */
export interface LiveLines {
  /** The line that is being written or comes next. */
  readonly next: number;
  /** The first one that is still kept. */
  readonly first: number;
  /** Lines so far: the one that is being written counts once there is something in it. */
  readonly total: number;
  push(text: string, at: string | null): void;
  get(line: number): SourceLine | undefined;
}

export function createLiveLines(first: number): LiveLines {
  const lines = new Map<number, SourceLine>();
  let next = first;
  let open = '';
  let openAt: string | null = null;

  const write = (text: string, at: string | null) => {
    if (text === '') return;
    if (open === '') openAt = at;
    // What overwrites itself by carriage returns would otherwise grow without end.
    open = (open + text).slice(0, MOST_CHARACTERS);
    if (open.length === MOST_CHARACTERS && open.includes('\r')) {
      open = open.slice(open.lastIndexOf('\r', MOST_CHARACTERS - 2));
    }
    lines.set(next, { text: open, at: openAt });
  };

  return {
    get next() {
      return next;
    },
    get first() {
      return Math.max(first, next - MOST_LINES);
    },
    get total() {
      return open === '' ? next - 1 : next;
    },
    get: (line) => lines.get(line),
    push: (text, at) => {
      const pieces = text.split('\n');
      const rest = pieces.pop() ?? '';
      for (const piece of pieces) {
        write(piece, at);
        if (!lines.has(next)) lines.set(next, { text: '', at });
        open = '';
        next += 1;
        lines.delete(next - MOST_LINES - 1);
      }
      write(rest, at);
    },
  };
}
