import type { FoldLayout, FoldReader } from './folds.ts';

/** Where a line begins. */
export interface Place {
  /** From 1. */
  readonly line: number;
  readonly offset: number;
}

/**
 * Where the lines of a growing log are, and its folds. It is fed from its own `bytes` on and takes whole lines; of a line
 * that is longer than a chunk it takes what there is.
 */
export interface LineIndex {
  /** Taken in so far. */
  readonly bytes: number;
  /** Complete lines taken in. */
  readonly lines: number;
  /** A line was begun before `bytes` that has no end yet: a long one. */
  readonly insideLine: boolean;
  /** About what it costs in memory, in bytes. */
  readonly cost: number;
  /** Takes in what it can of `chunk`, the log's bytes from `bytes` on; answers how many. */
  push(chunk: Buffer): number;
  /** The last known place at or before `line`, at most some hundred lines or one megabyte of lines away. */
  placeBefore(line: number): Place;
  /** Folds so far; `rest` is what stands after `bytes`: the line that is being written. */
  layout(rest: Buffer): FoldLayout;
}

const PLACE_EVERY_LINES = 256;
const PLACE_EVERY_BYTES = 1_048_576;
/** Of a line with marks so much is looked at. */
const MARKED_LINE_BYTES = 8_192;
const NEWLINE = 10;

/** A line is taken in before its end once `longLineBytes` of it are there; marks in it are not looked for any more. */
export function createLineIndex(folds: FoldReader, longLineBytes = 262_144): LineIndex {
  const placeLines: number[] = [1];
  const placeOffsets: number[] = [0];
  let bytes = 0;
  let lines = 0;
  let lastPlace = 0;
  /** The line at `bytes` was begun in an earlier chunk. */
  let insideLongLine = false;

  /** Counts the lines that end in `chunk` from `from` to `to`; the chunk begins at `bytes`. */
  const count = (chunk: Buffer, from: number, to: number): void => {
    for (let at = from; at < to; at += 1) {
      if (chunk[at] !== NEWLINE) continue;
      lines += 1;
      const next = bytes + at + 1;
      if (lines % PLACE_EVERY_LINES === 0 || next - lastPlace >= PLACE_EVERY_BYTES) {
        placeLines.push(lines + 1);
        placeOffsets.push(next);
        lastPlace = next;
      }
    }
  };

  const readLine = (chunk: Buffer, start: number, end: number): void => {
    const text = chunk.toString('utf8', start, Math.min(end, start + MARKED_LINE_BYTES));
    folds.line(lines + 1, text, bytes + start);
  };

  return {
    get bytes() {
      return bytes;
    },
    get lines() {
      return lines;
    },
    get insideLine() {
      return insideLongLine;
    },
    get cost() {
      return 1_024 + placeLines.length * 16 + folds.layout(null).folds.length * 300;
    },

    push: (chunk) => {
      const end = chunk.lastIndexOf(NEWLINE) + 1;
      if (end === 0) {
        if (!insideLongLine && chunk.length < longLineBytes) return 0;
        insideLongLine = true;
        bytes += chunk.length;
        return chunk.length;
      }
      let at = 0;
      if (insideLongLine) {
        at = chunk.indexOf(NEWLINE) + 1;
        count(chunk, 0, at);
        insideLongLine = false;
      }
      const find = createFinder(chunk, end, folds.needles);
      while (at < end && !folds.full) {
        const hit = folds.wantsNext ? at : find(at);
        if (hit < 0) break;
        const lineStart = hit === 0 ? at : Math.max(at, chunk.lastIndexOf(NEWLINE, hit - 1) + 1);
        count(chunk, at, lineStart);
        const lineEnd = chunk.indexOf(NEWLINE, hit);
        readLine(chunk, lineStart, lineEnd);
        count(chunk, lineStart, lineEnd + 1);
        at = lineEnd + 1;
      }
      count(chunk, at, end);
      bytes += end;
      return end;
    },

    placeBefore: (line) => {
      let low = 0;
      let high = placeLines.length - 1;
      while (low < high) {
        const middle = (low + high + 1) >> 1;
        if ((placeLines[middle] ?? 0) <= line) low = middle;
        else high = middle - 1;
      }
      return { line: placeLines[low] ?? 1, offset: placeOffsets[low] ?? 0 };
    },

    layout: (rest) => {
      if (rest.length === 0 || insideLongLine || folds.full) return folds.layout(null);
      const text = rest.toString('utf8', 0, Math.min(rest.length, MARKED_LINE_BYTES));
      return folds.layout({ number: lines + 1, text, offset: bytes });
    },
  };
}

/** Finds the next of several needles before `end`, looking at no byte twice for the same one. */
function createFinder(chunk: Buffer, end: number, needles: readonly string[]) {
  const next = needles.map(() => -1);
  return (from: number): number => {
    let first = -1;
    needles.forEach((needle, index) => {
      let at = next[index] ?? -1;
      if (at < from) {
        at = chunk.indexOf(needle, from);
        if (at < 0 || at >= end) at = Number.POSITIVE_INFINITY;
        next[index] = at;
      }
      if (at !== Number.POSITIVE_INFINITY && (first < 0 || at < first)) first = at;
    });
    return first;
  };
}
