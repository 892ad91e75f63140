import {
  copyFolds,
  type Fold,
  type FoldReader,
  MAX_FOLDS,
  MAX_MARKS,
  type Timing,
} from './folds.ts';
import { plainText } from './plain-text.ts';

/** Marks of spec/travis.md 5.4. Each ends at a carriage return; output and further marks may follow on the same line. */
const MARK =
  /travis_fold:(start|end):([^\r\n]{1,200})|travis_time:(start|end):([0-9a-zA-Z]{1,32})(?::start=\d+,finish=\d+,duration=(\d{1,19})[^\r\n]{0,100})?/g;
/** So many lines after its mark may a fold's command stand. */
const TITLE_WITHIN = 4;
const NANOSECONDS_PER_MS = 1e6;

interface State {
  folds: Fold[];
  timings: Timing[];
  open: Fold[];
  /** Where timers that run were started, by id. */
  timers: Map<string, { line: number; fold: Fold | null }>;
  untitled: { fold: Fold; until: number } | null;
  marks: number;
}

/** Folds of a job's log: `travis_fold` and `travis_time` marks. */
export function createTravisFolds(): FoldReader {
  const state: State = {
    folds: [],
    timings: [],
    open: [],
    timers: new Map(),
    untitled: null,
    marks: 0,
  };
  return {
    needles: ['travis_fold:', 'travis_time:'],
    get wantsNext() {
      return state.untitled !== null;
    },
    get full() {
      return state.marks >= MAX_MARKS;
    },
    line: (number, text, offset) => readLine(state, number, text, offset),
    layout: (incomplete) => {
      if (incomplete === null) return state;
      const copy = copyState(state);
      readLine(copy, incomplete.number, incomplete.text, incomplete.offset);
      return copy;
    },
  };
}

function readLine(state: State, number: number, text: string, offset: number): void {
  let seen = false;
  let from = 0;
  state.marks += 1;
  for (const mark of text.matchAll(MARK)) {
    const [whole, foldWord, foldName, timeWord, timerId, nanoseconds] = mark;
    seen ||= plainText(text.slice(from, mark.index)) !== '';
    from = mark.index + whole.length;
    // The text before the mark is the command of a fold that began on this line or just before.
    giveTitle(state, number, text.slice(0, mark.index));
    if (foldWord === 'start' && foldName !== undefined) {
      startFold(state, foldName.trim(), number, offset);
    } else if (foldWord === 'end' && foldName !== undefined) {
      endFold(state, foldName.trim(), seen ? number : number - 1, offset);
    } else if (timeWord === 'start' && timerId !== undefined) {
      if (state.timers.size < MAX_FOLDS) {
        state.timers.set(timerId, { line: number, fold: state.open.at(-1) ?? null });
      }
    } else if (timeWord === 'end' && timerId !== undefined && nanoseconds !== undefined) {
      endTimer(state, timerId, Number(nanoseconds) / NANOSECONDS_PER_MS);
    }
  }
  giveTitle(state, number, text);
}

function startFold(state: State, name: string, number: number, offset: number): void {
  if (state.folds.length >= MAX_FOLDS) return;
  const fold: Fold = {
    ...{ name, title: null, start: number, end: null },
    ...{ startOffset: offset, endOffset: null, durationMs: null },
  };
  state.folds.push(fold);
  state.open.push(fold);
  state.untitled = { fold, until: number + TITLE_WITHIN };
}

/** Ends the newest open fold of that name, and with it those that began inside and were never ended. */
function endFold(state: State, name: string, last: number, endOffset: number): void {
  const at = state.open.findLastIndex((fold) => fold.name === name);
  if (at < 0) return;
  for (const fold of state.open.splice(at)) {
    fold.end = Math.max(fold.start, last);
    fold.endOffset = endOffset;
    if (state.untitled?.fold === fold) state.untitled = null;
  }
}

function endTimer(state: State, id: string, durationMs: number): void {
  const started = state.timers.get(id);
  if (started === undefined) return;
  state.timers.delete(id);
  const { fold, line } = started;
  if (fold !== null) fold.durationMs = (fold.durationMs ?? 0) + durationMs;
  else if (state.timings.length < MAX_FOLDS) state.timings.push({ line, durationMs });
}

function giveTitle(state: State, number: number, text: string): void {
  const { untitled } = state;
  if (untitled === null) return;
  // On the line of its own mark the command comes after it.
  const after = number === untitled.fold.start ? afterStart(text, untitled.fold.name) : text;
  const title = plainText(after);
  if (title !== '') {
    untitled.fold.title = title.replace(/^\$ /, '').slice(0, 300);
    state.untitled = null;
  } else if (number >= untitled.until) {
    state.untitled = null;
  }
}

function afterStart(text: string, name: string): string {
  const mark = `travis_fold:start:${name}`;
  const at = text.lastIndexOf(mark);
  return at < 0 ? '' : text.slice(at + mark.length);
}

function copyState(state: State): State {
  const folds = copyFolds(state.folds);
  const copyOf = new Map(state.folds.map((fold, index) => [fold, folds[index] ?? fold]));
  const copied = (fold: Fold) => copyOf.get(fold) ?? fold;
  return {
    ...state,
    folds,
    timings: [...state.timings],
    open: state.open.map(copied),
    timers: new Map(
      [...state.timers].map(([id, timer]) => [
        id,
        { ...timer, fold: timer.fold === null ? null : copied(timer.fold) },
      ]),
    ),
    untitled:
      state.untitled === null ? null : { ...state.untitled, fold: copied(state.untitled.fold) },
  };
}
